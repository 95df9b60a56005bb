import { defineMatch } from '../ext.ts';
import { inPorts, parsePortRange, portsList, portsSave, type PortRange } from './ports.ts';

interface SctpArgs {
  sport: PortRange | null;
  dport: PortRange | null;
}

export const sctp = defineMatch<SctpArgs>({
  name: 'sctp',
  oldStyle: true,
  options: [
    { name: 'source-port', arg: true }, { name: 'sport', arg: true, id: 'source-port' },
    { name: 'destination-port', arg: true }, { name: 'dport', arg: true, id: 'destination-port' },
  ],
  init: () => ({ sport: null, dport: null }),
  option(args, id, value, not) {
    args[id === 'source-port' ? 'sport' : 'dport'] = parsePortRange(value, 132, not);
  },
  accept: (_args, { head }) => (head.proto?.number === 132 && !head.proto.not ? null : 'EINVAL'),
  save: (args) => portsSave('sport', args.sport) + portsSave('dport', args.dport),
  list: (args, numeric) => `sctp${portsList('sp', args.sport, 132, numeric)}${portsList('dp', args.dport, 132, numeric)}`,
  apply(args, { packet }) {
    // SCTP segments carry their ports as UDP's do in the model's packets.
    const ports = packet.ip?.proto === 132 ? packet.udp : undefined;
    return ports !== undefined && inPorts(args.sport, ports.sport) && inPorts(args.dport, ports.dport);
  },
});
