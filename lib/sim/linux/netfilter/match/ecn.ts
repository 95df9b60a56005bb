import { defineMatch, fail } from '../ext.ts';
import { uintOption } from '../values.ts';

interface EcnArgs {
  /** Null where it is not asked for, else whether the answer is inverted. */
  ece: boolean | null;
  cwr: boolean | null;
  ect: { value: number; not: boolean } | null;
}

export const ecn = defineMatch<EcnArgs>({
  name: 'ecn',
  options: [
    { name: 'ecn-tcp-cwr', invert: true },
    { name: 'ecn-tcp-ece', invert: true },
    { name: 'ecn-ip-ect', arg: true, invert: true },
  ],
  init: () => ({ ece: null, cwr: null, ect: null }),
  option(args, id, value, not) {
    if (id === 'ecn-tcp-cwr') args.cwr = not;
    else if (id === 'ecn-tcp-ece') args.ece = not;
    else args.ect = { value: uintOption('ecn', id, value, 0, 3), not };
  },
  done(_args, seen) {
    if (seen.size === 0) fail('ECN match: some option required');
  },
  accept: (args, { head }) =>
    (args.ece !== null || args.cwr !== null) && (head.proto?.number !== 6 || head.proto.not) ? 'EINVAL' : null,
  save(args) {
    const ece = args.ece === null ? '' : `${args.ece ? ' !' : ''} --ecn-tcp-ece`;
    const cwr = args.cwr === null ? '' : `${args.cwr ? ' !' : ''} --ecn-tcp-cwr`;
    return `${ece}${cwr}${args.ect ? `${args.ect.not ? ' !' : ''} --ecn-ip-ect ${args.ect.value}` : ''}`;
  },
  list(args) {
    const ece = args.ece === null ? '' : ` ${args.ece ? '!' : ''}ECE`;
    const cwr = args.cwr === null ? '' : ` ${args.cwr ? '!' : ''}CWR`;
    return `ECN match${ece}${cwr}${args.ect ? ` ${args.ect.not ? '!' : ''}ECT=${args.ect.value}` : ''}`;
  },
  apply(args, { packet }) {
    if (!packet.ip) return false;
    if (args.ect && ((packet.ip.tos & 3) === args.ect.value) === args.ect.not) return false;
    // The model's TCP does not negotiate ECN: both bits are clear.
    return args.ece !== false && args.cwr !== false;
  },
});
