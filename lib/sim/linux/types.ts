/**
 * The state of one Linux host's networking, as plain data. Behaviour stands beside it: `link/`, `route/`, `neigh/`
 * change configuration as netlink does, `stack/` moves packets, `netfilter/` and `conntrack/` judge them.
 */

import type { Ip, Ip4, Prefix } from '../addr/ip.ts';
import type { Mac } from '../addr/mac.ts';
import type { VersionedMap } from '../kernel/versioned.ts';
import type { Packet } from '../packet/packet.ts';
import type { LinkDerived, NsDerived } from './derived.ts';
import type { BridgePort, LinkData } from './link-data-types.ts';
import type { Conntrack, Netfilter } from './netfilter/types.ts';
import type { LearnedMtu } from './route/exception.ts';
import type { SnmpCounters } from './snmp.ts';
import type { Socket } from './socket-types.ts';
import type { TcLink } from './tc/types.ts';

export type * from './link-data-types.ts';
export type * from './socket-types.ts';

/** A network namespace. `id` is unique in the world; names are files under /run/netns of the host. */
export interface NetNs extends NsDerived {
  id: number;
  /** What traces call it: `node1`, `node1:blue`, `pod default/pod-a`. */
  label: string;
  host: string;
  nextIfindex: number;
  /** By ifindex, in order of creation. */
  links: Map<number, Link>;
  /** IPv4 and IPv6 route tables by number (254 main, 255 local), each in FIB dump order. */
  routes4: VersionedMap<number, Route[]>;
  routes6: VersionedMap<number, Route[]>;
  /** Never changed in place. */
  rules4: readonly Rule[];
  rules6: readonly Rule[];
  /** Neighbour entries by {@link import('./neigh/ops.ts').neighbourKey}. */
  neigh: Map<number | string, Neighbour>;
  /** Cached path MTUs by destination: next-hop exceptions. */
  pmtu: Map<Ip, LearnedMtu>;
  /** `net.*` sysctls of this namespace that differ from the kernel's defaults, by dotted name. */
  sysctl: VersionedMap<string, string>;
  nf: Netfilter;
  ct: Conntrack;
  sockets: Map<number, Socket>;
  nextSocket: number;
  /** Peer namespace id → nsid as `ip link` shows it. */
  nsids: Map<number, number>;
  /** SNMP counters as /proc/net/snmp names them: `Ip.InReceives` … */
  snmp: SnmpCounters;
  /** Last ephemeral port handed out. */
  lastPort: number;
  /** Per-namespace IPv4 identification counter. */
  ipId: number;
  /** Running captures (tcpdump): the stack appends what it sees; readers drain. */
  captures: Map<number, Capture>;
  /** Other subsystems (ipset, ipvs …) keep their state here under their own name. */
  ext: Record<string, unknown>;
}

export interface LinkStats {
  rxBytes: number;
  rxPackets: number;
  rxErrors: number;
  rxDropped: number;
  multicast: number;
  txBytes: number;
  txPackets: number;
  txErrors: number;
  txDropped: number;
  txCarrier: number;
  collisions: number;
}

export interface Link extends LinkDerived {
  ifindex: number;
  name: string;
  /** Link kind as `ip link add type` names it; `loopback` for lo, `phys` for a NIC on a segment. */
  kind: string;
  mac: Mac;
  /** Address assigned by `address` (NET_ADDR_SET) or random: decides whether a bridge follows its ports. */
  macSet: boolean;
  mtu: number;
  /** IFF_UP. */
  up: boolean;
  /** Carrier, derived and kept current by link/carrier.ts. */
  carrier: boolean;
  promisc: number;
  allmulti: boolean;
  noarp: boolean;
  multicastOff: boolean;
  /** IFF_MULTICAST set by hand: for kinds that do not have it by themselves. */
  multicastOn?: boolean;
  txqlen: number;
  /** ifindex of the bridge or bond it is enslaved to, 0 for none. */
  master: number;
  /** ifindex of the lower device (vxlan's dev, vlan's parent, veth's peer when in this namespace). */
  lower: number;
  addrs: IfAddr[];
  group: number;
  alias: string;
  altnames: string[];
  stats: LinkStats;
  /** What belongs to the kind: veth's peer, bridge settings and FDB, vxlan's settings and FDB … */
  data: LinkData;
  /** Settings as a bridge port, when `master` is a bridge. */
  port?: BridgePort;
  /** A vlan, macvlan or ipvlan has been made on it: received frames may be for that. */
  stacked?: boolean;
  /** `protodown on`: somebody above keeps its carrier off. */
  protodown?: boolean;
  /** Made while its namespace forwarded IPv6: among the routers from the first. */
  routerBorn?: boolean;
  /** How many IPv6 addresses it ever got. */
  joins?: number;
  /** The carrier it was last told of: IF_OPER_UP. Kept for what link/linkwatch.ts delays. */
  operUp?: boolean;
  /** Up without carrier: its queues are made ready once that comes (qdisc_tx_changing). */
  queuesWait?: boolean;
  /** Virtual time of the last frame queued for it: frames keep their order. */
  rxAt?: number;
  /** Queueing discipline as `ip link` shows it; `noop` (absent) until the device is first brought up. */
  qdisc?: string;
  /** Hook for filters of what comes in (and, with clsact, goes out), put there by tc. */
  ingressQdisc?: 'ingress' | 'clsact';
  /** Traffic control, once something of it was set: `tc`. */
  tc?: TcLink;
  /** Namespace of `lower` when it is not the link's own (macvlan, vlan … moved into a Pod). */
  lowerNs?: number;
  /** Its IPv6 has been set up since it was brought up: IF_READY. */
  ready6?: boolean;
  /** How often the carrier came or went (`transns` of `ip -s -s link`). */
  carrierChanges?: number;
  /** Broadcast address, when it is not all ones. */
  brd?: Mac;
  /** Group addresses taken by hand with `ip maddr add`. */
  groups?: Mac[];
  /** Interface identifier for addresses that routers announce: `ip token`. */
  token?: Ip;
  /** IFF_DYNAMIC. */
  dynamic?: boolean;
  /** IFLA_LINKMODE: who decides the operational state. */
  linkMode?: 'DORMANT';
  /** Offload sizes set by hand, by their `ip link` word. */
  offload?: Partial<Record<'gso_max_size' | 'gso_max_segs' | 'gro_max_size', number>>;
  /** Queues asked for when it was made. */
  txQueues?: number;
  rxQueues?: number;
  /** IFF_PROMISC set by `ip link set promisc on`; `promisc` counts every user of promiscuous mode. */
  promiscFlag?: boolean;
  /** Addresses to take frames for, beside its own, put in by `bridge fdb add … self` (dev_uc_add, dev_mc_add). */
  extraMacs?: Mac[];
}

