import { printErr } from '../../commands/io.ts';
import type { Io } from '../../kernel/process.ts';
import { formatPrintf } from '../../text/printf.ts';
import { strftime } from '../../text/strftime.ts';
import { quoteBackslash } from '../quote.ts';
import { errorPrefix, type Shell } from '../state.ts';
import { isName, setVar } from '../vars.ts';
import { output } from './basic.ts';

/** printf, with -v and %(format)T. */
export function* printf(shell: Shell, words: readonly string[]): Io<number> {
  const args = words.slice(1);
  let variable: string | null = null;
  if (args[0] === '-v') {
    args.shift();
    variable = args.shift() ?? '';
    if (!isName(variable)) {
      yield* printErr(`${errorPrefix(shell)}printf: \`${variable}': not a valid identifier\n`);
      return 2;
    }
  }
  if (args[0] === '--') args.shift();
  const format = args.shift();
  if (format === undefined) {
    yield* printErr(
      `${shell.interactive ? '' : errorPrefix(shell)}printf: usage: printf [-v var] format [arguments]\n`.replace(
        errorPrefix(shell),
        '',
      ),
    );
    return 2;
  }
  const now = shell.proc.world.epoch + Math.floor(shell.proc.world.now / 1e6);
  const dated = format.replace(/%\(([^)]*)\)T/g, (_, f: string) => {
    const at = Number(args[0] ?? -1);
    args.shift();
    return strftime(f, at < 0 ? now : at, 0).replace(/%/g, '%%');
  });
  const result = formatPrintf(dated, args, quoteBackslash);
  if (variable !== null) setVar(shell, variable, result.text);
  const status = variable === null ? yield* output(shell, 'printf', result.text) : 0;
  for (const message of result.errors) yield* printErr(`${errorPrefix(shell)}printf: ${message}\n`);
  return result.errors.length > 0 ? 1 : status;
}
