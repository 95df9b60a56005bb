import { defineMatch, fail } from '../ext.ts';
import { spanOption, spanText } from '../xtopt.ts';

export const tcpmss = defineMatch<{ min: number; max: number; not: boolean }>({
  name: 'tcpmss',
  options: [{ name: 'mss', arg: true, must: true, invert: true }],
  init: () => ({ min: 0, max: 0, not: false }),
  option(args, _id, value, not) {
    Object.assign(args, spanOption('tcpmss', 'mss', value, 65535), { not });
    if (args.max < args.min) fail('tcpmss: invalid range given');
  },
  accept: (_args, { head }) => (head.proto?.number === 6 && !head.proto.not ? null : 'EINVAL'),
  save: (args) => `${args.not ? ' !' : ''} --mss ${spanText(args)}`,
  list: (args) => `tcpmss match ${args.not ? '!' : ''}${spanText(args)}`,
  apply(args, { packet }) {
    const mss = packet.tcp?.mss;
    if (mss === undefined) return args.not;
    return (mss >= args.min && mss <= args.max) !== args.not;
  },
});
