import { formatPrintf } from '../../text/printf.ts';
import { AwkError } from './runtime.ts';
import { toNumber, toText, type Value } from './value.ts';

const SPEC = /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([hlLjzt]*)([a-zA-Z%])/g;

/** awk's printf: arguments are numbers or text as each conversion wants them. */
export function formatAwk(format: string, args: readonly Value[]): string {
  let next = 0;
  let out = '';
  let last = 0;
  const literal = (text: string) => text;
  for (const m of format.matchAll(SPEC)) {
    out += literal(format.slice(last, m.index));
    last = m.index + m[0].length;
    const [whole, , , , , letter = ''] = m;
    if (letter === '%') {
      out += '%';
      continue;
    }
    const spec = whole
      .replace(/\*/g, () => String(Math.trunc(toNumber(args[next++]))))
      .replace(/[hlLjzt]+(?=[a-zA-Z]$)/, '');
    if (next >= args.length) throw new AwkError(`run time error: not enough arguments passed to printf("${format}")`);
    const value = args[next++];
    let text: string;
    if ('diuoxX'.includes(letter)) {
      const n = toNumber(value);
      text = Number.isFinite(n) ? BigInt(Math.trunc(n)).toString() : '0';
    } else if (letter === 'c')
      text =
        typeof value === 'number'
          ? String.fromCodePoint(Math.max(0, Math.min(0x10ffff, Math.trunc(value))))
          : toText(value).slice(0, 1);
    else text = letter === 's' ? toText(value) : String(toNumber(value));
    out += formatPrintf(spec, [text], (t) => t).text;
  }
  return out + literal(format.slice(last));
}
