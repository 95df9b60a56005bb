import type { Io, Proc } from '../../kernel/process.ts';
import { type FlagSpec, type Flags, flagValue, isOn } from '../../text/pflag.ts';
import type { OptionDoc } from '../contract.ts';
import { notModelled } from '../io.ts';

export interface Call {
  proc: Proc;
  flags: Flags;
  /** Namespace of -n, or the context's. */
  namespace: string;
  allNamespaces: boolean;
}

export interface Verb {
  name: string;
  summary: string;
  aliases?: readonly string[];
  flags: FlagSpec[];
  /** Verbs below it: `create deployment`. */
  verbs?: readonly Verb[];
  /** Known, and not modelled: its flags are not read. */
  lacking?: boolean;
  run(call: Call): Io<number>;
  /** Whether its first operand is a resource type, then names: for completion. */
  takesResource?: boolean;
  /** Words that its first operand may be, for completion. */
  subcommands?: readonly string[];
  /** Whether its operand is a Pod's name. */
  takesPod?: boolean;
}

export const defineVerb = (verb: Verb): Verb => verb;

/** A verb of the real client that the model lacks. */
export const lackingVerb = (name: string): Verb => ({
  name,
  summary: 'not modelled',
  flags: [],
  lacking: true,
  *run() {
    return yield* notModelled(`kubectl ${name}`);
  },
});

/** Flags of every verb. */
export const GLOBAL_FLAGS: FlagSpec[] = [
  { name: 'namespace', short: 'n' },
  { name: 'kubeconfig' },
  { name: 'context' },
  { name: 'help', short: 'h', bool: true },
  { name: 'request-timeout' },
  { name: 'v', short: 'v' },
];

export const OUTPUT: FlagSpec = { name: 'output', short: 'o' };
export const SELECTOR: FlagSpec = { name: 'selector', short: 'l' };
export const ALL_NAMESPACES: FlagSpec = { name: 'all-namespaces', short: 'A', bool: true };
export const FILENAME: FlagSpec = { name: 'filename', short: 'f' };

export const docsOf = (specs: readonly FlagSpec[]): OptionDoc[] =>
  specs.flatMap((s) => [
    { flag: `--${s.name}`, ...(s.bool ? {} : { value: s.name }), modelled: true },
    ...(s.short ? [{ flag: `-${s.short}`, modelled: true }] : []),
  ]);

export { flagValue, isOn };
