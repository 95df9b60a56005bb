/** type, command, hash, eval, source, exec. */

import { print, printErr } from '../../commands/io.ts';
import type { Io } from '../../kernel/process.ts';
import { runText } from '../exec/call.ts';
import { applyPlans, type Plan, redirectOptions } from '../exec/redirect.ts';
import { notFound, runWords } from '../exec/simple.ts';
import { functionText } from '../print-function.ts';
import { execInPlace, findProgram, lookPath } from '../program.ts';
import { errorPrefix, type Shell } from '../state.ts';
import { environment, getVar } from '../vars.ts';
import { strerror } from '../vfs/errno.ts';
import { vfsOf } from '../vfs/vfs.ts';
import { builtins, KEYWORDS } from './table.ts';

/** Where a name leads: what `type` says of it. */
type What = { kind: 'alias' | 'keyword' | 'function' | 'builtin' | 'file'; text: string } | null;

function lookUp(shell: Shell, name: string, pathOnly = false): What {
  if (!pathOnly) {
    const alias = shell.aliases.get(name);
    if (alias !== undefined) return { kind: 'alias', text: alias };
    if (KEYWORDS.has(name)) return { kind: 'keyword', text: name };
    if (shell.functions.has(name)) return { kind: 'function', text: name };
    if (builtins.has(name)) return { kind: 'builtin', text: name };
  }
  if (name.includes('/')) {
    const at = vfsOf(shell.proc).stat(name);
    return at.ok && at.value.type === 'file' && (at.value.mode & 0o111) !== 0 ? { kind: 'file', text: name } : null;
  }
  const path = lookPath(shell.proc, name, getVar(shell, 'PATH') ?? '');
  return path === null ? null : { kind: 'file', text: path };
}

function describeName(shell: Shell, name: string, what: NonNullable<What>): string {
  switch (what.kind) {
    case 'alias':
      return `${name} is aliased to \`${what.text}'\n`;
    case 'keyword':
      return `${name} is a shell keyword\n`;
    case 'function': {
      const fn = shell.functions.get(name);
      return `${name} is a function\n${fn ? functionText(name, fn) : ''}\n`;
    }
    case 'builtin':
      return `${name} is a shell builtin\n`;
    case 'file':
      return `${name} is ${what.text}\n`;
  }
}

export function* type(shell: Shell, words: readonly string[]): Io<number> {
  const args = words.slice(1);
  const flags = new Set<string>();
  while (/^-[tpPaf]+$/.test(args[0] ?? '')) for (const f of (args.shift() as string).slice(1)) flags.add(f);
  let status = 0;
  for (const name of args) {
    const what = lookUp(shell, name, flags.has('P'));
    if (!what) {
      status = 1;
      if (!flags.has('t') && !flags.has('p') && !flags.has('P'))
        yield* printErr(`${errorPrefix(shell)}type: ${name}: not found\n`);
    } else if (flags.has('t')) yield* print(`${what.kind}\n`);
    else if (flags.has('p') || flags.has('P')) yield* print(what.kind === 'file' ? `${what.text}\n` : '');
    else yield* print(describeName(shell, name, what));
    const file = flags.has('a') && what && what.kind !== 'file' ? lookUp(shell, name, true) : null;
    if (file) yield* print(flags.has('t') ? 'file\n' : describeName(shell, name, file));
  }
  return status;
}

export function* command(shell: Shell, words: readonly string[], plans: readonly Plan[]): Io<number> {
  const args = words.slice(1);
  let mode = '';
  while (/^-[vVp]+$/.test(args[0] ?? '')) mode += (args.shift() as string).replace(/[-p]/g, '');
  if (args[0] === '--') args.shift();
  if (args.length === 0) return 0;
  if (mode === '') {
    if (words[0] === 'builtin' && !builtins.has(args[0] as string)) {
      yield* printErr(`${errorPrefix(shell)}builtin: ${args[0]}: not a shell builtin\n`);
      return 1;
    }
    return yield* runWords(shell, args, [], args[0] === 'exec' ? plans : [], {
      tail: false,
      text: args.join(' '),
      noFunctions: true,
    });
  }
  let status = 1;
  for (const name of args) {
    const what = lookUp(shell, name);
    if (what) status = 0;
    if (mode.includes('V')) {
      if (what) yield* print(describeName(shell, name, what));
      else yield* printErr(`${errorPrefix(shell)}command: ${name}: not found\n`);
    } else if (what)
      yield* print(
        what.kind === 'alias'
          ? `alias ${name}='${what.text}'\n`
          : what.kind === 'file'
            ? `${what.text}\n`
            : `${name}\n`,
      );
  }
  return status;
}

