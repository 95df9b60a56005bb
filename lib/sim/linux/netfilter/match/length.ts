import { ipLength } from '../../../packet/packet.ts';
import { defineMatch } from '../ext.ts';
import { spanOption, spanText } from '../xtopt.ts';

export const length = defineMatch<{ min: number; max: number; not: boolean }>({
  name: 'length',
  options: [{ name: 'length', arg: true, must: true, invert: true }],
  init: () => ({ min: 0, max: 0, not: false }),
  option(args, _id, value, not) {
    Object.assign(args, spanOption('length', 'length', value, 65535), { not });
  },
  save: (args) => `${args.not ? ' !' : ''} --length ${spanText(args)}`,
  list: (args) => `length ${args.not ? '!' : ''}${spanText(args)}`,
  apply(args, { packet }) {
    const n = ipLength(packet);
    return (n >= args.min && n <= args.max) !== args.not;
  },
});
