/** A shell on a terminal: prompt, continuation lines, history, job notices, ^C and ^D. */

import { print, printErr } from '../commands/io.ts';
import type { Io } from '../kernel/process.ts';
import { expandPrompt } from './prompt.ts';
import { shellRuntime, shellRuntimeLoaded } from './runtime-port.ts';
import { isLogin, type Shell } from './state.ts';
import { syntaxMessage } from './syntax-error.ts';
import { getVar, setVar } from './vars.ts';

const MAX_HISTORY = 1000;
const MAX_INPUT = 200_000;

/** Reads and runs commands until ^D or exit. */
export function* interact(shell: Shell): Io<number> {
  const { proc } = shell;
  shell.interactive = true;
  let waiting = false;
  proc.ignoreInterrupt = false;
  proc.pgid = proc.info.pid;
  proc.onInterrupt = () => {
    shell.interrupted = true;
    // A pending read ends with an empty line.
    if (waiting) proc.tty?.lines.push('');
  };
  proc.onTerminate = () => {};
  if (getVar(shell, 'PS1') === null)
    setVar(shell, 'PS1', shell.dialect === 'bash' ? '\\u@\\h:\\w\\$ ' : shell.dialect === 'ash' ? '\\w \\$ ' : '# ');
  if (getVar(shell, 'PS2') === null) setVar(shell, 'PS2', '> ');
  let buffer = '';
  for (;;) {
    if (buffer === '' && shell.jobs.length > 0 && shellRuntimeLoaded()) yield* shellRuntime().notifyJobs(shell);
    const prompt = expandPrompt(shell, getVar(shell, buffer === '' ? 'PS1' : 'PS2') ?? '');
    waiting = true;
    const line = (yield { op: 'readline', prompt }) as string | null;
    waiting = false;
    if (shell.interrupted) {
      shell.interrupted = false;
      shell.status = 130;
      buffer = '';
      continue;
    }
    if (line === null) {
      if (buffer === '') break;
      yield* printErr(`${shell.name}: syntax error: unexpected end of file\n`);
      shell.status = 2;
      buffer = '';
      continue;
    }
    buffer += `${line}\n`;
    if (buffer.length > MAX_INPUT) buffer = '';
    else if (yield* runLine(shell, buffer)) buffer = '';
    if (shell.flow?.kind === 'exit') return yield* shellRuntime().runExitTrap(shell);
    shell.flow = null;
  }
  if (shell.dialect !== 'ash') yield* print(isLogin(shell) ? 'logout\n' : 'exit\n');
  return yield* shellRuntime().runExitTrap(shell);
}

/** Runs what was typed; false when it goes on in the next line. */
function* runLine(shell: Shell, text: string): Io<boolean> {
  if (text.trim() === '') return true;
  const source = { text, line: 1 };
  const { script, errors, incomplete } = shellRuntime().parseSource(text);
  if (incomplete) return false;
  remember(shell, text);
  if (errors.length > 0) {
    yield* printErr(syntaxMessage(shell, errors, source));
    shell.status = 2;
    return true;
  }
  shell.source = source;
  yield* shellRuntime().execStatements(shell, script.commands);
  if (shell.proc.tty) shell.proc.tty.pgid = shell.proc.pgid;
  return true;
}

function remember(shell: Shell, text: string): void {
  const line = text.trimEnd().replace(/\n/g, '; ');
  if (line.startsWith(' ')) return;
  shell.history.push(text.trimEnd().includes('<<') ? text.trimEnd() : line);
  if (shell.history.length > MAX_HISTORY) shell.history.shift();
}
