import { defineTarget, fail } from '../ext.ts';
import { saveString, uintOption } from '../values.ts';

interface NflogArgs {
  group: number;
  prefix: string;
  /** Bytes copied; null is all. */
  size: number | null;
  /** What the old option asks for, which has no effect. */
  range: number;
  threshold: number;
}

function words(args: NflogArgs, prefix: string): string {
  let text = args.prefix ? ` ${prefix}nflog-prefix${saveString(args.prefix)}` : '';
  if (args.group) text += ` ${prefix}nflog-group ${args.group}`;
  if (args.size !== null) text += ` ${prefix}nflog-size ${args.size}`;
  // The back end has no field for a range.
  if (args.threshold) text += ` ${prefix}nflog-threshold ${args.threshold}`;
  return text;
}

export const nflog = defineTarget<NflogArgs>({
  name: 'NFLOG',
  options: [
    { name: 'nflog-group', arg: true },
    { name: 'nflog-prefix', arg: true },
    { name: 'nflog-range', arg: true, excl: ['nflog-size'] },
    { name: 'nflog-size', arg: true, excl: ['nflog-range'] },
    { name: 'nflog-threshold', arg: true },
  ],
  init: () => ({ group: 0, prefix: '', size: null, range: 0, threshold: 0 }),
  option(args, id, value) {
    if (id === 'nflog-prefix') {
      if (value === '') fail('Argument must have a minimum length of 1 characters\n');
      if (value.includes('\n')) fail('Newlines not allowed in --log-prefix');
      args.prefix = value.slice(0, 127);
    } else if (id === 'nflog-group') args.group = uintOption('NFLOG', id, value, 0, 65535);
    else if (id === 'nflog-size') args.size = uintOption('NFLOG', id, value, 0, 0xffffffff);
    else if (id === 'nflog-range') args.range = uintOption('NFLOG', id, value, 0, 0xffffffff);
    else args.threshold = uintOption('NFLOG', id, value, 0, 65535);
  },
  done(_args, seen, ctx) {
    if (seen.has('nflog-range'))
      ctx.warnings.push(
        'warn: --nflog-range has never worked and is no longer supported, please use --nflog-size instead\n',
      );
  },
  save: (args) => words(args, '--'),
  list: (args) => words(args, '').slice(1) || null,
  // Nobody listens on the group: the kernel drops the copy.
  apply: () => 'CONTINUE',
});
