import { defineMatch } from '../ext.ts';
import { uintOption } from '../values.ts';

export const tcpmss = defineMatch<{ min: number; max: number; not: boolean }>({
  name: 'tcpmss',
  options: [{ name: 'mss', arg: true, must: true, invert: true }],
  init: () => ({ min: 0, max: 0, not: false }),
  option(args, _id, value, not) {
    const [low = '', high] = value.split(':');
    args.min = uintOption('tcpmss', 'mss', low, 0, 65535);
    args.max = high === undefined ? args.min : high === '' ? 65535 : uintOption('tcpmss', 'mss', high, 0, 65535);
    args.not = not;
  },
  accept: (_args, { head }) => (head.proto?.number === 6 && !head.proto.not ? null : 'EINVAL'),
  save: (args) => `${args.not ? ' !' : ''} --mss ${args.min === args.max ? args.min : `${args.min}:${args.max}`}`,
  list: (args) => `tcpmss match ${args.not ? '!' : ''}${args.min === args.max ? args.min : `${args.min}:${args.max}`}`,
  apply(args, { packet }) {
    const mss = packet.tcp?.mss;
    if (mss === undefined) return args.not;
    return (mss >= args.min && mss <= args.max) !== args.not;
  },
});
