import { defineTarget, fail } from '../ext.ts';

const hex4 = (n: number): string => n.toString(16).padStart(4, '0');

/** Sets the packet's traffic class. The model's queueing disciplines have no classes. */
export const classify = defineTarget<{ major: number; minor: number }>({
  name: 'CLASSIFY',
  options: [{ name: 'set-class', arg: true, must: true }],
  init: () => ({ major: 0, minor: 0 }),
  option(args, _id, value) {
    const m = /^\s*(?:0x)?([0-9a-f]+):\s*(?:0x)?([0-9a-f]+)/i.exec(value);
    if (!m) fail(`Bad class value "${value}"`);
    args.major = Number.parseInt(m[1] as string, 16) & 0xffff;
    args.minor = Number.parseInt(m[2] as string, 16) & 0xffff;
  },
  accept: (_args, { hooks }) => (hooks.has('PREROUTING') || hooks.has('INPUT') ? 'EINVAL' : null),
  save: (args) => ` --set-class ${hex4(args.major)}:${hex4(args.minor)}`,
  list: (args) => `CLASSIFY set ${args.major.toString(16)}:${args.minor.toString(16)}`,
  apply: () => 'CONTINUE',
});
