/** Command and process substitution: subshells whose output, or whose pipe, becomes a word. */

import { makePipe, printErr, read } from '../../commands/io.ts';
import { closeFd } from '../../kernel/files.ts';
import type { Io } from '../../kernel/process.ts';
import { runSubshell } from '../exec/fork.ts';
import { waitChild } from '../exec/wait.ts';
import { setFd } from '../fds.ts';
import type { CommandExpansionPart, ParsedScript, ProcessSubstitutionPart } from '../parse.ts';
import { errorPrefix, type Shell, ShellError, type Source } from '../state.ts';
import { syntaxMessage } from '../syntax-error.ts';
import { strerror } from '../vfs/errno.ts';
import { vfsOf } from '../vfs/vfs.ts';
import { expandText } from './word.ts';

/** Characters a substitution may hold. */
const MAX_OUTPUT = 1_000_000;

/** Runs `$(…)` and answers its output without trailing newlines. Sets the status that an assignment takes. */
export function* substitute(shell: Shell, part: CommandExpansionPart): Io<string> {
  const { script } = part;
  if (!script) return '';
  const source: Source = script.source === undefined ? shell.source : { text: script.source, line: 1 };
  if (script.errors && script.errors.length > 0) {
    yield* printErr(syntaxMessage(shell, script.errors, source));
    throw new ShellError('', 2);
  }
  const file = inputOnly(script);
  if (file) {
    const path = yield* expandText(shell, file);
    const text = vfsOf(shell.proc).readFile(path);
    if (!text.ok) yield* printErr(`${errorPrefix(shell)}${path}: ${strerror(text.errno)}\n`);
    shell.substStatus = text.ok ? 0 : 1;
    return text.ok ? trim(text.value) : '';
  }
  const { readEnd, writeEnd } = makePipe();
  const fds = new Map(shell.proc.fds);
  fds.set(1, writeEnd);
  const child = runSubshell(shell, script.commands, source, { fds });
  if (!child) {
    yield* printErr(`${errorPrefix(shell)}fork: retry: Resource temporarily unavailable\n`);
    shell.substStatus = 254;
    return '';
  }
  const fd = freeFd(shell, 10);
  setFd(shell.proc, fd, readEnd);
  let out = '';
  for (let chunk = yield* read(fd); chunk !== null; chunk = yield* read(fd)) {
    out += chunk;
    if (out.length > MAX_OUTPUT) break;
  }
  closeFd(shell.proc, fd);
  shell.substStatus = yield* waitChild(shell, child);
  if (out.length > MAX_OUTPUT) throw new ShellError('command substitution: cannot allocate memory', 2);
  if (out.includes('\0')) {
    yield* printErr(`${errorPrefix(shell)}warning: command substitution: ignored null byte in input\n`);
    out = out.replaceAll('\0', '');
  }
  return trim(out);
}

const trim = (text: string): string => {
  let end = text.length;
  while (text[end - 1] === '\n') end--;
  return text.slice(0, end);
};

/** The file of `$(<file)`. */
function inputOnly(script: ParsedScript) {
  const [only, more] = script.commands;
  if (!only || more || only.command.type !== 'Command' || only.command.name || only.command.suffix.length > 0)
    return null;
  const [redirect, second] = only.command.prefix;
  return redirect?.type === 'Redirect' && !second && redirect.operator === '<' && !redirect.descriptor
    ? redirect.target
    : null;
}

/** The first free descriptor from `from` on. */
export function freeFd(shell: Shell, from: number): number {
  let fd = from;
  while (shell.proc.fds.has(fd)) fd++;
  return fd;
}

/** Starts `<(…)` or `>(…)` and answers the path of its pipe. */
export function* processSubstitution(shell: Shell, part: ProcessSubstitutionPart): Io<string> {
  const { readEnd, writeEnd } = makePipe();
  const fds = new Map(shell.proc.fds);
  fds.set(part.operator === '<' ? 1 : 0, part.operator === '<' ? writeEnd : readEnd);
  const child = runSubshell(shell, part.script?.commands ?? [], shell.source, { fds });
  if (!child) {
    yield* printErr(`${errorPrefix(shell)}fork: retry: Resource temporarily unavailable\n`);
    return '/dev/null';
  }
  let fd = 63;
  while (shell.proc.fds.has(fd) && fd > 10) fd--;
  setFd(shell.proc, fd, part.operator === '<' ? readEnd : writeEnd);
  shell.substFds.push(fd);
  return `/dev/fd/${fd}`;
}
