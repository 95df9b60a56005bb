import { defineTarget, fail } from '../ext.ts';

const TYPES = ['accept', 'drop', 'reject'];

/** Notes the packet in the audit log, which nobody reads. */
export const audit = defineTarget<{ type: string }>({
  name: 'AUDIT',
  options: [{ name: 'type', arg: true, must: true }],
  init: () => ({ type: '' }),
  option(args, _id, value) {
    if (!TYPES.includes(value.toLowerCase())) fail(`Bad action type value "${value}"`);
    args.type = value.toLowerCase();
  },
  save: (args) => ` --type ${args.type}`,
  list: (args) => `AUDIT ${args.type}`,
  apply: () => 'CONTINUE',
});
