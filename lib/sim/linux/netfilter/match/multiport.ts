import { defineMatch, fail } from '../ext.ts';
import { parsePort, portText } from '../values.ts';

interface MultiportArgs {
  side: 'sports' | 'dports' | 'ports';
  ranges: [number, number][];
  not: boolean;
}

const PORT_PROTOCOLS = [6, 17, 136, 132, 33];
const MAX_PORTS = 15;

const excl = (self: string): string[] => ['source-ports', 'destination-ports', 'ports'].filter((id) => id !== self);

export const multiport = defineMatch<MultiportArgs>({
  name: 'multiport',
  options: [
    { name: 'source-ports', arg: true, invert: true, excl: excl('source-ports') },
    { name: 'sports', arg: true, invert: true, id: 'source-ports', excl: excl('source-ports') },
    { name: 'destination-ports', arg: true, invert: true, excl: excl('destination-ports') },
    { name: 'dports', arg: true, invert: true, id: 'destination-ports', excl: excl('destination-ports') },
    { name: 'ports', arg: true, invert: true, excl: excl('ports') },
  ],
  init: () => ({ side: 'ports', ranges: [], not: false }),
  option(args, id, value, not, ctx) {
    args.side = id === 'source-ports' ? 'sports' : id === 'destination-ports' ? 'dports' : 'ports';
    args.not = not;
    const proto = ctx.head.proto?.number ?? 6;
    let slots = 0;
    args.ranges = value.split(',').map((part) => {
      const colon = part.indexOf(':');
      slots += colon < 0 ? 1 : 2;
      if (slots > MAX_PORTS) fail('too many ports specified');
      const min = parsePort(colon < 0 ? part : part.slice(0, colon), proto);
      const max = colon < 0 ? min : parsePort(part.slice(colon + 1), proto);
      if (colon >= 0 && min >= max) fail('invalid portrange specified');
      return [min, max];
    });
  },
  done(_args, seen, _ctx, head) {
    if (seen.size === 0) fail('multiport expection an option');
    if (!head.proto || head.proto.not) fail("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'");
    if (!PORT_PROTOCOLS.includes(head.proto.number)) fail('multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP');
  },
  save(args) {
    const ports = args.ranges.map(([min, max]) => (min === max ? `${min}` : `${min}:${max}`)).join(',');
    return `${args.not ? ' !' : ''} --${args.side} ${ports}`;
  },
  list(args, numeric, head) {
    const proto = head.proto?.number ?? 6;
    const show = (port: number) => portText(port, proto, numeric);
    const ports = args.ranges.map(([min, max]) => (min === max ? show(min) : `${show(min)}:${show(max)}`)).join(',');
    return `multiport ${args.side} ${args.not ? ' !' : ''}${ports}`;
  },
  apply(args, { packet }) {
    const l4 = packet.tcp ?? packet.udp;
    if (!l4) return false;
    const fits = (port: number) => args.ranges.some(([min, max]) => port >= min && port <= max);
    const hit =
      args.side === 'sports'
        ? fits(l4.sport)
        : args.side === 'dports'
          ? fits(l4.dport)
          : fits(l4.sport) || fits(l4.dport);
    return hit !== args.not;
  },
});
