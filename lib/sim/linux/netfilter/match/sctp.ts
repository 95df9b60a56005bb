import { defineMatch } from '../ext.ts';
import { inPorts, type PortRange, parsePortRange, portsList, portsSave, resolvePortRange } from './ports.ts';

interface SctpArgs {
  sport: PortRange | null;
  dport: PortRange | null;
}

const make = (name: string, proto: number) =>
  defineMatch<SctpArgs>({
    name,
    oldStyle: true,
    options: [
      { name: 'source-port', arg: true },
      { name: 'sport', arg: true, id: 'source-port' },
      { name: 'destination-port', arg: true },
      { name: 'dport', arg: true, id: 'destination-port' },
    ],
    init: () => ({ sport: null, dport: null }),
    option(args, id, value, not) {
      args[id === 'source-port' ? 'sport' : 'dport'] =
        proto === 33 ? resolvePortRange(value, not) : parsePortRange(value, proto, not);
    },
    accept: (_args, { head }) => (head.proto?.number === proto && !head.proto.not ? null : 'EINVAL'),
    save: (args) => portsSave('sport', args.sport) + portsSave('dport', args.dport),
    list: (args, numeric) =>
      `${name}${portsList('sp', args.sport, proto, numeric)}${portsList('dp', args.dport, proto, numeric)}`,
    apply(args, { packet }) {
      // SCTP and DCCP segments carry their ports as UDP's do in the model's packets.
      const ports = packet.ip?.proto === proto ? packet.udp : undefined;
      return ports !== undefined && inPorts(args.sport, ports.sport) && inPorts(args.dport, ports.dport);
    },
  });

export const sctp = make('sctp', 132);
export const dccp = make('dccp', 33);
