/** declare, export, readonly, local, unset: a variable's attributes. */

import { print, printErr } from '../../commands/io.ts';
import type { Io } from '../../kernel/process.ts';
import { evaluate } from '../expand/arith.ts';
import { arithScope } from '../expand/arithmetic.ts';
import { functionText } from '../print-function.ts';
import { quoteDouble } from '../quote.ts';
import { errorPrefix, type Shell, ShellError, type Variable } from '../state.ts';
import { isName, makeLocal, setVar, toArray, unsetVar, writable } from '../vars.ts';

interface Flags {
  on: Set<string>;
  off: Set<string>;
  names: string[];
}

function flagsOf(words: readonly string[]): Flags {
  const flags: Flags = { on: new Set(), off: new Set(), names: [] };
  let i = 1;
  for (; i < words.length; i++) {
    const w = words[i] as string;
    if (w === '--') {
      i++;
      break;
    }
    if (!/^[-+][A-Za-z]+$/.test(w)) break;
    for (const letter of w.slice(1)) (w[0] === '-' ? flags.on : flags.off).add(letter);
  }
  flags.names = words.slice(i);
  return flags;
}

export const declare = (shell: Shell, words: readonly string[]): Io<number> =>
  apply(shell, words, words[0] as string, new Set());
export const local = function* (shell: Shell, words: readonly string[]): Io<number> {
  if (!shell.calls.some((c) => !c.sourced)) {
    yield* printErr(`${errorPrefix(shell)}local: can only be used in a function\n`);
    return 1;
  }
  return yield* apply(shell, words, 'local', new Set());
};
export const exportBuiltin = (shell: Shell, words: readonly string[]): Io<number> =>
  apply(shell, words, 'export', new Set(['x']));
export const readonly = (shell: Shell, words: readonly string[]): Io<number> =>
  apply(shell, words, 'readonly', new Set(['r']));

const KNOWN: Record<string, string> = {
  declare: 'aAfFgiIlnrtuxp',
  typeset: 'aAfFgiIlnrtuxp',
  local: 'aAfFgiIlnrtuxp',
  export: 'nfp',
  readonly: 'aAfp',
};

function* apply(shell: Shell, words: readonly string[], name: string, always: ReadonlySet<string>): Io<number> {
  const { on, off, names } = flagsOf(words);
  const bad = [...on, ...off].find((f) => !(KNOWN[name] as string).includes(f));
  if (bad) {
    yield* printErr(`${errorPrefix(shell)}${name}: -${bad}: invalid option\n`);
    return 2;
  }
  if (on.has('f') || on.has('F')) return yield* functions(shell, names, on.has('F'));
  for (const f of always) on.add(f);
  if (name === 'export' && on.delete('n')) {
    on.delete('x');
    off.add('x');
  }
  if (names.length === 0 || (on.has('p') && name !== 'export' && name !== 'readonly'))
    return yield* list(shell, names, on, name);
  const isLocal =
    (name === 'local' || name === 'declare' || name === 'typeset') &&
    !on.has('g') &&
    shell.calls.some((c) => !c.sourced);
  let status = 0;
  for (const word of names) {
    const m = /^([A-Za-z_][A-Za-z0-9_]*)(?:(\+?)=(.*))?$/s.exec(word);
    if (!m) {
      yield* printErr(`${errorPrefix(shell)}${name}: \`${word}': not a valid identifier\n`);
      status = 1;
      continue;
    }
    const [, variable = '', plus, value] = m;
    try {
      const v = isLocal
        ? makeLocal(shell, variable)
        : on.has('r') && value === undefined
          ? (shell.vars.get(variable) ?? writable(shell, variable))
          : writable(shell, variable);
      change(shell, v, variable, on, off, value === undefined ? undefined : (plus ? (v.value ?? '') : '') + value);
    } catch (error) {
      if (!(error instanceof ShellError)) throw error;
      yield* printErr(`${errorPrefix(shell)}${error.message}\n`);
      status = 1;
    }
  }
  return status;
}

