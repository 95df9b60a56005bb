/** What a link kind is to the kernel: rtnl_link_ops and the parts of net_device_ops that configuration needs. */
import type { Mac } from '../../addr/mac.ts';
import type { World } from '../../kernel/world.ts';
import type { Link, LinkData, NetNs, NlError } from '../types.ts';

/** A request for a new link: RTM_NEWLINK. Everything not given takes the kind's default. */
export interface LinkSpec {
  kind: string;
  name?: string;
  mac?: Mac;
  mtu?: number;
  txqlen?: number;
  /** IFLA_LINK: ifindex of the lower device, in `lowerNs` or the link's own namespace. */
  lower?: number;
  lowerNs?: NetNs;
  ifindex?: number;
  group?: number;
  txQueues?: number;
  rxQueues?: number;
  brd?: Mac;
  up?: boolean;
  /** Attributes of the kind by the word `ip link … type KIND` has for them. */
  data?: Record<string, unknown>;
  /** The other end of a veth pair. */
  peer?: Omit<LinkSpec, 'kind'>;
  peerNs?: NetNs;
}

/** What {@link LinkKind.create} answers: the kind's data and what follows from it. */
export interface Created {
  data: LinkData;
  mac?: Mac;
  /** The address is the kind's, whatever the request says. */
  forceMac?: boolean;
  mtu?: number;
  lower?: number;
  lowerNs?: number;
  noarp?: boolean;
}

export interface LinkKind {
  kind: string;
  /** What `link/…` shows: ARPHRD_*. */
  linkType: 'ether' | 'loopback' | 'ipip' | 'gre' | 'none';
  /** Interface flags besides those that state decides, in `ip`'s order. */
  flags: readonly ('LOOPBACK' | 'BROADCAST' | 'POINTOPOINT' | 'MULTICAST' | 'MASTER')[];
  noarp?: boolean;
  mtu: number;
  /** Bounds of the MTU; a maximum of 0 means none. */
  minMtu: number;
  maxMtu: number;
  /** Bounds of one device that differ from its kind's. */
  mtuBounds?(link: Link): [min: number, max: number] | null;
  /** What ndo_change_mtu refuses besides. */
  mtuError?(link: Link, mtu: number): NlError | null;
  queues: 1 | 2;
  /** net_device.tso_max_size. */
  tsoMax?: number;
  /** Driver name pattern for links made without a name. */
  nameTemplate: string;
  /** Length of the transmit queue, 1000 unless said. */
  txqlen?: number;
  /** Queueing discipline it gets when it first comes up, `noqueue` unless said. */
  qdisc?: string;
  /** Whether the state of the carrier is watched (IF_OPER_UP/DOWN) or stays IF_OPER_UNKNOWN. */
  watched: boolean;
  /** Carrier of an administratively up device. */
  carrier(world: World, ns: NetNs, link: Link): boolean;
  /** Checks the request; answers the link's data, or the error of newlink(). */
  create(world: World, ns: NetNs, spec: LinkSpec): Created | NlError;
  /** After the link is registered. */
  registered?(world: World, ns: NetNs, link: Link, spec: LinkSpec): NlError | null;
  /** changelink(): `ip link set … type KIND …`. */
  change?(world: World, ns: NetNs, link: Link, data: Record<string, unknown>): NlError | null;
  /** ndo_open() and ndo_stop(): the device goes up, goes down or goes away. */
  open?(world: World, ns: NetNs, link: Link): NlError | null;
  stop?(world: World, ns: NetNs, link: Link): void;
  /** Whether it may leave its namespace (NETIF_F_NETNS_LOCAL otherwise). */
  movable?: boolean;
}

/** Types a link kind. */
export const defineLinkKind = (kind: LinkKind): LinkKind => kind;

/** Whether a value is a netlink error. */
export const isNlError = (value: unknown): value is NlError =>
  typeof value === 'object' && value !== null && 'errno' in value;
