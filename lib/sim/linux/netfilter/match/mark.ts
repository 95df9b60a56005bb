import { defineMatch } from '../ext.ts';
import { type Mark, markOption, markText } from '../values.ts';

export const mark = defineMatch<Mark & { not: boolean }>({
  name: 'mark',
  options: [{ name: 'mark', arg: true, must: true, invert: true }],
  init: () => ({ value: 0, mask: 0xffffffff, not: false }),
  option(args, _id, value, not) {
    Object.assign(args, markOption('mark', 'mark', value), { not });
  },
  save: (args) => `${args.not ? ' !' : ''} --mark ${markText(args)}`,
  list: (args) => `mark match${args.not ? ' !' : ''} ${markText(args)}`,
  apply: (args, { packet }) => ((packet.mark & args.mask) >>> 0 === args.value) !== args.not,
});
