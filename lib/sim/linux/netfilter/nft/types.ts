/** nf_tables expressions as plain data: what `nft` loads and the packet path evaluates. */
import type { Ip } from '../../../addr/ip.ts';
import type { Base } from './headers.ts';

/** Addresses, numbers, and names of devices (`eth*` is a prefix). */
export type NftScalar = Ip | string;
/** A value (equal ends) or a range; `len` where it was written as a prefix. */
export interface NftRange {
  lo: NftScalar;
  hi: NftScalar;
  len?: number;
  /** Written as a range, though its ends are the same. */
  range?: true;
}

export interface NftVerdict {
  code: 'accept' | 'drop' | 'continue' | 'return' | 'jump' | 'goto';
  chain?: string;
}

export interface NftElem {
  /** One range for each part of the key; a single value has equal ends. Empty: the `*` element. */
  key: NftRange[];
  /** A map's data: values, a verdict, or the name of an object. */
  data?: NftRange[] | NftVerdict;
  comment?: string;
  /** Milliseconds it lives, and the virtual time (µs) at which it ends. */
  timeout?: number;
  expires?: number;
  /** Counters, limits and quotas of the element. */
  stmts?: NftStmt[];
}

export interface NftSet {
  name: string;
  handle: number;
  /** Types of the key's parts; a map has data types, or `verdict`, or an object's type. */
  types: string[];
  data: string[] | null;
  /** Where `typeof` defined it: the expressions it was defined by. */
  typeofKey?: NftExpr;
  typeofData?: NftExpr;
  /** Bits of the parts, where the type alone does not say (`integer`). */
  bits: number[];
  dataBits?: number[];
  dataInterval?: boolean;
  object?: string;
  interval: boolean;
  timed: boolean;
  constant: boolean;
  dynamic: boolean;
  /** Its limit came with the first rule that changes it. */
  grown?: boolean;
  /** Milliseconds. */
  timeout: number;
  gcInterval: number;
  size: number;
  policy?: 'memory' | 'performance';
  autoMerge: boolean;
  comment: string;
  stmts: NftStmt[];
  elems: NftElem[];
  /** Made by a `meter` statement. */
  meter?: boolean;
}

/** A set in place, or the name of one in the table. */
export type NftSetRef =
  | { name: string }
  | { types: string[]; bits: number[]; interval: boolean; elems: NftElem[]; data?: string[] };

/** A field of the packet or its surroundings, named as nft writes it (`ip saddr`, `meta mark`, `ct state`). */
export interface NftField {
  name: string;
  type: string;
  bits: number;
  /** The key as it was written, where the name says more: `saddr` of `ct original saddr`. */
  key?: string;
}

export type NftExpr =
  | { kind: 'field'; field: NftField }
  | { kind: 'raw'; base: Base; off: number; bits: number }
  | { kind: 'numgen'; mode: 'inc' | 'random'; mod: number; offset: number; next: number }
  | { kind: 'hash'; of: NftExpr | null; mod: number; seed: number | null; offset: number }
  | { kind: 'bin'; op: '&' | '|' | '^' | '<<' | '>>'; left: NftExpr; right: NftExpr }
  | { kind: 'concat'; parts: NftExpr[] }
  | { kind: 'value'; value: NftRange; type: string; bits: number }
  | { kind: 'map'; key: NftExpr; set: NftSetRef };

export type MatchOp = '==' | '!=' | '<' | '>' | '<=' | '>=';

export interface NftLimit {
  kind: 'limit';
  rate: number;
  unit: string;
  over: boolean;
  burst: number;
  bytes: boolean;
  tokens: number;
  last: number;
}
export interface NftQuota {
  kind: 'quota';
  over: boolean;
  limit: number;
  used: number;
}
export interface NftCounter {
  kind: 'counter';
  packets: number;
  bytes: number;
}

export type NatKind = 'dnat' | 'snat' | 'masquerade' | 'redirect';
export interface NftNat {
  kind: 'nat';
  what: NatKind;
  /** `ip` or `ip6` where it was named or has to be (inet). */
  family: 'ip' | 'ip6' | null;
  /** The family was given and is shown. */
  shown: boolean;
  addr: NftExpr | null;
  port: NftExpr | null;
  flags: string[];
  /** `prefix` maps networks onto each other. */
  prefix?: boolean;
}

export type NftStmt =
  | { kind: 'match'; left: NftExpr; op: MatchOp; right: NftRange }
  /** `ct state new,established`: any of the bits; with `not`, none. */
  | { kind: 'flags'; left: NftExpr; not: boolean; bits: number }
  /** `tcp flags syn / syn,ack`. */
  | { kind: 'flagcmp'; left: NftExpr; not: boolean; value: number; mask: number }
  | { kind: 'lookup'; left: NftExpr; not: boolean; set: NftSetRef }
  | NftCounter
  | NftLimit
  | NftQuota
  | { kind: 'connlimit'; count: number; over: boolean; seen: number[] }
  | {
      kind: 'log';
      prefix: string | null;
      level: number;
      group: number | null;
      snaplen: number | null;
      threshold: number | null;
      flags: number;
    }
  | { kind: 'reject'; type: 'icmp' | 'icmpv6' | 'icmpx' | 'tcp'; code: number; verbose: boolean }
  | NftNat
  | { kind: 'set'; target: NftField; value: NftExpr }
  | { kind: 'notrack' }
  | { kind: 'queue'; from: NftExpr; to: number; flags: string[] }
  | { kind: 'dup' | 'fwd'; to: NftExpr | null; dev: NftExpr | null }
  | { kind: 'tproxy'; family: 'ip' | 'ip6' | null; addr: NftExpr | null; port: NftExpr | null }
  | { kind: 'synproxy'; mss: number | null; wscale: number | null; timestamp: boolean; sack: boolean }
  | { kind: 'objref'; object: string; name: NftExpr | string }
  | {
      kind: 'dynset';
      op: 'add' | 'update' | 'delete';
      set: string;
      key: NftExpr;
      data: NftExpr | null;
      timeout: number;
      stmts: NftStmt[];
      meter?: boolean;
      size?: number;
    }
  | { kind: 'flow'; name: string }
  | { kind: 'verdict'; verdict: NftVerdict }
  | { kind: 'vmap'; key: NftExpr; set: NftSetRef };

/** A named object of a table. */
export interface NftObject {
  type: 'counter' | 'quota' | 'limit' | 'ct helper' | 'ct timeout' | 'ct expectation' | 'synproxy' | 'secmark';
  name: string;
  handle: number;
  comment?: string;
  /** A counter, quota or limit in place; for the others, their words. */
  stmt?: NftCounter | NftQuota | NftLimit;
  words?: Record<string, string | number | boolean>;
  policy?: [string, number][];
}

export interface NftFlowtable {
  name: string;
  handle: number;
  priority: number;
  devices: string[];
  counter: boolean;
  offload: boolean;
}
