/** IPVS's state in one namespace, as plain data. Source: include/net/ip_vs.h, net/netfilter/ipvs/. */
import type { Ip } from '../../addr/ip.ts';
import type { NetNs } from '../types.ts';

/** Counters in the order conns, inpkts, outpkts, inbytes, outbytes. The kernel shows what it sampled every two seconds. */
export interface VsStats {
  live: number[];
  shown: number[];
  /** What `-Z` took as zero. */
  base: number[];
  last: number[];
  /** Moving averages, scaled as the kernel scales them. */
  rate: number[];
  tick: number;
}

export type VsForward = 'masq' | 'route' | 'tunnel';

export interface VsTunnel {
  type: 'ipip' | 'gue' | 'gre';
  /** GUE's UDP port. */
  port: number;
  csum: 'nocsum' | 'csum' | 'remcsum';
}

export const PLAIN_TUNNEL: VsTunnel = { type: 'ipip', port: 0, csum: 'nocsum' };

export interface VsDest {
  id: number;
  addr: Ip;
  port: number;
  fwd: VsForward;
  /** How a tunnelled packet is wrapped. */
  tun: VsTunnel;
  weight: number;
  /** The last weight that was not zero: what mh builds its table from. */
  lastWeight: number;
  upper: number;
  lower: number;
  active: number;
  inactive: number;
  persist: number;
  overload: boolean;
  /** Still a server of its service. */
  available: boolean;
  stats: VsStats;
  /** Which service it belongs to: `serviceKey`. */
  service: string;
}

export interface VsService {
  af: 4 | 6;
  proto: number;
  fwmark: number;
  addr: Ip;
  port: number;
  sched: string;
  /** Scheduler flags 1, 2 and 4. */
  schedFlags: number;
  /** Persistence in seconds, 0 for none. */
  timeout: number;
  /** Granularity of persistence: an IPv4 mask, or an IPv6 prefix length. */
  netmask: number;
  ops: boolean;
  /** Newest first. */
  dests: VsDest[];
  stats: VsStats;
  /** rr's and wrr's place: a server's id, 0 for the head of the list. */
  cursor: number;
  wrr: { cw: number; mw: number; di: number };
  /** lblc's and lblcr's memory: the servers' ids by destination address. */
  cache?: Map<Ip, number[]>;
}

/** A connection synchronisation daemon: who it is, not what it sends. */
export interface SyncDaemon {
  role: 'master' | 'backup';
  dev: string;
  syncid: number;
  maxlen: number;
  port: number;
  ttl: number;
}

export interface VsConn {
  key: string;
  proto: number;
  caddr: Ip;
  cport: number;
  vaddr: Ip;
  vport: number;
  daddr: Ip;
  dport: number;
  dest: VsDest;
  svc: VsService;
  fwd: VsForward;
  state: number;
  /** Seconds, and the virtual time they end at. */
  timeout: number;
  expires: number;
  inactive: boolean;
  /** IP_VS_CONN_F_NFCT: connection tracking follows it. */
  nfct: boolean;
  noOutput: boolean;
  template: boolean;
  assured: boolean;
  onePacket: boolean;
  /** Key of the template that controls it. */
  control: string;
  controlled: number;
}

export interface Ipvs {
  services: Map<string, VsService>;
  conns: Map<string, VsConn>;
  /** What a server's answer looks like → the connection's key. */
  out: Map<string, string>;
  /** Servers taken away while connections still use them. */
  trash: VsDest[];
  nextDest: number;
  total: VsStats;
  /** Seconds of tcp (established), tcpfin and udp. */
  timeouts: [number, number, number];
  timer: number;
  timerAt: number;
}

/** IPVS of a namespace; made when it is first asked for. */
export function ipvsOf(ns: NetNs): Ipvs {
  ns.ext.ipvs ??= {
    services: new Map(),
    conns: new Map(),
    out: new Map(),
    trash: [],
    nextDest: 1,
    total: newStats(0),
    timeouts: [900, 120, 300],
    timer: 0,
    timerAt: 0,
  } satisfies Ipvs;
  return ns.ext.ipvs as Ipvs;
}

/** Fresh counters. */
export const newStats = (now: number): VsStats => ({
  live: [0, 0, 0, 0, 0],
  shown: [0, 0, 0, 0, 0],
  base: [0, 0, 0, 0, 0],
  last: [0, 0, 0, 0, 0],
  rate: [0, 0, 0, 0, 0],
  tick: Math.floor(now / 2_000_000),
});

/** What a service is found by. */
export const serviceKey = (s: { af: 4 | 6; fwmark: number; proto: number; addr: Ip; port: number }): string =>
  s.fwmark ? `${s.af} fwm ${s.fwmark}` : `${s.af} ${s.proto} ${s.addr} ${s.port}`;

/** The synchronisation daemons of a namespace, master and backup. */
export function daemonsOf(ns: NetNs): Map<string, SyncDaemon> {
  ns.ext.ipvsDaemons ??= new Map<string, SyncDaemon>();
  return ns.ext.ipvsDaemons as Map<string, SyncDaemon>;
}
