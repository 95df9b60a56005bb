import { defineMatch, fail } from '../ext.ts';
import { inPorts, type PortRange, portsList, portsSave, resolvePortRange } from './ports.ts';

interface UdpArgs {
  sport: PortRange | null;
  dport: PortRange | null;
}

export const udp = defineMatch<UdpArgs>({
  name: 'udp',
  oldStyle: true,
  options: [
    { name: 'source-port', arg: true },
    { name: 'sport', arg: true, id: 'source-port' },
    { name: 'destination-port', arg: true },
    { name: 'dport', arg: true, id: 'destination-port' },
  ],
  init: () => ({ sport: null, dport: null }),
  option(args, id, value, not) {
    const key = id === 'source-port' ? 'sport' : 'dport';
    if (args[key]) fail(`udp: option "--${id}" can only be used once.\n`);
    args[key] = resolvePortRange(value, not);
  },
  done(args, _seen, _ctx, head) {
    if ((args.sport || args.dport) && head.proto?.number !== 17) fail("UDP match requires '-p udp'");
  },
  accept: (args, { head }) =>
    args.sport || args.dport || (head.proto?.number === 17 && !head.proto.not) ? null : 'EINVAL',
  save: (args) => portsSave('sport', args.sport) + portsSave('dport', args.dport),
  list: (args, numeric) => `udp${portsList('sp', args.sport, 17, numeric)}${portsList('dp', args.dport, 17, numeric)}`,
  apply: (args, { packet }) =>
    packet.udp !== undefined && inPorts(args.sport, packet.udp.sport) && inPorts(args.dport, packet.udp.dport),
});