export function* hash(shell: Shell, words: readonly string[]): Io<number> {
  let status = 0;
  for (const name of words.slice(1).filter((w) => !w.startsWith('-'))) {
    if (lookUp(shell, name)) continue;
    yield* printErr(`${errorPrefix(shell)}hash: ${name}: not found\n`);
    status = 1;
  }
  return status;
}

export function* evalBuiltin(shell: Shell, words: readonly string[]): Io<number> {
  const text = words.slice(words[1] === '--' ? 2 : 1).join(' ');
  return text.trim() === '' ? 0 : yield* runText(shell, text, 'eval');
}

export function* source(shell: Shell, words: readonly string[]): Io<number> {
  const [, file, ...args] = words;
  if (file === undefined) {
    yield* printErr(
      `${errorPrefix(shell)}${words[0]}: filename argument required\n${words[0]}: usage: ${words[0]} filename [arguments]\n`,
    );
    return 2;
  }
  const found = file.includes('/') ? file : (lookPath(shell.proc, file, getVar(shell, 'PATH') ?? '') ?? file);
  const text = yield* readSource(shell, found);
  if (!text.ok) {
    yield* printErr(
      `${errorPrefix(shell)}${text.errno === 'EISDIR' ? `${words[0]}: ` : ''}${file}: ${text.errno === 'EISDIR' ? 'is a directory' : strerror(text.errno)}\n`,
    );
    return 1;
  }
  const { positional } = shell;
  if (args.length > 0) shell.positional = args;
  const status = yield* runText(shell, text.value, file, true);
  if (args.length > 0) shell.positional = positional;
  return status;
}

function* readSource(shell: Shell, path: string): Io<{ ok: true; value: string } | { ok: false; errno: string }> {
  if (!path.startsWith('/dev/')) return vfsOf(shell.proc).readFile(path);
  const file = vfsOf(shell.proc).open(path, 'r');
  if (!file.ok) return file;
  const fd = [...shell.proc.fds].find(([, f]) => f === file.value)?.[0];
  let text = '';
  while (fd !== undefined && text.length < 1_000_000) {
    const chunk = (yield { op: 'read', fd }) as string | null;
    if (chunk === null) break;
    text += chunk;
  }
  return { ok: true, value: text };
}

export function* exec(shell: Shell, words: readonly string[], plans: readonly Plan[]): Io<number> {
  const error = applyPlans(shell.proc, plans, redirectOptions(shell), null);
  if (error !== null) {
    yield* printErr(`${errorPrefix(shell)}${error}\n`);
    if (!shell.interactive) shell.flow = { kind: 'exit' };
    shell.status = 1;
    return 1;
  }
  const args = words.slice(1);
  while (args[0] === '-c' || args[0] === '-l' || args[0] === '--') args.shift();
  if (args[0] === '-a') args.splice(0, 2);
  if (args.length === 0) return 0;
  const env = environment(shell);
  const found = findProgram(shell.proc, args, env);
  if (!found.ok) {
    const [name = ''] = args;
    const status =
      found.errno === 'ENOENT' && !name.includes('/')
        ? yield* missing(shell, name)
        : yield* notFound(shell, name, found.errno);
    if (!shell.interactive) shell.flow = { kind: 'exit' };
    shell.status = status;
    return status;
  }
  shell.proc.env = env;
  shell.proc.ignoreInterrupt = false;
  delete shell.proc.onInterrupt;
  delete shell.proc.onTerminate;
  shell.status = yield* execInPlace(shell.proc, found);
  shell.traps.clear();
  shell.flow = { kind: 'exit' };
  return shell.status;
}

function* missing(shell: Shell, name: string): Io<number> {
  yield* printErr(`${errorPrefix(shell)}exec: ${name}: not found\n`);
  return 127;
}
