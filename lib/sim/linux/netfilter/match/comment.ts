import { defineMatch } from '../ext.ts';
import { saveString } from '../values.ts';

export const comment = defineMatch<{ text: string }>({
  name: 'comment',
  options: [{ name: 'comment', arg: true, must: true }],
  init: () => ({ text: '' }),
  option(args, _id, value) {
    args.text = value.slice(0, 255);
  },
  save: ({ text }) => ` --comment${saveString(text)}`,
  list: ({ text }) => `/* ${text} */`,
  apply: () => true,
});
