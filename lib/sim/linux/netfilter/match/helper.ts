import { defineMatch } from '../ext.ts';
import { saveString } from '../values.ts';

/** Connections that a helper expected. The model has no helpers, so none was. */
export const helper = defineMatch<{ name: string; not: boolean }>({
  name: 'helper',
  tracks: true,
  options: [{ name: 'helper', arg: true, must: true, invert: true }],
  init: () => ({ name: '', not: false }),
  option(args, _id, value, not) {
    args.name = value.slice(0, 29);
    args.not = not;
  },
  save: (args) => `${args.not ? ' !' : ''} --helper${saveString(args.name)}`,
  list: (args) => `helper match ${args.not ? '! ' : ''}"${args.name}"`,
  apply: (args) => args.not,
});
