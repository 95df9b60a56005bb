/** Simple commands: assignments, functions, builtins, programs. */

import { printErr } from '../../commands/io.ts';
import { closeFd } from '../../kernel/files.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { builtins } from '../builtins/table.ts';
import { expandText, expandWords, isPlain } from '../expand/word.ts';
import type { Assignment, Command, Redirection } from '../parse.ts';
import { parseSource, parseWord } from '../parse.ts';
import { execInPlace, findProgram } from '../program.ts';
import { quoteIfNeeded } from '../quote.ts';
import { errorPrefix, type Shell, type Variable } from '../state.ts';
import { environment, restoreLocals, writable } from '../vars.ts';
import { strerror } from '../vfs/errno.ts';
import { assign } from './assign.ts';
import { callFunction } from './call.ts';
import { execStatements } from './list.ts';
import { noFork } from './node.ts';
import { applyPlans, type Plan, planRedirections, redirectOptions, withPlans } from './redirect.ts';
import { waitForeground } from './wait.ts';

const DECLARATIONS = new Set(['declare', 'typeset', 'local', 'export', 'readonly', 'alias']);

/** Runs a simple command. Throws {@link ShellError}. */
export function* execSimple(shell: Shell, node: Command): Io<number> {
  const alias = aliasFor(shell, node);
  if (alias !== null) return yield* execAlias(shell, alias);
  shell.pos = node.pos;
  shell.substStatus = null;
  const tail = shell.execTail;
  shell.execTail = false;
  const outer = shell.substFds;
  shell.substFds = [];
  try {
    const { words, assignments, redirections } = yield* expandSimpleParts(shell, node);
    const plans = redirections.length > 0 ? yield* planRedirections(shell, redirections) : [];
    if (words.length === 0) return yield* assignOnly(shell, assignments, plans);
    return yield* runWords(shell, words, assignments, plans, {
      tail,
      text: shell.source.text.slice(node.pos, node.end),
    });
  } finally {
    for (const fd of shell.substFds) closeFd(shell.proc, fd);
    shell.substFds = outer;
  }
}

interface Expanded {
  words: string[];
  assignments: Assignment[];
  redirections: Redirection[];
}

function* expandSimpleParts(shell: Shell, node: Command): Io<Expanded> {
  const assignments: Assignment[] = [];
  const redirections: Redirection[] = [];
  for (const p of node.prefix) {
    if (p.type === 'Assignment') assignments.push(p);
    else redirections.push(p);
  }
  const words = node.name ? (isPlain(node.name) ? [node.name.text] : yield* expandWords(shell, [node.name])) : [];
  const declares = DECLARATIONS.has(words[0] ?? '') && !shell.functions.has(words[0] as string);
  for (const part of node.suffix) {
    if (part.type === 'Word') {
      if (isPlain(part)) words.push(part.text);
      else words.push(...(yield* expandWords(shell, [part])));
    } else if (part.type !== 'Assignment') redirections.push(part);
    else if (declares) words.push(yield* declareAssignment(shell, words, part));
    else {
      const word = parseWord(part.text);
      words.push(...(word ? yield* expandWords(shell, [word]) : [part.text]));
    }
  }
  return { words, assignments, redirections };
}

/** `export x=$y`: the value is not split. Arrays are assigned after the builtin has made the name. */
function* declareAssignment(shell: Shell, words: readonly string[], a: Assignment): Io<string> {
  if (a.value.type !== 'ArrayValue' && !a.index && !a.append) {
    return `${a.name}=${yield* expandText(shell, a.value, true)}`;
  }
  yield* builtins
    .get(words[0] as string)!
    .run(shell, [...words.slice(0, 1), ...words.slice(1).filter((w) => /^[-+]\w/.test(w)), a.name], []);
  yield* assign(shell, a);
  return a.name;
}

function* assignOnly(shell: Shell, assignments: readonly Assignment[], plans: readonly Plan[]): Io<number> {
  for (const a of assignments) {
    if (shell.options.has('xtrace')) yield* trace([a.text]);
    yield* assign(shell, a);
  }
  const status = yield* withPlans(shell, plans, function* () {
    return 0;
  });
  return status !== 0 ? status : (shell.substStatus ?? 0);
}

/** `set -x`'s line. */
/** A line of `set -x`. */
export function* trace(words: readonly string[]): Io<void> {
  yield* printErr(`+ ${words.join(' ')}\n`);
}

interface RunOptions {
  tail: boolean;
  text: string;
  /** `command`: functions are not looked at. */
  noFunctions?: boolean;
}

