/** Traffic control of one device as plain data: queueing disciplines, classes, filters, actions. */
import type { Packet } from '../../packet/packet.ts';

/** TC_H_ROOT, and the two places of clsact (TC_H_CLSACT with TC_H_MIN_INGRESS and _EGRESS). include/uapi/linux/pkt_sched.h. */
export const ROOT = 0xffffffff;
export const INGRESS = 0xfffffff2;
export const EGRESS = 0xfffffff3;
/** Handle of ingress and clsact. */
export const INGRESS_HANDLE = 0xffff0000;

export interface TcCounters {
  bytes: number;
  packets: number;
  drops: number;
  overlimits: number;
}

export const noCounters = (): TcCounters => ({ bytes: 0, packets: 0, drops: 0, overlimits: 0 });

/** A rate as the kernel computes with it: psched_ratecfg. */
export interface Rate {
  /** Bytes a second. */
  rate: number;
  mult: number;
  shift: number;
}

/** What every discipline has. Times are nanoseconds, lengths bytes. */
interface QdiscBase extends TcCounters {
  handle: number;
  /** ROOT, or the class it hangs on. */
  parent: number;
  qlen: number;
  backlog: number;
}

/** First in, first out, with a limit in packets (pfifo, pfifo_fast) or bytes (bfifo). */
export interface Fifo extends QdiscBase {
  kind: 'pfifo' | 'bfifo' | 'pfifo_fast';
  limit: number;
  queue: Packet[];
}

export interface Noqueue extends QdiscBase {
  kind: 'noqueue';
}

/** Token bucket filter: net/sched/sch_tbf.c. */
export interface Tbf extends QdiscBase {
  kind: 'tbf';
  limit: number;
  rate: Rate;
  buffer: number;
  peak: Rate | null;
  mtu: number;
  maxSize: number;
  tokens: number;
  ptokens: number;
  at: number;
  child: Qdisc;
  /** Taken from a child that is no plain queue, and not sent yet. */
  held: Packet | null;
}

export interface HtbClass extends TcCounters {
  id: number;
  /** ROOT or another class. */
  parent: number;
  prio: number;
  quantum: number;
  rate: Rate;
  ceil: Rate;
  buffer: number;
  cbuffer: number;
  tokens: number;
  ctokens: number;
  at: number;
  deficit: number;
  lends: number;
  borrows: number;
  /** Its queue, while it has no classes below. */
  leaf: Qdisc | null;
}

/** Hierarchical token bucket: net/sched/sch_htb.c. */
export interface Htb extends QdiscBase {
  kind: 'htb';
  r2q: number;
  defaultClass: number;
  directQlen: number;
  directPackets: number;
  direct: Packet[];
  classes: HtbClass[];
  /** Class ids by hash bucket, as they are listed: struct Qdisc_class_hash. */
  buckets: number[][];
  /** The class whose turn it is, by level and priority. */
  turns: Record<string, number>;
}

/** Delay, loss and a rate of its own: net/sched/sch_netem.c. Shares are of one. */
export interface Netem extends QdiscBase {
  kind: 'netem';
  limit: number;
  delay: number;
  jitter: number;
  loss: number;
  duplicate: number;
  rate: Rate | null;
  queue: { at: number; packet: Packet }[];
}

export type Qdisc = Fifo | Noqueue | Tbf | Htb | Netem;

/** 32 bits of the packet at `off` from its network header: struct tc_u32_key. */
export interface U32Key {
  val: number;
  mask: number;
  off: number;
  /** Written as behind the next header (`nexthdr+`). */
  next: boolean;
}

export interface TcAction extends TcCounters {
  kind: 'mirred' | 'gact';
  index: number;
  /** Verdict: what becomes of the packet afterwards. */
  verdict: 'pipe' | 'stolen' | 'pass' | 'drop' | 'reclassify' | 'continue';
  /** mirred: where to, and which way; 0 when that device is gone. */
  dev?: number;
  mirror?: boolean;
  ingress?: boolean;
  installed: number;
  used: number;
}

export interface TcFilter {
  handle: number;
  keys: U32Key[];
  classid: number | null;
  actions: TcAction[];
}

/** The filters of one place, priority and protocol: struct tcf_proto. */
export interface TcProto {
  /** Handle of a discipline, INGRESS or EGRESS. */
  parent: number;
  prio: number;
  /** EtherType; 3 is ETH_P_ALL. */
  protocol: number;
  kind: 'u32';
  /** u32's own hash table: 0x800, 0x801, … */
  table: number;
  filters: TcFilter[];
}

/** What a device has of it, once something was set. */
export interface TcLink {
  root: Qdisc | null;
  protos: TcProto[];
  ingress: TcCounters;
  /** It had an ingress queue once: dev->ingress_queue. */
  hadIngress: boolean;
  /** The last number of a u32 table: they go round. */
  lastTable: number;
  /** Id of the timer that will look after the queue again. */
  wake: number | null;
}
