import { ipLength } from '../../../packet/packet.ts';
import { defineMatch } from '../ext.ts';
import { digits, U64_MAX, uintOption } from '../values.ts';

/** Bytes that may still pass: xt_quota.c. A packet that does not fit any more ends the quota, whatever its size. */
export const quota = defineMatch<{ quota: number; left: number; not: boolean }>({
  name: 'quota',
  options: [{ name: 'quota', arg: true, must: true, invert: true }],
  init: () => ({ quota: 0, left: 0, not: false }),
  option(args, _id, value, not) {
    args.quota = args.left = uintOption('quota', 'quota', value, 0, U64_MAX);
    args.not = not;
  },
  save: (args) => `${args.not ? ' !' : ''} --quota ${digits(args.quota)}`,
  list: (args) => `quota: ${digits(args.quota)} bytes`,
  apply(args, { packet }) {
    const size = ipLength(packet);
    if (args.left < size) {
      args.left = 0;
      return args.not;
    }
    args.left -= size;
    return !args.not;
  },
});