/** Runs words as a command with its assignments and redirections. */
export function* runWords(
  shell: Shell,
  words: string[],
  assignments: readonly Assignment[],
  plans: readonly Plan[],
  options: RunOptions,
): Io<number> {
  const name = words[0] as string;
  if (shell.options.has('xtrace'))
    yield* trace([...assignments.map((a) => a.text), ...words.map((w) => quoteIfNeeded(w))]);
  setUnderscore(shell, words);
  const fn = options.noFunctions ? undefined : shell.functions.get(name);
  const builtin = builtins.get(name);
  if (!fn && !builtin) return yield* runProgram(shell, words, assignments, plans, options);
  const hidden = assignments.length > 0 ? yield* temporary(shell, assignments) : null;
  try {
    return yield* withPlans(shell, name === 'exec' ? [] : plans, () =>
      fn ? callFunction(shell, fn, words) : builtin!.run(shell, words, plans),
    );
  } finally {
    if (hidden) restoreLocals(shell, hidden);
  }
}

function setUnderscore(shell: Shell, words: readonly string[]): void {
  const v = writable(shell, '_');
  v.value = words[words.length - 1] ?? '';
}

/** Assignments before a builtin or function last as long as it runs. */
function* temporary(shell: Shell, assignments: readonly Assignment[]): Io<Map<string, Variable | undefined>> {
  const hidden = new Map<string, Variable | undefined>();
  for (const a of assignments) {
    const old = shell.vars.get(a.name);
    if (!hidden.has(a.name)) hidden.set(a.name, old ? { ...old } : undefined);
    yield* assign(shell, a);
    const v = shell.vars.get(a.name);
    if (v) v.exported = true;
  }
  return hidden;
}

function* runProgram(
  shell: Shell,
  words: string[],
  assignments: readonly Assignment[],
  plans: readonly Plan[],
  options: RunOptions,
): Io<number> {
  const hidden = assignments.length > 0 ? yield* temporary(shell, assignments) : null;
  const env = environment(shell);
  const path = shell.vars.get('PATH')?.value ?? '';
  env.set('_', words[0] as string);
  if (hidden) restoreLocals(shell, hidden);
  const main = function* (proc: Proc): Io<number> {
    const error = applyPlans(proc, plans, redirectOptions(shell), null);
    if (error !== null) {
      yield* printErr(`${errorPrefix(shell)}${error}\n`);
      return 1;
    }
    const found = findProgram(proc, words, env.has('PATH') || path === '' ? env : new Map([['PATH', path]]));
    if (found.ok) return yield* execInPlace(proc, found);
    return yield* notFound(shell, words[0] as string, found.errno);
  };
  if (options.tail && shell.traps.size === 0) {
    shell.proc.env = env;
    return yield* main(shell.proc);
  }
  const spawned = shell.interactive ? { pgid: shell.proc.host.nextPid } : {};
  const child = shell.proc.machine.spawn({ argv: [...words], parent: shell.proc, ownEnv: env, main, ...spawned });
  if (!child) return yield* noFork(shell);
  return (yield* waitForeground(shell, [child], options.text))[0] as number;
}

/** Says why a program cannot run: 127 when there is none, 126 otherwise. */
export function* notFound(shell: Shell, name: string, errno: string): Io<number> {
  if (errno === 'ENOENT' && (!name.includes('/') || shell.dialect !== 'bash')) {
    const words = shell.dialect === 'bash' ? 'command not found' : 'not found';
    yield* printErr(`${errorPrefix(shell)}${name}: ${words}\n`);
    return 127;
  }
  const why =
    errno === 'EISDIR' ? (shell.dialect === 'bash' ? 'Is a directory' : 'Permission denied') : strerror(errno);
  yield* printErr(`${errorPrefix(shell)}${name}: ${why}\n`);
  return errno === 'ENOENT' ? 127 : 126;
}

/** The source with its first word's alias put in; null when it has none. */
function aliasFor(shell: Shell, node: Command): string | null {
  const { name } = node;
  if (!shell.interactive || !name || shell.aliases.size === 0 || shell.aliasing.has(name.text)) return null;
  const value = shell.aliases.get(name.text);
  if (value === undefined) return null;
  const { text } = shell.source;
  shell.aliasing.add(name.text);
  return text.slice(node.pos, name.pos) + value + text.slice(name.end, node.end);
}

function* execAlias(shell: Shell, text: string): Io<number> {
  const { source } = shell;
  shell.source = { text, line: source.line };
  try {
    return yield* execStatements(shell, parseSource(text).script.commands);
  } finally {
    shell.source = source;
    shell.aliasing.clear();
  }
}
