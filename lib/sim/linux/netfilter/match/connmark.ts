import { defineMatch } from '../ext.ts';
import { type Mark, markOption, markText } from '../values.ts';

export const connmark = defineMatch<Mark & { not: boolean }>({
  name: 'connmark',
  options: [{ name: 'mark', arg: true, must: true, invert: true }],
  tracks: true,
  init: () => ({ value: 0, mask: 0xffffffff, not: false }),
  option(args, _id, value, not) {
    Object.assign(args, markOption('connmark', 'mark', value), { not });
  },
  save: (args) => `${args.not ? ' !' : ''} --mark ${markText(args)}`,
  list: (args) => `connmark match ${args.not ? '!' : ''} ${markText(args)}`,
  apply: (args, { ct }) => ct !== null && ((ct.mark & args.mask) >>> 0 === args.value) !== args.not,
});
