import { defineTarget } from '../ext.ts';

/** Completes a checksum that was left to the device. */
export const checksum = defineTarget<object>({
  name: 'CHECKSUM',
  options: [{ name: 'checksum-fill', must: true }],
  init: () => ({}),
  option: () => {},
  accept: (_args, { table }) => (table === 'mangle' ? null : 'EINVAL'),
  save: () => ' --checksum-fill',
  list: () => 'CHECKSUM fill',
  apply: () => 'CONTINUE',
});
