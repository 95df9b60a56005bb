/** What a parsed iptables command line is. */
import type { Host, World } from '../../kernel/world.ts';
import type { NetNs } from '../types.ts';
import type { MatchSpec, NfRule, RuleHead, TargetSpec } from './types.ts';

/** A rule's specification before it has a place. */
export interface RuleSpec {
  head: RuleHead;
  matches: MatchSpec[];
  target: TargetSpec | null;
}

export interface XtCommand {
  /** Letter of the command. */
  op: string;
  /** -L or -S together with -Z. */
  zero: boolean;
  table: string;
  chain: string | null;
  rulenum: number;
  /** One for each combination of the addresses given. */
  rules: RuleSpec[];
  newName: string;
  policy: string;
  packets: number;
  bytes: number;
  verbose: number;
  numeric: boolean;
  exact: boolean;
  lineNumbers: boolean;
  /** Line of the restore file, 0 on a command line. */
  line: number;
}

/** `-A CHAIN …` of a restore file as {@link FastRules} reads it. */
export interface AppendStep {
  append: NfRule;
  chain: string;
  line: number;
}

/** `:CHAIN POLICY [n:n]`. */
export interface DeclareStep {
  append: null;
  chain: string;
  line: number;
  policy: string;
  packets: number;
  bytes: number;
}

/** A line of a restore file between its table's name and COMMIT. */
export type RestoreStep = XtCommand | AppendStep | DeclareStep;

/** A command of which nothing but its table and its line is known yet. */
export function emptyCommand(table: string, line: number): XtCommand {
  return {
    op: '',
    zero: false,
    table,
    chain: null,
    rulenum: 0,
    rules: [],
    newName: '',
    policy: '',
    packets: 0,
    bytes: 0,
    verbose: 0,
    numeric: false,
    exact: false,
    lineNumbers: false,
    line,
  };
}

/** What the parser answers besides a command. */
export type Parsed =
  | { kind: 'command'; command: XtCommand; warnings: string[] }
  | { kind: 'version' }
  /** A line of a restore file that is for the other family. */
  | { kind: 'skip' }
  /** Usage, and that of the extensions loaded so far. */
  | { kind: 'help'; matches: string[]; target: string | null }
  /** Exits with usage advice only: `Bad argument`, the wrong family. */
  | { kind: 'usage'; message: string; warnings: string[] };

export interface ParseEnv {
  world: World;
  ns: NetNs;
  host: Host | undefined;
  family: 'ip' | 'ip6';
  /** Table of the restore file, when parsing one. */
  restoreTable: string | null;
  line: number;
  prog: string;
}
