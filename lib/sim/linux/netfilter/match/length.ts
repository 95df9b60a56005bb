import { ipLength } from '../../../packet/packet.ts';
import { defineMatch } from '../ext.ts';
import { uintOption } from '../values.ts';

export const length = defineMatch<{ min: number; max: number; not: boolean }>({
  name: 'length',
  options: [{ name: 'length', arg: true, must: true, invert: true }],
  init: () => ({ min: 0, max: 0, not: false }),
  option(args, _id, value, not) {
    const [low = '', high] = value.split(':');
    const number = (text: string) => uintOption('length', 'length', text, 0, 65535);
    args.min = low === '' ? 0 : number(low);
    args.max = high === undefined ? args.min : high === '' ? 65535 : number(high);
    args.not = not;
  },
  save: (args) => `${args.not ? ' !' : ''} --length ${args.min === args.max ? args.min : `${args.min}:${args.max}`}`,
  list: (args) => `length ${args.not ? '!' : ''}${args.min === args.max ? args.min : `${args.min}:${args.max}`}`,
  apply(args, { packet }) {
    const n = ipLength(packet);
    return (n >= args.min && n <= args.max) !== args.not;
  },
});
