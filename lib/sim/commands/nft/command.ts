/** One command of nft, as its grammar makes it. */
import type { Family } from '../../linux/netfilter/types.ts';
import type { Raw, RawChain, RawRule, RawSet } from './ast.ts';
import type { Span } from './lexer.ts';

export type Verb =
  | 'add'
  | 'create'
  | 'insert'
  | 'replace'
  | 'delete'
  | 'flush'
  | 'list'
  | 'get'
  | 'reset'
  | 'rename'
  | 'monitor'
  | 'describe';

export interface RawObject {
  type: string;
  words: Record<string, string | number | boolean>;
  policy: [string, number][];
  comment?: string;
  stmt: { packets?: number; bytes?: number; limit?: RawLimit; quota?: { over: boolean; limit: number; used: number } };
}
export interface RawLimit {
  rate: number;
  unit: string;
  over: boolean;
  burst: number;
  bytes: boolean;
}

export interface RawFlowtable {
  hook: string;
  priority: { name: string | null; offset: number; span: Span };
  devices: { name: string; span: Span }[];
  counter: boolean;
  offload: boolean;
  span: Span;
}

export interface Command {
  verb: Verb;
  object: string;
  family: Family;
  /** Whether the family was written, as a filter of lists. */
  familyGiven: boolean;
  table: string;
  name: string;
  tableSpan: Span;
  nameSpan: Span;
  /** The whole command, with the separator behind it. */
  span: Span;
  handle?: number;
  handleSpan?: Span;
  /** `index N`. */
  index?: number;
  indexSpan?: Span;
  newName?: string;
  newNameSpan?: Span;
  flags?: string[];
  comment?: string;
  chain?: RawChain;
  set?: RawSet;
  rule?: RawRule;
  elems?: Raw;
  of?: Raw;
  obj?: RawObject;
  flowtable?: RawFlowtable;
  /** `list … table T`. */
  ofTable?: boolean;
  device?: string;
  /** Made of a table's block: its errors point at its own name. */
  inside?: boolean;
  /** Only JSON output's echo needs it. */
  text?: string;
  event?: string;
}
