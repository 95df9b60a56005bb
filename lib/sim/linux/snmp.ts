/** Names of the counters that are counted, and their places: a packet counts several of them. */
const NAMES = [
  'Ip.InReceives',
  'Ip.InDelivers',
  'Ip.OutRequests',
  'Ip.ForwDatagrams',
  'Ip6.InReceives',
  'Ip6.InDelivers',
  'Ip6.OutRequests',
  'Ip6.OutForwDatagrams',
  'Udp.InDatagrams',
  'Udp.OutDatagrams',
  'Tcp.InSegs',
  'Tcp.OutSegs',
  'Ip.OutTransmits',
] as const;

/** Those that every packet counts, by place. */
export const IP_IN_RECEIVES = 0;
export const IP_IN_DELIVERS = 1;
export const IP_OUT_REQUESTS = 2;
export const IP_FORW_DATAGRAMS = 3;
export const IP6_IN_RECEIVES = 4;
export const IP6_IN_DELIVERS = 5;
export const IP6_OUT_REQUESTS = 6;
export const IP6_OUT_FORW_DATAGRAMS = 7;
export const UDP_IN_DATAGRAMS = 8;
export const UDP_OUT_DATAGRAMS = 9;
export const TCP_IN_SEGS = 10;
export const TCP_OUT_SEGS = 11;
export const IP_OUT_TRANSMITS = 12;

const PLACES: ReadonlyMap<string, number> = new Map(NAMES.map((name, i) => [name, i]));

/** A namespace's SNMP counters. */
export class SnmpCounters {
  /** The frequent ones. */
  private readonly hot: number[] = NAMES.map(() => 0);
  private readonly others = new Map<string, number>();

  /** A counter by its name, `Ip.InReceives`. */
  get(name: string): number {
    const place = PLACES.get(name);
    return (place === undefined ? this.others.get(name) : this.hot[place]) ?? 0;
  }

  /** Adds to one of the frequent counters. */
  bump(place: number): void {
    this.hot[place] = (this.hot[place] as number) + 1;
  }

  add(name: string, by: number): void {
    const place = PLACES.get(name);
    if (place === undefined) this.others.set(name, (this.others.get(name) ?? 0) + by);
    else this.hot[place] = (this.hot[place] as number) + by;
  }
}
