import { defineTarget, fail } from '../ext.ts';
import { uintOption } from '../values.ts';

interface EcnArgs {
  ece: number | null;
  cwr: number | null;
  ect: number | null;
}

/** Sets ECN's bits: xt_ECN for IPv4. The model's TCP has no ECE and CWR bits, so only IP's change. */
export const ecn = defineTarget<EcnArgs>({
  name: 'ECN',
  families: ['ip'],
  options: [
    { name: 'ecn-tcp-remove', excl: ['ecn-tcp-cwr', 'ecn-tcp-ece'] },
    { name: 'ecn-tcp-cwr', arg: true, excl: ['ecn-tcp-remove'] },
    { name: 'ecn-tcp-ece', arg: true, excl: ['ecn-tcp-remove'] },
    { name: 'ecn-ip-ect', arg: true },
  ],
  init: () => ({ ece: null, cwr: null, ect: null }),
  option(args, id, value) {
    if (id === 'ecn-tcp-remove') args.ece = args.cwr = 0;
    else if (id === 'ecn-ip-ect') args.ect = uintOption('ECN', id, value, 0, 3);
    else args[id === 'ecn-tcp-cwr' ? 'cwr' : 'ece'] = uintOption('ECN', id, value, 0, 1);
  },
  done(_args, seen) {
    if (seen.size === 0) fail('ECN target: An operation is required');
  },
  accept(args, { table, head }) {
    const needsTcp = args.ece !== null || args.cwr !== null;
    return table !== 'mangle' || (needsTcp && (head.proto?.number !== 6 || head.proto.not)) ? 'EINVAL' : null;
  },
  save(args) {
    if (args.ece === 0 && args.cwr === 0 && args.ect === null) return ' --ecn-tcp-remove';
    const ece = args.ece === null ? '' : ` --ecn-tcp-ece ${args.ece}`;
    const cwr = args.cwr === null ? '' : ` --ecn-tcp-cwr ${args.cwr}`;
    return ece + cwr + (args.ect === null ? '' : ` --ecn-ip-ect ${args.ect}`);
  },
  list(args) {
    if (args.ece === 0 && args.cwr === 0 && args.ect === null) return 'ECN TCP remove';
    const ece = args.ece === null ? '' : ` ECE=${args.ece}`;
    const cwr = args.cwr === null ? '' : ` CWR=${args.cwr}`;
    return `ECN${ece}${cwr}${args.ect === null ? '' : ` ECT codepoint=${args.ect}`}`;
  },
  apply(args, { packet }) {
    if (packet.ip && args.ect !== null) packet.ip.tos = (packet.ip.tos & ~3) | args.ect;
    return 'CONTINUE';
  },
});
