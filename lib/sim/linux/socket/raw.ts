/** Raw and ICMP sockets: raw_local_deliver(), ping_rcv(). */
import type { World } from '../../kernel/world.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Link, NetNs } from '../types.ts';
import { inetIif } from './iif.ts';
import { acceptsDomains, addressFits } from './socket.ts';
import { enqueue } from './udp.ts';

/** Hands a packet to every raw socket of its protocol, and echo replies to their ICMP socket. True when one took it. */
export function deliverRaw(world: World, ns: NetNs, link: Link, packet: Packet): boolean {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  let taken = false;
  const dev = inetIif(ns, link, packet);
  for (const socket of ns.sockets.values()) {
    if (socket.kind !== 'raw' && socket.kind !== 'icmp') continue;
    if (socket.proto !== ip.proto || !addressFits(socket, ip.dst)) continue;
    if (socket.dev !== 0 && socket.dev !== dev && socket.dev !== packet.sdif) continue;
    if (socket.dev === 0 && packet.sdif && !acceptsDomains(ns, socket)) continue;
    if (socket.remote && socket.remote.ip !== ip.src) continue;
    if (socket.kind === 'icmp') {
      const type = packet.icmp?.type;
      if ((type !== 0 && type !== 129) || packet.icmp?.id !== socket.local.port) continue;
    }
    taken = enqueue(world, socket, packet, 0) || taken;
  }
  return taken;
}
