import { defineMatch } from '../ext.ts';
import { uintOption } from '../values.ts';

/** The CPU that handles the packet: the model does all on the first. */
export const cpu = defineMatch<{ cpu: number; not: boolean }>({
  name: 'cpu',
  options: [{ name: 'cpu', arg: true, must: true, invert: true }],
  init: () => ({ cpu: 0, not: false }),
  option(args, _id, value, not) {
    args.cpu = uintOption('cpu', 'cpu', value, 0, 0xffffffff);
    args.not = not;
  },
  save: (args) => `${args.not ? ' !' : ''} --cpu ${args.cpu}`,
  list: (args) => `cpu ${args.not ? '! ' : ''}${args.cpu}`,
  apply: (args) => (args.cpu === 0) !== args.not,
});
