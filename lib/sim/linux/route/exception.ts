/** A path MTU that a router told: a nexthop exception. */
export interface LearnedMtu {
  mtu: number;
  expires: number;
  locked: boolean;
  /** When a packet was last routed by it, virtual microseconds. */
  used?: number;
}