function change(
  shell: Shell,
  v: Variable,
  name: string,
  on: ReadonlySet<string>,
  off: ReadonlySet<string>,
  value: string | undefined,
): void {
  if (on.has('A')) toArray(v, 'assoc');
  else if (on.has('a')) toArray(v);
  if (on.has('i')) v.integer = true;
  if (off.has('i')) v.integer = false;
  if (value !== undefined) {
    const text = v.integer
      ? String(evaluate(value, arithScope(shell)))
      : on.has('l')
        ? value.toLowerCase()
        : on.has('u')
          ? value.toUpperCase()
          : value;
    setVar(shell, name, text);
  }
  if (on.has('x')) v.exported = true;
  if (off.has('x')) v.exported = false;
  if (v.exported && v.value !== null) shell.proc.env.set(name, v.value);
  else shell.proc.env.delete(name);
  if (on.has('r')) v.readonly = true;
}

/** `declare -x NAME="value"`. */
function declaration(name: string, v: Variable): string {
  const letters = `${v.kind === 'indexed' ? 'a' : v.kind === 'assoc' ? 'A' : ''}${v.integer ? 'i' : ''}${v.readonly ? 'r' : ''}${v.exported ? 'x' : ''}`;
  const head = `declare -${letters || '-'} ${name}`;
  if (v.kind === 'scalar') return v.value === null ? `${head}\n` : `${head}=${quoteDouble(v.value)}\n`;
  const items = [...v.items];
  if (v.kind === 'indexed') items.sort((a, b) => Number(a[0]) - Number(b[0]));
  const body = items.map(([k, value]) => `[${k}]=${quoteDouble(value)}`).join(' ');
  return `${head}=(${body}${v.kind === 'assoc' && items.length > 0 ? ' ' : ''})\n`;
}

function* list(shell: Shell, names: readonly string[], on: ReadonlySet<string>, name: string): Io<number> {
  const wanted = (v: Variable) =>
    (!on.has('x') || v.exported) &&
    (!on.has('r') || v.readonly) &&
    (!on.has('a') || v.kind === 'indexed') &&
    (!on.has('A') || v.kind === 'assoc');
  let status = 0;
  for (const n of names.length > 0 ? names : [...shell.vars.keys()].sort()) {
    const v = shell.vars.get(n);
    if (!v) {
      yield* printErr(`${errorPrefix(shell)}${name}: ${n}: not found\n`);
      status = 1;
    } else if (names.length > 0 || wanted(v)) yield* print(declaration(n, v));
  }
  return status;
}

function* functions(shell: Shell, names: readonly string[], namesOnly: boolean): Io<number> {
  let status = 0;
  for (const n of names.length > 0 ? names : [...shell.functions.keys()].sort()) {
    const fn = shell.functions.get(n);
    if (!fn) status = 1;
    else if (namesOnly) yield* print(names.length > 0 ? `${n}\n` : `declare -f ${n}\n`);
    else yield* print(`${functionText(n, fn)}\n`);
  }
  return status;
}

export function* unset(shell: Shell, words: readonly string[]): Io<number> {
  const { on, names } = flagsOf(words);
  let status = 0;
  for (const name of names) {
    const element = /^(\w+)\[(.+)\]$/.exec(name);
    try {
      if (on.has('f')) shell.functions.delete(name);
      else if (element)
        shell.vars.get(element[1] as string)?.items.delete((element[2] as string).replace(/^(["'])(.*)\1$/, '$2'));
      else if (!isName(name)) {
        yield* printErr(`${errorPrefix(shell)}unset: \`${name}': not a valid identifier\n`);
        status = 1;
      } else if (shell.vars.has(name) || on.has('v')) unsetVar(shell, name);
      else shell.functions.delete(name);
    } catch (error) {
      if (!(error instanceof ShellError)) throw error;
      yield* printErr(`${errorPrefix(shell)}${error.message}\n`);
      status = 1;
    }
  }
  return status;
}