export interface IfAddr {
  local: Ip;
  len: number;
  peer: Ip | null;
  broadcast: Ip4 | null;
  scope: number;
  label: string;
  flags: string[];
  /** Microseconds of virtual time, null for ever. */
  validUntil: number | null;
  preferredUntil: number | null;
  metric: number;
  proto: number;
  /** Its place among the addresses that the link was ever given: groups are joined in that order. */
  joined?: number;
  /** Virtual time at which the attempt to find a duplicate of it ends. */
  dadUntil?: number;
}

/** RTN_*: unicast, local, broadcast, multicast, blackhole, unreachable, prohibit, throw, nat. */
export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'anycast'
  | 'multicast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'throw'
  /** Of the long gone route NAT: routes of it are refused. */
  | 'nat';

export interface NextHop {
  gateway: Ip | null;
  /** Out ifindex, 0 when the type needs none. */
  dev: number;
  weight: number;
  onlink: boolean;
  dead: boolean;
  linkdown: boolean;
  /** Realms, the source's in the upper half. */
  realms?: number;
}

export interface Route {
  dst: Prefix;
  type: RouteType;
  table: number;
  /** RTPROT_*: 2 kernel, 3 boot, 4 static, 12 bird … */
  proto: number;
  /** RT_SCOPE_*: 0 global, 200 site, 253 link, 254 host, 255 nowhere. */
  scope: number;
  tos: number;
  /** Realms of a route without a next hop. */
  realms?: number;
  /** Preferred source. */
  src: Ip | null;
  metric: number;
  nexthops: NextHop[];
  /** RTAX_*: mtu, advmss, window, initcwnd …; `lock` is a mask of the locked ones. */
  metrics: Record<string, number>;
  /** RTAX_CC_ALGO. */
  congctl?: string;
  /** Virtual time at which an IPv6 route ends. */
  expires?: number;
  pref?: string;
  flags: string[];
}

export interface Rule {
  priority: number;
  not: boolean;
  from: Prefix | null;
  to: Prefix | null;
  iif: string;
  oif: string;
  tos: number;
  fwmark: { value: number; mask: number } | null;
  ipproto: number;
  sport: [number, number] | null;
  dport: [number, number] | null;
  uidrange: [number, number] | null;
  /** FR_ACT_*; `none` is zero, a number what the kernel has no meaning for: both match and fail. */
  action: 'lookup' | 'goto' | 'nop' | 'none' | `${number}` | Exclude<RouteType, 'unicast' | 'local' | 'broadcast'>;
  table: number;
  target: number;
  suppressPrefixLength: number;
  proto: number;
  /** A route over a device of this group is passed over. */
  suppressIfgroup?: number;
  /** The table is that of the VRF the packet belongs to. */
  l3mdev?: boolean;
  /** Source realm in the upper half. */
  realms?: number;
  tunId?: number;
  /** Of the long gone route NAT: kept, and without effect. */
  gateway?: Ip;
}

export type NudState =
  | 'NONE'
  | 'INCOMPLETE'
  | 'REACHABLE'
  | 'STALE'
  | 'DELAY'
  | 'PROBE'
  | 'FAILED'
  | 'PERMANENT'
  | 'NOARP';

export interface Neighbour {
  ip: Ip;
  dev: number;
  mac: Mac | null;
  state: NudState;
  flags: string[];
  proxy: boolean;
  /** Virtual times, microseconds. */
  confirmed: number;
  used: number;
  updated: number;
  probes: number;
  /** Virtual time at which the state's timer fires. */
  due?: number;
  /** Packets waiting for the address (arp_queue, at most 101). */
  queue: Packet[];
  proto: number;
}

/** What a packet socket (tcpdump) asked for and has seen. */
export interface Capture {
  id: number;
  /** 0: any device. */
  dev: number;
  frames: { at: number; dev: number; dir: 'in' | 'out' | 'broadcast' | 'multicast' | 'other'; packet: Packet }[];
}

/** What a netlink request answers: errno name, and the kernel's extended ack text when it gives one. */
export interface NlError {
  errno: string;
  extack?: string;
}
