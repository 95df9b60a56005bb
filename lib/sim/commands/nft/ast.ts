/** What nft's grammar makes of a text, before any type is known. */
import type { Base } from '../../linux/netfilter/nft/headers.ts';
import type { MatchOp, NftField, NftVerdict } from '../../linux/netfilter/nft/types.ts';
import type { Span } from './lexer.ts';

export interface RawElem {
  /** Null: the `*` element. */
  key: Raw | null;
  data: Raw | null;
  comment?: string;
  /** Milliseconds. */
  timeout?: number;
  expires?: number;
  stmts: RawStmt[];
  span: Span;
  keySpan: Span;
}

export type BinOp = '&' | '|' | '^' | '<<' | '>>';

export type Raw = { span: Span } & (
  | { k: 'sym'; text: string; quoted?: boolean; number?: boolean; protocol?: boolean }
  | { k: 'field'; field: NftField; proto?: string; ctFamily?: string }
  | { k: 'raw'; base: Base; off: number; bits: number }
  | { k: 'bin'; op: BinOp; left: Raw; right: Raw }
  | { k: 'prefix'; of: Raw; len: number }
  | { k: 'range'; lo: Raw; hi: Raw }
  | { k: 'list'; items: Raw[] }
  | { k: 'concat'; parts: Raw[] }
  | { k: 'set'; elems: RawElem[] }
  | { k: 'ref'; name: string; nameSpan: Span }
  | { k: 'map'; key: Raw; set: Raw }
  | { k: 'verdict'; verdict: NftVerdict; chainSpan?: Span; block?: RawRule[] }
  | { k: 'numgen'; mode: 'inc' | 'random'; mod: number; offset: number }
  | { k: 'hash'; of: Raw | null; mod: number; seed: number | null; offset: number }
);

export type RawStmt = { span: Span } & (
  | { s: 'match'; left: Raw; op: MatchOp | null | '!'; right: Raw; mask?: Raw }
  | { s: 'vmap'; key: Raw; set: Raw }
  | { s: 'verdict'; verdict: NftVerdict; chainSpan?: Span; block?: RawRule[] }
  | { s: 'counter'; packets: number; bytes: number }
  | { s: 'limit'; rate: number; unit: string; over: boolean; burst: number; bytes: boolean }
  | { s: 'quota'; over: boolean; limit: number; used: number }
  | { s: 'objref'; object: string; name: Raw }
  | { s: 'connlimit'; count: number; over: boolean }
  | {
      s: 'log';
      prefix: string | null;
      level: number | null;
      group: number | null;
      snaplen: number | null;
      threshold: number | null;
      flags: number;
    }
  | { s: 'reject'; type: 'icmp' | 'icmpv6' | 'icmpx' | 'tcp' | null; code: Raw | null }
  | {
      s: 'nat';
      what: 'dnat' | 'snat' | 'masquerade' | 'redirect';
      family: 'ip' | 'ip6' | null;
      addr: Raw | null;
      port: Raw | null;
      flags: string[];
      prefix: boolean;
      concat: boolean;
    }
  | { s: 'mangle'; target: Raw; value: Raw }
  | { s: 'notrack' }
  | { s: 'queue'; from: Raw | null; flags: string[]; compat: boolean }
  | { s: 'dup' | 'fwd'; to: Raw | null; dev: Raw | null }
  | { s: 'tproxy'; family: 'ip' | 'ip6' | null; addr: Raw | null; port: Raw | null }
  | { s: 'synproxy'; mss: number | null; wscale: number | null; timestamp: boolean; sack: boolean }
  | {
      s: 'dynset';
      op: 'add' | 'update' | 'delete';
      set: { name: string; span: Span };
      elem: RawElem;
      meter?: string;
      size?: number;
    }
  | { s: 'flow'; name: string; nameSpan: Span }
);

export interface RawRule {
  stmts: RawStmt[];
  comment?: string;
  span: Span;
}

/** A set's or map's block. */
export interface RawSet {
  map: boolean;
  key: RawType | null;
  data: RawType | 'verdict' | null;
  object: string | null;
  dataInterval: boolean;
  flags: string[];
  timeout: number;
  gcInterval: number;
  size: number;
  policy?: 'memory' | 'performance';
  autoMerge: boolean;
  comment?: string;
  stmts: RawStmt[];
  elems: Raw | null;
  span: Span;
}
export type RawType = { span: Span } & ({ types: string[] } | { of: Raw });

export interface RawChain {
  base: {
    type: string;
    hook: string;
    device: Raw | null;
    devices: string[];
    priority: { name: string | null; offset: number; span: Span };
    span: Span;
    hookSpan: Span;
  } | null;
  policy: 'accept' | 'drop' | null;
  policySpan: Span | null;
  comment?: string;
  rules: RawRule[];
  span: Span;
}
