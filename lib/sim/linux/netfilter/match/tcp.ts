import { defineMatch, fail } from '../ext.ts';
import { inPorts, type PortRange, parsePortRange, portsList, portsSave } from './ports.ts';

const FLAGS: [string, number][] = [
  ['FIN', 1],
  ['SYN', 2],
  ['RST', 4],
  ['PSH', 8],
  ['ACK', 16],
  ['URG', 32],
];
const ALL = 0x3f;

interface TcpArgs {
  sport: PortRange | null;
  dport: PortRange | null;
  flags: { mask: number; comp: number; not: boolean } | null;
  option: { number: number; not: boolean } | null;
}

function parseFlags(text: string): number {
  let bits = 0;
  for (const word of text.split(/[, ]+/)) {
    if (word === '') continue;
    const upper = word.toUpperCase();
    const flag = FLAGS.find(([name]) => name === upper);
    if (flag) bits |= flag[1];
    else if (upper === 'ALL') bits |= ALL;
    else if (upper !== 'NONE') fail(`Unknown TCP flag \`${word}'`);
  }
  return bits;
}

const flagNames = (bits: number): string =>
  bits === 0
    ? 'NONE'
    : FLAGS.filter(([, bit]) => bits & bit)
        .map(([name]) => name)
        .join(',');

/** Whether iptables-nft writes it as nftables expressions, which have no check of their own. */
const isNative = (args: TcpArgs): boolean =>
  !args.option && (args.sport !== null || args.dport !== null || args.flags !== null);

export const tcp = defineMatch<TcpArgs>({
  name: 'tcp',
  oldStyle: true,
  options: [
    { name: 'source-port', arg: true },
    { name: 'sport', arg: true, id: 'source-port' },
    { name: 'destination-port', arg: true },
    { name: 'dport', arg: true, id: 'destination-port' },
    { name: 'syn' },
    { name: 'tcp-flags', arg: true },
    { name: 'tcp-option', arg: true },
  ],
  init: () => ({ sport: null, dport: null, flags: null, option: null }),
  option(args, id, value, not, _ctx, next) {
    if (id === 'source-port') {
      if (args.sport) fail("Only one `--source-port' allowed");
      args.sport = parsePortRange(value, 6, not);
    } else if (id === 'destination-port') {
      if (args.dport) fail("Only one `--destination-port' allowed");
      args.dport = parsePortRange(value, 6, not);
    } else if (id === 'tcp-option') {
      if (args.option) fail("Only one `--tcp-option' allowed");
      const number = /^\d+$/.test(value) ? Number(value) : 0;
      if (number < 1 || number > 255) fail(`Bad TCP option "${value}"`);
      args.option = { number, not };
    } else {
      if (args.flags) fail("Only one of `--syn' or `--tcp-flags'  allowed");
      if (id === 'syn') args.flags = { mask: 0x17, comp: 2, not };
      else {
        const comp = next();
        if (comp === null) fail('--tcp-flags requires two args.');
        args.flags = { mask: parseFlags(value), comp: parseFlags(comp), not };
      }
    }
  },
  done(args, _seen, _ctx, head) {
    // Flags of which none is looked at are written nowhere.
    if (args.flags?.mask === 0) args.flags = null;
    if (isNative(args) && head.proto?.number !== 6) fail("TCP match requires '-p tcp'");
  },
  accept: (args, { head }) => (isNative(args) || (head.proto?.number === 6 && !head.proto.not) ? null : 'EINVAL'),
  save(args) {
    let text = portsSave('sport', args.sport) + portsSave('dport', args.dport);
    if (args.option) text += `${args.option.not ? ' !' : ''} --tcp-option ${args.option.number}`;
    if (args.flags)
      text += `${args.flags.not ? ' !' : ''} --tcp-flags ${flagNames(args.flags.mask)} ${flagNames(args.flags.comp)}`;
    return text;
  },
  list(args, numeric) {
    let text = `tcp${portsList('sp', args.sport, 6, numeric)}${portsList('dp', args.dport, 6, numeric)}`;
    if (args.option) text += ` option=${args.option.not ? '!' : ''}${args.option.number}`;
    if (args.flags) {
      const show = (bits: number) =>
        numeric ? `0x${bits.toString(16).toUpperCase().padStart(2, '0')}` : flagNames(bits);
      text += ` flags:${args.flags.not ? '!' : ''}${show(args.flags.mask)}/${show(args.flags.comp)}`;
    }
    return text;
  },
  apply(args, { packet }) {
    const t = packet.tcp;
    if (!t) return false;
    if (!inPorts(args.sport, t.sport) || !inPorts(args.dport, t.dport)) return false;
    if (args.option) {
      const has =
        args.option.number === 2
          ? t.mss !== undefined
          : args.option.number === 3
            ? t.wscale !== undefined
            : args.option.number === 4
              ? t.sackOk === true
              : args.option.number === 8
                ? t.ts !== undefined
                : false;
      if (has === args.option.not) return false;
    }
    if (!args.flags) return true;
    const bits = (t.fin ? 1 : 0) | (t.syn ? 2 : 0) | (t.rst ? 4 : 0) | (t.psh ? 8 : 0) | (t.ackFlag ? 16 : 0);
    return ((bits & args.flags.mask) === args.flags.comp) !== args.flags.not;
  },
});
