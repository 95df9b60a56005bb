/** UDP as print-udp.c prints it: the port tells the decoder. */

import { decodeDns } from '../../../linux/resolve/wire.ts';
import { transportSum } from '../../../packet/bytes.ts';
import { l4Length, type Packet, type UdpHeader } from '../../../packet/packet.ts';
import { hex4, type PrintContext } from './context.ts';
import { printDns } from './dns.ts';

/** Ports whose protocols tcpdump decodes and the model does not. */
const UNDECODED = [
  67, 68, 69, 88, 123, 161, 162, 319, 320, 496, 500, 514, 520, 521, 525, 546, 547, 646, 654, 698, 701, 750, 921, 1589,
  1645, 1646, 1700, 1701, 1812, 1813, 1985, 2103, 2104, 3456, 3503, 3784, 3785, 3799, 4342, 4500, 4567, 4784, 4789,
  4790, 5060, 5353, 5359, 6081, 6343, 6635, 6696, 6697, 6784, 7000, 7001, 7002, 7003, 7004, 7005, 7006, 7007, 7008,
  7009, 7500, 8231, 8472, 8500, 12222, 12223, 17754, 30490,
];

type Inner = (c: PrintContext, p: Packet) => string;

function domain(c: PrintContext, p: Packet): string {
  const { length } = p.data;
  if (length < 12) return `domain [length ${length} < 12] (invalid)`;
  const message = p.dns ?? decodeDns(p.data);
  return message
    ? printDns(c, message, length)
    : `${(p.data.charCodeAt(0) << 8) | p.data.charCodeAt(1)}- [malformed] (${length})`;
}

/** Everything after `A.port > B.port: `. `inner` prints an encapsulated frame. */
export function printUdp(c: PrintContext, p: Packet, u: UdpHeader, inner: Inner): string {
  const length = l4Length(p) - 8;
  let out = '';
  if (c.options.verbose > (typeof p.ip?.src === 'bigint' ? 0 : 1) && !c.options.noChecksum) {
    const sum = transportSum(p);
    if (sum.there === 0) out = '[no cksum] ';
    else out = sum.there === sum.right ? '[udp sum ok] ' : `[bad udp cksum ${hex4(sum.there)} -> ${hex4(sum.right)}!] `;
  }
  if (c.options.quiet) return `${out}UDP, length ${length}`;
  const on = (port: number) => u.sport === port || u.dport === port;
  if (on(53) && !p.inner) return out + domain(c, p);
  if (p.inner && p.vni !== undefined) {
    if (u.dport === 4789) return `${out}VXLAN, flags [I] (0x08), vni ${p.vni}\n${inner(c, p.inner)}`;
    if (u.dport === 8472) return `${out}OTV, flags [I] (0x08), overlay 0, instance ${p.vni}\n${inner(c, p.inner)}`;
    if (u.dport === 6081) {
      const detail = c.options.link ? ', proto TEB (0x6558)' : '';
      return `${out}Geneve, Flags [none], vni 0x${p.vni.toString(16)}${detail}${c.options.verbose ? `\n\t` : ': '}${inner(c, p.inner)}`;
    }
  }
  const decoder = UNDECODED.find(on);
  if (decoder !== undefined) return `${out}flatnet: not modelled: decoding of UDP port ${decoder}, length ${length}`;
  return `${out}UDP, length ${length}`;
}
