/** Waiting for children, and what the shell says about how they ended. */

import { printErr } from '../../commands/io.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { lineNumber, type Shell } from '../state.ts';

const SIGNAL_WORDS: Record<number, string> = {
  1: 'Hangup',
  3: 'Quit',
  4: 'Illegal instruction',
  6: 'Aborted',
  9: 'Killed',
  10: 'User defined signal 1',
  11: 'Segmentation fault',
  12: 'User defined signal 2',
  14: 'Alarm clock',
  15: 'Terminated',
};

/** The words for an end by signal; undefined for those the shell does not tell of. */
export const signalWords = (status: number): string | undefined => SIGNAL_WORDS[status - 128];

/** Waits for one child. */
export function* waitChild(_shell: Shell, child: Proc): Io<number> {
  return (yield { op: 'waitpid', pid: child.info.pid }) as number;
}

/** Waits for a foreground job: it has the terminal meanwhile. Answers the statuses in order. */
export function* waitForeground(shell: Shell, children: readonly Proc[], text: string): Io<number[]> {
  const { tty } = shell.proc;
  const first = children[0];
  if (tty && shell.interactive && first) tty.pgid = first.pgid;
  const statuses: number[] = [];
  for (const child of children) statuses.push(yield* waitChild(shell, child));
  if (tty && shell.interactive) tty.pgid = shell.proc.pgid;
  const last = children[children.length - 1];
  const status = statuses[statuses.length - 1] ?? 0;
  if (last?.info.signalled && !shell.subshell) {
    if (status === 130 && shell.interactive) shell.flow = { kind: 'abandon' };
    const words = signalWords(status);
    if (words)
      yield* printErr(
        shell.interactive
          ? `${words}\n`
          : `${shell.name}: line ${lineNumber(shell)}: ${pidText(last)} ${words.padEnd(23)} ${text}\n`,
      );
  } else if (status === 130 && shell.interactive) shell.flow = { kind: 'abandon' };
  return statuses;
}

const pidText = (proc: Proc): string => String(proc.info.pid).padStart(5);
