/** What an iptables extension (match or target) is, and the words libxtables uses for wrong options. */
import type { Host, World } from '../../kernel/world.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Link, NetNs } from '../types.ts';
import type { CtEntry, Hook, RuleHead } from './types.ts';

/** An xtables_error(): the command ends with `status`. 2 is wrong usage, 3 a version problem, 1 anything else. */
export class XtError extends Error {
  /** What had been printed before. */
  warnings = '';

  constructor(
    message: string,
    readonly status: 1 | 2 | 3 = 2,
  ) {
    super(message);
  }
}

/** Ends the parsing of a command line with libxtables' words. */
export function fail(message: string, status: 1 | 2 | 3 = 2): never {
  throw new XtError(message, status);
}

/** Something iptables knows and the model does not. */
export class NotModelled extends Error {}

/** The kernel refused a rule: an errno name for the `RULE_APPEND failed (…)` line. */
export type Refusal = 'EINVAL' | 'ENOENT' | 'EOPNOTSUPP' | 'EMLINK' | null;

/** What an extension may look at while its options are parsed. */
export interface ParseContext {
  world: World;
  ns: NetNs;
  host: Host | undefined;
  family: 'ip' | 'ip6';
  table: string;
  /** The rule's own part as far as it has been read. */
  head: RuleHead;
  /** Warnings printed on the way (stderr). */
  warnings: string[];
}

/** An option as the extension's table lists it. */
export interface XtOption {
  name: string;
  /** Takes a value. */
  arg?: boolean;
  /** Name of the table's first entry with the same id; errors call the option so. */
  id?: string;
  invert?: boolean;
  must?: boolean;
  /** May be given more than once. */
  multi?: boolean;
  /** Ids it cannot stand beside, and ids it needs. */
  excl?: string[];
  also?: string[];
}

/** What a rule is checked against when the kernel takes it. */
export interface CheckContext {
  table: string;
  family: 'ip' | 'ip6';
  /** Base-chain hooks from which the rule's chain can be reached. */
  hooks: ReadonlySet<Hook>;
  head: RuleHead;
  /** The rule is checked again because a jump leads to its chain; checks made only at loading are not repeated then. */
  deep: boolean;
}

/** A packet at a hook. */
export interface HookState {
  world: World;
  ns: NetNs;
  family: 'ip' | 'ip6';
  /** At a hook for frames: its family; `family` is then what the frame carries. */
  frame?: 'netdev' | 'bridge' | 'arp';
  hook: Hook;
  table: string;
  packet: Packet;
  in: Link | null;
  out: Link | null;
  ct: CtEntry | null;
}

export type Verdict = 'ACCEPT' | 'DROP' | 'RETURN' | 'CONTINUE';

interface ExtensionBase<A> {
  name: string;
  options: XtOption[];
  /** Old-style extensions do their own checks of repetition and inversion. */
  oldStyle?: boolean;
  families?: readonly ('ip' | 'ip6')[];
  /** Needs connection tracking: the kernel turns it on while such a rule exists. */
  tracks?: boolean | ((args: A) => boolean);
  init(ctx: ParseContext): A;
  /** Takes one option. `next` hands over a further word where the option has two values. */
  option(args: A, id: string, value: string, not: boolean, ctx: ParseContext, next: () => string | null): void;
  /** Final check of a rule's options. */
  done?(args: A, seen: ReadonlySet<string>, ctx: ParseContext, head: RuleHead): void;
  /** The kernel's own check when the rule is loaded. */
  accept?(args: A, ctx: CheckContext): Refusal;
  /** iptables-save form, with a leading blank for every word. */
  save(args: A, family: 'ip' | 'ip6'): string;
  /** `iptables -L` form without the leading blank; null prints nothing at all. */
  list(args: A, numeric: boolean, head: RuleHead, family: 'ip' | 'ip6'): string | null;
}

export interface MatchDef<A> extends ExtensionBase<A> {
  apply(args: A, state: HookState): boolean;
}

export interface TargetDef<A> extends ExtensionBase<A> {
  /** Name in the target column of -L when it differs. */
  listName?: string;
  apply(args: A, state: HookState): Verdict;
}

type Args = Record<string, unknown>;
export type MatchExt = MatchDef<Args>;
export type TargetExt = TargetDef<Args>;

/** Types a match's arguments inside its file; the registry sees plain records. */
export const defineMatch = <A extends object>(def: MatchDef<A>): MatchExt => def as unknown as MatchExt;
/** Types a target's arguments inside its file. */
export const defineTarget = <A extends object>(def: TargetDef<A>): TargetExt => def as unknown as TargetExt;
