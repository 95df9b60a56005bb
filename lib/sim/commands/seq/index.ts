import type { Proc, Program } from '../../kernel/process.ts';
import { formatPrintf } from '../../text/printf.ts';
import { defineCommand } from '../contract.ts';
import { print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
const BATCH = 1000;

function* run(proc: Proc): Program {
  const args = proc.argv.slice(1);
  let separator = '\n';
  let format: string | null = null;
  let padded = false;
  const fail = function* (message: string): Program {
    yield* printErr(`seq: ${message}\nTry 'seq --help' for more information.\n`);
    return 1;
  };
  while (args[0]?.startsWith('-') && !NUMBER.test(args[0])) {
    const option = args.shift() as string;
    const m = /^(?:-([sf])(.*)|--(separator|format)(?:=(.*))?)$/s.exec(option);
    if (m) {
      const value = (m[2] || m[4]) ?? args.shift();
      if (value === undefined) return yield* fail(`option requires an argument -- '${m[1] ?? m[3]}'`);
      if ((m[1] ?? m[3]?.[0]) === 's') separator = value;
      else format = value;
    } else if (option === '-w' || option === '--equal-width') padded = true;
    else if (option === '--') break;
    else return yield* fail(`invalid option -- '${option.replace(/^-+/, '')[0] ?? '-'}'`);
  }
  if (args.length === 0) return yield* fail('missing operand');
  if (args.length > 3) return yield* fail(`extra operand ‘${args[3]}’`);
  const bad = args.find((a) => !NUMBER.test(a));
  if (bad !== undefined) return yield* fail(`invalid floating point argument: ‘${bad}’`);
  const decimals = Math.max(
    ...args
      .slice(0, 2)
      .concat(args.length === 1 ? ['1'] : [])
      .map((a) => a.split('.')[1]?.length ?? 0),
  );
  const [first, step, last] =
    args.length === 1
      ? [1, 1, Number(args[0])]
      : args.length === 2
        ? [Number(args[0]), 1, Number(args[1])]
        : args.map(Number);
  if (step === 0) return yield* fail(`invalid Zero increment value: ‘${args[1]}’`);
  const show = (n: number) =>
    format === null ? n.toFixed(decimals) : formatPrintf(format, [String(n)], (t) => t).text;
  const width = padded ? Math.max(show(first as number).length, show(last as number).length) : 0;
  const pad = (text: string) =>
    text.startsWith('-') ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0');
  let out = '';
  let count = 0;
  for (let i = 0; ; i++) {
    const n = (first as number) + i * (step as number);
    if ((step as number) > 0 ? n > (last as number) + 1e-9 : n < (last as number) - 1e-9) break;
    out += (count++ > 0 ? separator : '') + pad(show(n));
    if (count % BATCH === 0) {
      yield* print(out);
      out = '';
    }
  }
  yield* print(out + (count > 0 ? '\n' : ''));
  return 0;
}

export const command = defineCommand({
  name: 'seq',
  dir: '/usr/bin',
  summary: 'print numbers',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-f=FORMAT -s=STRING -w'),
  run,
});
