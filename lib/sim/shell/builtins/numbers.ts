/** let, ulimit, times. */

import { notModelled, print, printErr } from '../../commands/io.ts';
import type { Io } from '../../kernel/process.ts';
import { expandArithmetic } from '../expand/arithmetic.ts';
import { errorPrefix, type Shell, ShellError } from '../state.ts';

export function* letBuiltin(shell: Shell, words: readonly string[]): Io<number> {
  if (words.length < 2) {
    yield* printErr(`${errorPrefix(shell)}let: expression expected\n`);
    return 1;
  }
  let value = 0n;
  try {
    for (const word of words.slice(1)) value = yield* expandArithmetic(shell, word);
  } catch (error) {
    if (!(error instanceof ShellError)) throw error;
    yield* printErr(`${errorPrefix(shell)}let: ${error.message}\n`);
    return 1;
  }
  return value === 0n ? 1 : 0;
}

const LIMITS: Record<string, string> = {
  c: '0',
  f: 'unlimited',
  n: '1024',
  u: '512',
  v: 'unlimited',
  t: 'unlimited',
  s: '8192',
  d: 'unlimited',
  m: 'unlimited',
  l: '8192',
  q: '819200',
  x: 'unlimited',
};

export function* ulimit(_shell: Shell, words: readonly string[]): Io<number> {
  const letters =
    words
      .slice(1)
      .filter((w) => w.startsWith('-'))
      .join('')
      .replace(/[-HS]/g, '') || 'f';
  const value = words.slice(1).find((w) => !w.startsWith('-'));
  const limit = LIMITS[letters];
  if (letters.length !== 1 || limit === undefined) return yield* notModelled(`ulimit: -${letters}`);
  if (value === undefined) yield* print(`${limit}\n`);
  return 0;
}

export function* times(): Io<number> {
  yield* print('0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n');
  return 0;
}
