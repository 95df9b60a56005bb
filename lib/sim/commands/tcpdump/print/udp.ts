/** UDP as print-udp.c prints it: the port tells the decoder. */

import { decodeDns } from '../../../linux/resolve/wire.ts';
import { l4Length, type Packet, type UdpHeader } from '../../../packet/packet.ts';
import { transportSum } from '../bytes.ts';
import { hex4, type PrintContext } from './context.ts';
import { printDns } from './dns.ts';

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
  return `${out}UDP, length ${length}`;
}
