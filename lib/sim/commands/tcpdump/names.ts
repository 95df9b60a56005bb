/** Which addresses a packet's line will show, to be looked up before it is printed. */
import type { Ip } from '../../addr/ip.ts';
import type { Packet } from '../../packet/packet.ts';

/** Every address in a packet, encapsulated and quoted ones included. */
export function addressesOf(p: Packet): Ip[] {
  const found = new Set<Ip>();
  for (let at: Packet | undefined = p, depth = 0; at && depth < 8; at = at.inner ?? at.icmp?.quoted, depth++) {
    if (at.arp) found.add(at.arp.spa).add(at.arp.tpa);
    if (at.ip) found.add(at.ip.src).add(at.ip.dst);
    if (at.icmp?.gateway !== undefined) found.add(at.icmp.gateway);
    if (at.icmp?.target !== undefined) found.add(at.icmp.target);
  }
  return [...found];
}
