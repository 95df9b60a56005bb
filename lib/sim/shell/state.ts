/** What a shell remembers: one per bash process or subshell. */
import type { Proc } from '../kernel/process.ts';
import type { ProcessInfo } from '../kernel/world.ts';
import type { CompoundList, Function as FunctionNode, Redirected } from './parse.ts';

export interface Variable {
  kind: 'scalar' | 'indexed' | 'assoc';
  /** Null: declared, not set. */
  value: string | null;
  /** Elements of an array; the keys of an indexed one are decimal. */
  items: Map<string, string>;
  exported: boolean;
  readonly: boolean;
  integer: boolean;
}

/** Text that positions refer to. */
export interface Source {
  text: string;
  /** Number of its first line. */
  line: number;
  /** Offsets of line starts, made when first needed. */
  starts?: number[];
}

export interface ShellFunction {
  body: FunctionNode['body'] | CompoundList | Redirected;
  source: Source;
}

export interface Job {
  id: number;
  pids: number[];
  pgid: number;
  text: string;
  /** Exit status of the last process once known. */
  status: number | null;
  signalled: boolean;
  /** pids not yet waited for. */
  pending: number[];
  /** Its last process. */
  last: ProcessInfo;
}

/** Why the rest of a list is left. */
export type Flow =
  | { kind: 'break' | 'continue'; levels: number }
  | { kind: 'return' }
  | { kind: 'exit' }
  /** ^C, or an error that abandons the line: an interactive shell goes back to its prompt. */
  | { kind: 'abandon' };

/** Whose words error messages use. */
export type Dialect = 'bash' | 'dash' | 'ash';

export interface Shell {
  proc: Proc;
  dialect: Dialect;
  /** $0. */
  name: string;
  /** $$: a subshell keeps its parent's. */
  pid: number;
  vars: Map<string, Variable>;
  functions: Map<string, ShellFunction>;
  aliases: Map<string, string>;
  positional: string[];
  /** $?. */
  status: number;
  pipeStatus: number[];
  /** $!. */
  background: number | null;
  /** Long names of `set -o`. */
  options: Set<string>;
  shopts: Set<string>;
  /** Commands by signal name without SIG; EXIT, ERR, DEBUG too. */
  traps: Map<string, string>;
  jobs: Job[];
  flow: Flow | null;
  loops: number;
  /** Functions and sourced files being run, innermost last, with the variables each made local. */
  calls: { name: string; locals: Map<string, Variable | undefined>; sourced: boolean; file?: string }[];
  /** Nesting of commands: bounded. */
  depth: number;
  /** > 0 while a condition is evaluated: set -e looks away. */
  guarded: number;
  interactive: boolean;
  /** A child of a shell: `( )`, a pipeline's stage, `$( )`. */
  subshell: boolean;
  source: Source;
  /** Position of the command being run. */
  pos: number;
  history: string[];
  umask: number;
  /** Status of the last command substitution in the command being expanded. */
  substStatus: number | null;
  /** Descriptors that process substitutions opened for the command being run. */
  substFds: number[];
  /** ^C arrived. */
  interrupted: boolean;
  /** Trapped signals that arrived and wait for the next statement. */
  pendingSignals: string[];
  dirStack: string[];
  /** Virtual µs at start: SECONDS. */
  started: number;
  /** The command being run is the process's last: it may take the process over. */
  execTail: boolean;
  /** Aliases being expanded: they do not expand themselves. */
  aliasing: Set<string>;
  /** Nesting of eval, source and traps. */
  textDepth: number;
  /** Runs the text of `-c`. */
  inlineSource: boolean;
}

/** An expansion or an assignment that fails: ends the command with `status`. The message has no prefix. */
export class ShellError extends Error {
  constructor(
    message: string,
    readonly status = 1,
    /** A non-interactive shell exits (unset parameters, `${x:?}`). */
    readonly fatal = true,
  ) {
    super(message);
  }
}

const shells = new WeakMap<Proc, Shell>();

/** Remembers which shell a process runs: completion asks. */
export const registerShell = (shell: Shell): void => void shells.set(shell.proc, shell);

/** The shell that `proc` runs, if it runs one. */
export const shellOf = (proc: Proc): Shell | undefined => shells.get(proc);

/** A subshell's state: changes there do not come back. */
export function forkShell(shell: Shell, proc: Proc): Shell {
  const vars = new Map<string, Variable>();
  for (const [name, v] of shell.vars) vars.set(name, { ...v, items: v.items.size > 0 ? new Map(v.items) : v.items });
  return {
    ...shell,
    proc,
    vars,
    functions: new Map(shell.functions),
    aliases: new Map(shell.aliases),
    positional: [...shell.positional],
    pipeStatus: [...shell.pipeStatus],
    options: new Set(shell.options),
    shopts: new Set(shell.shopts),
    traps: new Map(),
    jobs: [],
    flow: null,
    loops: 0,
    calls: shell.calls.map((c) => ({ ...c, locals: new Map(c.locals) })),
    interactive: false,
    subshell: true,
    substFds: [],
    interrupted: false,
    pendingSignals: [],
    execTail: false,
    history: [],
    dirStack: [...shell.dirStack],
  };
}

/** Line of the command being run, from 1. */
export function lineNumber(shell: Shell, pos = shell.pos): number {
  const { source } = shell;
  if (!source.starts) {
    source.starts = [0];
    for (let at = source.text.indexOf('\n'); at >= 0; at = source.text.indexOf('\n', at + 1))
      source.starts.push(at + 1);
  }
  let low = 0;
  let high = source.starts.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((source.starts[mid] as number) <= pos) low = mid + 1;
    else high = mid;
  }
  return source.line + low - 1;
}

/** How an error message of the shell begins. */
export function errorPrefix(shell: Shell): string {
  if (shell.dialect === 'ash') return `${shell.name}: `;
  if (shell.dialect === 'dash') return `${shell.name}: ${lineNumber(shell)}: `;
  const { file, sourced } = shell.calls.at(-1) ?? { sourced: false };
  if (sourced) return `${file ?? shell.name}: line ${lineNumber(shell)}: `;
  return shell.interactive ? `${shell.name}: ` : `${shell.name}: line ${lineNumber(shell)}: `;
}

/** A login shell: its argv[0] begins with a hyphen. */
export const isLogin = (shell: Shell): boolean => shell.name.startsWith('-');
