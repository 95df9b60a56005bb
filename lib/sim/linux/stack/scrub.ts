import type { Packet } from '../../packet/packet.ts';

/** Takes off what must not travel with a packet: skb_scrub_packet(). The mark stays within one namespace. */
export function scrub(packet: Packet, otherNs: boolean): void {
  packet.ct = undefined;
  packet.ctZone = undefined;
  packet.physIn = undefined;
  packet.physOut = undefined;
  packet.iif = 0;
  if (otherNs) packet.mark = 0;
}
