/** break, continue, return, exit, shift. */

import { printErr } from '../../commands/io.ts';
import type { Io } from '../../kernel/process.ts';
import { errorPrefix, isLogin, type Shell } from '../state.ts';

const INTEGER = /^[-+]?\d{1,18}$/;

function* leaveLoop(shell: Shell, words: readonly string[], kind: 'break' | 'continue'): Io<number> {
  if (shell.loops === 0) {
    yield* printErr(`${errorPrefix(shell)}${kind}: only meaningful in a \`for', \`while', or \`until' loop\n`);
    return 0;
  }
  const levels = words[1] === undefined ? 1 : Number(words[1]);
  if (words[1] !== undefined && !INTEGER.test(words[1])) {
    yield* printErr(`${errorPrefix(shell)}${kind}: ${words[1]}: numeric argument required\n`);
    shell.flow = { kind: 'break', levels: shell.loops };
    return 128;
  }
  if (levels < 1) {
    yield* printErr(`${errorPrefix(shell)}${kind}: ${words[1]}: loop count out of range\n`);
    shell.flow = { kind: 'break', levels: shell.loops };
    return 1;
  }
  shell.flow = { kind, levels };
  return 0;
}

export const breakBuiltin = (shell: Shell, words: readonly string[]): Io<number> => leaveLoop(shell, words, 'break');
export const continueBuiltin = (shell: Shell, words: readonly string[]): Io<number> =>
  leaveLoop(shell, words, 'continue');

export function* returnBuiltin(shell: Shell, words: readonly string[]): Io<number> {
  if (shell.calls.length === 0) {
    yield* printErr(`${errorPrefix(shell)}return: can only \`return' from a function or sourced script\n`);
    return 2;
  }
  const status = yield* statusOf(shell, words, 'return');
  shell.flow = { kind: 'return' };
  shell.status = status;
  return status;
}

export function* exit(shell: Shell, words: readonly string[]): Io<number> {
  if (shell.interactive) yield* printErr(isLogin(shell) ? 'logout\n' : 'exit\n');
  const status = yield* statusOf(shell, words, 'exit');
  shell.flow = { kind: 'exit' };
  shell.status = status;
  return status;
}

function* statusOf(shell: Shell, words: readonly string[], name: string): Io<number> {
  const [, text] = words;
  if (text === undefined) return shell.status;
  if (INTEGER.test(text)) return ((Number(text) % 256) + 256) % 256;
  yield* printErr(`${errorPrefix(shell)}${name}: ${text}: numeric argument required\n`);
  return 2;
}

export function* shift(shell: Shell, words: readonly string[]): Io<number> {
  const [, text = '1'] = words;
  if (!INTEGER.test(text)) {
    yield* printErr(`${errorPrefix(shell)}shift: ${text}: numeric argument required\n`);
    return 1;
  }
  const n = Number(text);
  if (n < 0) {
    yield* printErr(`${errorPrefix(shell)}shift: ${text}: shift count out of range\n`);
    return 1;
  }
  if (n > shell.positional.length) return 1;
  shell.positional.splice(0, n);
  return 0;
}
