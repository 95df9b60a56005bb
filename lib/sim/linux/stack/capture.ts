/** What packet sockets (tcpdump, arping) see: dev_queue_xmit_nit() and the ptype_all taps of netif_receive_skb(). */
import { BROADCAST_MAC, isGroupMac } from '../../addr/mac.ts';
import type { World } from '../../kernel/world.ts';
import { clonePacket, type Packet } from '../../packet/packet.ts';
import type { Capture, Link, NetNs } from '../types.ts';

/** Frames a capture holds unread before it loses new ones. */
const CAPTURE_LIMIT = 20_000;

export type Direction = Capture['frames'][number]['dir'];

/** skb->pkt_type of a received frame: eth_type_trans(). */
export function packetType(link: Link, packet: Packet): Exclude<Direction, 'out'> {
  const dst = packet.eth?.dst;
  if (dst === undefined || dst === link.mac || link.kind === 'loopback') return 'in';
  if (dst === BROADCAST_MAC) return 'broadcast';
  return isGroupMac(dst) ? 'multicast' : 'other';
}

/** Hands a copy to every capture that listens on the device. What `lo` sends is seen once, when it comes in. */
export function tap(world: World, ns: NetNs, link: Link, packet: Packet, dir: Direction): void {
  if (ns.captures.size === 0 || (dir === 'out' && link.kind === 'loopback')) return;
  for (const capture of ns.captures.values()) {
    if (capture.dev !== 0 && capture.dev !== link.ifindex) continue;
    if (capture.frames.length < CAPTURE_LIMIT)
      capture.frames.push({ at: world.now, dev: link.ifindex, dir, packet: clonePacket(packet) });
  }
}
