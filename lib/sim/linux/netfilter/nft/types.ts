/** nf_tables expressions as plain data: what `nft` loads and the packet path evaluates. */
import type { Ip } from '../../../addr/ip.ts';

/** Addresses, numbers, and names of devices (`eth*` is a prefix). */
export type NftScalar = Ip | string;
export interface NftRange {
  lo: NftScalar;
  hi: NftScalar;
}

export interface NftVerdict {
  code: 'accept' | 'drop' | 'continue' | 'return' | 'jump' | 'goto';
  chain?: string;
}

export interface NftElem {
  /** One range for each part of the key; a single value has equal ends. */
  key: NftRange[];
  data?: NftScalar[] | NftVerdict;
  comment?: string;
  /** Seconds it lives, and the virtual time (µs) at which it ends. */
  timeout?: number;
  expires?: number;
}

export interface NftSet {
  name: string;
  handle: number;
  /** Types of the key's parts; a map has data types, or `verdict`. */
  types: string[];
  data: string[] | null;
  interval: boolean;
  timed: boolean;
  constant: boolean;
  timeout: number;
  size: number;
  autoMerge: boolean;
  comment: string;
  elems: NftElem[];
}

/** A set in place, or the name of one in the table. */
export type NftSetRef = { name: string } | { types: string[]; elems: NftElem[] };

/** A field of the packet or its surroundings, named as nft writes it (`ip saddr`, `meta mark`, `ct state`). */
export interface NftField {
  name: string;
  type: string;
}

export type NftExpr =
  | { kind: 'field'; field: NftField }
  | { kind: 'numgen'; mode: 'inc' | 'random'; mod: number; offset: number; next: number }
  | { kind: 'bin'; op: '&' | '|' | '^'; left: NftExpr; right: number }
  | { kind: 'concat'; parts: NftExpr[] }
  | { kind: 'value'; value: NftScalar; type: string }
  | { kind: 'map'; key: NftExpr; set: NftSetRef };

export type NftStmt =
  | { kind: 'match'; left: NftExpr; op: '==' | '!=' | '<' | '>' | '<=' | '>='; right: NftRange; prefix?: boolean }
  | { kind: 'flags'; left: NftExpr; not: boolean; bits: number }
  | { kind: 'lookup'; left: NftExpr; not: boolean; set: NftSetRef }
  | { kind: 'counter'; packets: number; bytes: number }
  | { kind: 'limit'; rate: number; unit: string; over: boolean; burst: number; tokens: number; last: number }
  | { kind: 'log'; prefix: string; level: number }
  | { kind: 'reject'; type: number; code: number; icmpx: boolean; text: string }
  | {
      kind: 'nat';
      what: 'dnat' | 'snat' | 'masquerade' | 'redirect';
      addr: NftExpr | null;
      port: NftRange | null;
      flags: string[];
    }
  | { kind: 'set'; target: 'meta mark' | 'ct mark'; value: NftExpr }
  | { kind: 'verdict'; verdict: NftVerdict }
  | { kind: 'vmap'; key: NftExpr; set: NftSetRef };
