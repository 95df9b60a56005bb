/** Shell variables: scalars, arrays, special parameters. */
import { nextBelow } from '../kernel/rng.ts';
import { lineNumber, type Shell, ShellError, type Variable } from './state.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const isName = (text: string): boolean => NAME.test(text);

/** Characters all variables of a shell may hold together in one value. */
const MAX_VALUE = 1_000_000;

const newVariable = (): Variable => ({
  kind: 'scalar',
  value: null,
  items: new Map(),
  exported: false,
  readonly: false,
  integer: false,
});

/** The value of a variable or special parameter; null when unset. */
export function getVar(shell: Shell, name: string): string | null {
  const special = getSpecial(shell, name);
  if (special !== undefined) return special;
  const v = shell.vars.get(name);
  if (!v) return null;
  if (v.kind === 'scalar') return v.value;
  return v.items.get('0') ?? null;
}

function getSpecial(shell: Shell, name: string): string | null | undefined {
  switch (name) {
    case '?':
      return String(shell.status);
    case '#':
      return String(shell.positional.length);
    case '$':
      return String(shell.pid);
    case '!':
      return shell.background === null ? null : String(shell.background);
    case '0':
      return shell.name;
    case '-':
      return flagLetters(shell);
    case '@':
    case '*':
      return shell.positional.length > 0 ? shell.positional.join(' ') : null;
    case '_':
      return shell.vars.get('_')?.value ?? '';
    case 'LINENO':
      return String(lineNumber(shell));
    case 'SECONDS':
      return String(Math.floor((shell.proc.world.now - shell.started) / 1e6));
    case 'RANDOM':
      return String(nextBelow(shell.proc.world.rng, 32768));
    case 'EPOCHSECONDS':
      return String(shell.proc.world.epoch + Math.floor(shell.proc.world.now / 1e6));
    case 'BASHPID':
      return String(shell.proc.info.pid);
    case 'PPID':
      return String(shell.proc.info.ppid);
    case 'UID':
    case 'EUID':
      return String(shell.proc.info.uid);
    case 'HOSTNAME':
      return shell.vars.get('HOSTNAME')?.value ?? shell.proc.hostname;
    case 'FUNCNAME':
      return shell.calls.findLast((c) => !c.sourced)?.name ?? null;
    case 'COLUMNS':
      return (
        shell.vars.get('COLUMNS')?.value ?? (shell.interactive && shell.proc.tty ? String(shell.proc.tty.cols) : null)
      );
    case 'LINES':
      return (
        shell.vars.get('LINES')?.value ?? (shell.interactive && shell.proc.tty ? String(shell.proc.tty.rows) : null)
      );
    default:
      return /^[0-9]+$/.test(name) ? (shell.positional[Number(name) - 1] ?? null) : undefined;
  }
}

const LETTERS: Record<string, string> = {
  allexport: 'a',
  errexit: 'e',
  noglob: 'f',
  hashall: 'h',
  nounset: 'u',
  xtrace: 'x',
  verbose: 'v',
  noclobber: 'C',
  braceexpand: 'B',
};

function flagLetters(shell: Shell): string {
  const letters = [...shell.options].map((o) => LETTERS[o] ?? '').join('');
  return [...letters].sort().join('') + (shell.interactive ? 'i' : '');
}

/** All elements, in order of their keys (indexed) or of insertion (associative). */
export function arrayOf(shell: Shell, name: string): [string, string][] {
  if (name === 'PIPESTATUS') return shell.pipeStatus.map((s, i) => [String(i), String(s)]);
  if (name === 'FUNCNAME')
    return shell.calls
      .filter((c) => !c.sourced)
      .map((c) => c.name)
      .reverse()
      .map((n, i) => [String(i), n]);
  if (name === 'DIRSTACK') return shell.dirStack.map((d, i) => [String(i), d]);
  const v = shell.vars.get(name);
  if (!v) {
    const value = getVar(shell, name);
    return value === null ? [] : [['0', value]];
  }
  if (v.kind === 'scalar') return v.value === null ? [] : [['0', v.value]];
  const entries = [...v.items];
  return v.kind === 'indexed' ? entries.sort((a, b) => Number(a[0]) - Number(b[0])) : entries;
}

/** The variable to write to, made when missing. Throws {@link ShellError} when it is read-only. */
export function writable(shell: Shell, name: string): Variable {
  let v = shell.vars.get(name);
  if (v?.readonly) throw new ShellError(`${name}: readonly variable`, 1, true);
  if (!v) {
    v = newVariable();
    if (shell.options.has('allexport')) v.exported = true;
    shell.vars.set(name, v);
  }
  return v;
}

/** Sets a scalar, or element 0 of an array. */
export function setVar(shell: Shell, name: string, value: string): void {
  if (value.length > MAX_VALUE) throw new ShellError('cannot allocate memory', 2, true);
  const v = writable(shell, name);
  if (v.kind === 'scalar') v.value = value;
  else v.items.set('0', value);
  if (v.exported) shell.proc.env.set(name, value);
}

/** Sets one element; the variable becomes an array. */
export function setElement(shell: Shell, name: string, key: string, value: string): void {
  const v = writable(shell, name);
  toArray(v);
  if (v.kind === 'indexed') {
    let index = Number(key);
    if (index < 0) index += Math.max(-1, ...[...v.items.keys()].map(Number)) + 1;
    if (index < 0) throw new ShellError(`${name}[${key}]: bad array subscript`);
    v.items.set(String(index), value);
  } else v.items.set(key, value);
}

/** Turns a scalar into an array that holds it at 0. */
export function toArray(v: Variable, kind: 'indexed' | 'assoc' = 'indexed'): void {
  if (v.kind !== 'scalar') return;
  v.kind = kind;
  v.items = new Map(v.value === null ? [] : [['0', v.value]]);
  v.value = null;
}

/** Forgets a variable. Throws {@link ShellError} when it is read-only. */
export function unsetVar(shell: Shell, name: string): void {
  if (shell.vars.get(name)?.readonly) throw new ShellError(`unset: ${name}: cannot unset: readonly variable`, 1, false);
  shell.vars.delete(name);
  shell.proc.env.delete(name);
}

/** Makes a variable local to the innermost function. */
export function makeLocal(shell: Shell, name: string): Variable {
  const call = shell.calls.findLast((c) => !c.sourced);
  const old = shell.vars.get(name);
  if (!call || call.locals.has(name)) return writable(shell, name);
  if (old?.readonly) throw new ShellError(`local: ${name}: readonly variable`, 1, false);
  call.locals.set(name, old);
  const v = newVariable();
  if (old?.exported) v.exported = true;
  shell.vars.set(name, v);
  return v;
}

/** Puts back what a function's locals, or assignments before a command, hid. */
export function restoreLocals(shell: Shell, locals: Map<string, Variable | undefined>): void {
  for (const [name, old] of locals) {
    if (old) shell.vars.set(name, old);
    else shell.vars.delete(name);
  }
}

/** The environment a child gets. */
export function environment(shell: Shell): Map<string, string> {
  const env = new Map<string, string>();
  for (const [name, v] of shell.vars) if (v.exported && v.value !== null) env.set(name, v.value);
  return env;
}

/** Takes a process's environment as exported variables. */
export function importEnvironment(shell: Shell): void {
  for (const [name, value] of shell.proc.env) {
    if (isName(name)) shell.vars.set(name, { ...newVariable(), value, exported: true });
  }
}
