import { defineTarget, fail } from '../ext.ts';
import { dscpClass } from '../match/dscp.ts';
import { hex2, uintOption } from '../values.ts';

export const dscp = defineTarget<{ value: number }>({
  name: 'DSCP',
  options: [
    { name: 'set-dscp', arg: true, excl: ['set-dscp-class'] },
    { name: 'set-dscp-class', arg: true, excl: ['set-dscp'] },
  ],
  init: () => ({ value: 0 }),
  option(args, id, value) {
    args.value = id === 'set-dscp' ? uintOption('DSCP', id, value, 0, 63) : dscpClass(value);
  },
  done(_args, seen) {
    if (seen.size === 0) fail('DSCP target: Parameter --set-dscp is required');
  },
  accept: (_args, { table }) => (table === 'mangle' ? null : 'EINVAL'),
  save: (args) => ` --set-dscp ${hex2(args.value)}`,
  list: (args) => `DSCP set ${hex2(args.value)}`,
  apply(args, { packet }) {
    if (packet.ip) packet.ip.tos = (packet.ip.tos & 3) | (args.value << 2);
    return 'CONTINUE';
  },
});
