import { print, printErr } from '../../commands/io.ts';
import type { Io } from '../../kernel/process.ts';
import { quoteForReuse } from '../quote.ts';
import { errorPrefix, type Shell } from '../state.ts';

const shown = (name: string, value: string): string => `alias ${name}=${quoteForReuse(value)}\n`;

export function* alias(shell: Shell, words: readonly string[]): Io<number> {
  const args = words.slice(1).filter((w) => w !== '-p' && w !== '--');
  if (args.length === 0) {
    for (const name of [...shell.aliases.keys()].sort()) yield* print(shown(name, shell.aliases.get(name) as string));
    return 0;
  }
  let status = 0;
  for (const arg of args) {
    const equals = arg.indexOf('=');
    if (equals > 0) shell.aliases.set(arg.slice(0, equals), arg.slice(equals + 1));
    else if (shell.aliases.has(arg)) yield* print(shown(arg, shell.aliases.get(arg) as string));
    else {
      yield* printErr(`${errorPrefix(shell)}alias: ${arg}: not found\n`);
      status = 1;
    }
  }
  return status;
}

export function* unalias(shell: Shell, words: readonly string[]): Io<number> {
  if (words[1] === undefined) {
    yield* printErr('unalias: usage: unalias [-a] name [name ...]\n');
    return 2;
  }
  if (words[1] === '-a') {
    shell.aliases.clear();
    return 0;
  }
  let status = 0;
  for (const name of words.slice(1)) {
    if (shell.aliases.delete(name)) continue;
    yield* printErr(`${errorPrefix(shell)}unalias: ${name}: not found\n`);
    status = 1;
  }
  return status;
}
