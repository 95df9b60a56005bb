import { defineTarget, fail } from '../ext.ts';
import { saveString, uintOption } from '../values.ts';

interface NflogArgs {
  group: number;
  prefix: string;
  size: number;
  threshold: number;
}

export const nflog = defineTarget<NflogArgs>({
  name: 'NFLOG',
  options: [
    { name: 'nflog-group', arg: true },
    { name: 'nflog-prefix', arg: true },
    { name: 'nflog-size', arg: true },
    { name: 'nflog-threshold', arg: true },
  ],
  init: () => ({ group: 0, prefix: '', size: 0, threshold: 0 }),
  option(args, id, value) {
    if (id === 'nflog-prefix') {
      if (value === '') fail('Argument must have a minimum length of 1 characters\n');
      if (value.includes('\n')) fail('Newlines not allowed in --log-prefix');
      args.prefix = value.slice(0, 63);
    } else if (id === 'nflog-group') args.group = uintOption('NFLOG', id, value, 0, 65535);
    else if (id === 'nflog-size') args.size = uintOption('NFLOG', id, value, 0, 0xffffffff);
    else args.threshold = uintOption('NFLOG', id, value, 0, 65535);
  },
  save(args) {
    let text = args.prefix ? ` --nflog-prefix${saveString(args.prefix)}` : '';
    if (args.group) text += ` --nflog-group ${args.group}`;
    if (args.size) text += ` --nflog-size ${args.size}`;
    if (args.threshold) text += ` --nflog-threshold ${args.threshold}`;
    return text;
  },
  list(args) {
    const parts: string[] = [];
    if (args.prefix) parts.push(`nflog-prefix${saveString(args.prefix)}`);
    if (args.group) parts.push(`nflog-group ${args.group}`);
    if (args.size) parts.push(`nflog-size ${args.size}`);
    if (args.threshold) parts.push(`nflog-threshold ${args.threshold}`);
    return parts.length === 0 ? null : parts.join(' ');
  },
  // Nobody listens on the group: the kernel drops the copy.
  apply: () => 'CONTINUE',
});
