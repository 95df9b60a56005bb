/** IP sets of a namespace, as plain data: what ipset(8) shows. */
import type { Ip } from '../../addr/ip.ts';
import type { NetNs } from '../types.ts';

/** One part of an element. */
export type Part =
  | { kind: 'ip'; ip: Ip; len: number }
  | { kind: 'port'; proto: number; port: number }
  | { kind: 'iface'; name: string; phys: boolean }
  | { kind: 'mac'; mac: number | null }
  | { kind: 'mark'; mark: number }
  | { kind: 'set'; name: string };

export interface SetEntry {
  parts: Part[];
  nomatch: boolean;
  /** Virtual µs at which it goes; null stays. */
  expires: number | null;
  packets: number;
  bytes: number;
  comment: string | null;
  /** What a SET rule with --map-… gives to packets. */
  skb?: { mark?: { value: number; mask: number }; prio?: [number, number]; queue?: number };
  /** hash:net,iface: the name is the beginning of names. */
  wildcard?: boolean;
}

export interface IpSet {
  name: string;
  type: string;
  family: 4 | 6;
  hashsize: number;
  maxelem: number;
  netmask: number | null;
  /** Bits of an address that count, when they are no prefix. */
  bitmask: Ip | null;
  bucketsize: number;
  /** Bits of a mark that count. */
  markmask: number;
  revision: number;
  /** Bounds of a bitmap. */
  range: { from: number; to: number } | null;
  /** Seconds, null without timeout support. */
  timeout: number | null;
  counters: boolean;
  comment: boolean;
  skbinfo: boolean;
  forceadd: boolean;
  /** Slots of a list:set. */
  size: number;
  initval: number;
  /** By key; a list:set keeps its order. */
  entries: Map<string, SetEntry>;
  /** Rules and lists that refer to it. */
  references: number;
}

export type Dimension = 'ip' | 'net' | 'port' | 'iface' | 'mac' | 'mark' | 'set';

export interface SetType {
  dims: Dimension[];
  /** Revision that the kernel and ipset 7.17 agree on. */
  revision: number;
  /** The revision that kernels before 6.3 have. */
  before63?: number;
  /** In Debian's kernel, as a module; kernel 6.18 was built without it. */
  module?: true;
  /** Bytes of an empty set and of one element, as `Size in memory` counts them. */
  memory: [number, number];
}

/** Types the kernel has. */
export const SET_TYPES: ReadonlyMap<string, SetType> = new Map([
  ['hash:ip', { dims: ['ip'], revision: 6, before63: 5, memory: [216, 40] }],
  ['hash:net', { dims: ['net'], revision: 7, memory: [456, 48] }],
  ['hash:ip,port', { dims: ['ip', 'port'], revision: 7, before63: 6, memory: [216, 48] }],
  ['hash:ip,port,ip', { dims: ['ip', 'port', 'ip'], revision: 6, memory: [216, 48] }],
  ['hash:ip,port,net', { dims: ['ip', 'port', 'net'], revision: 8, memory: [456, 64] }],
  ['hash:net,port', { dims: ['net', 'port'], revision: 8, memory: [456, 48] }],
  ['hash:net,iface', { dims: ['net', 'iface'], revision: 8, memory: [488, 88] }],
  ['hash:mac', { dims: ['mac'], revision: 1, module: true, memory: [200, 48] }],
  ['hash:ip,mac', { dims: ['ip', 'mac'], revision: 1, module: true, memory: [208, 56] }],
  ['hash:ip,mark', { dims: ['ip', 'mark'], revision: 3, module: true, memory: [200, 48] }],
  ['hash:net,net', { dims: ['net', 'net'], revision: 4, before63: 3, module: true, memory: [592, 64] }],
  ['hash:net,port,net', { dims: ['net', 'port', 'net'], revision: 3, module: true, memory: [608, 72] }],
  ['bitmap:ip', { dims: ['ip'], revision: 3, memory: [88, 0] }],
  ['bitmap:port', { dims: ['port'], revision: 3, memory: [72, 0] }],
  ['bitmap:ip,mac', { dims: ['ip', 'mac'], revision: 3, memory: [112, 0] }],
  ['list:set', { dims: ['set'], revision: 3, memory: [80, 48] }],
] as [string, SetType][]);

/** The sets of a namespace by name, in order of creation. */
export function setsOf(ns: NetNs): Map<string, IpSet> {
  ns.ext.ipset ??= new Map<string, IpSet>();
  return ns.ext.ipset as Map<string, IpSet>;
}

export const isBitmap = (set: IpSet): boolean => set.type.startsWith('bitmap:');
