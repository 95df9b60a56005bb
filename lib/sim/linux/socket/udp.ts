/** UDP receive: udp_rcv(), udp_queue_rcv_skb(). */
import { formatIp } from '../../addr/ip.ts';
import { note } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import type { Packet } from '../../packet/packet.ts';
import { UDP_IN_DATAGRAMS } from '../snmp.ts';
import { drop } from '../stack/drop.ts';
import { geneveReceive } from '../stack/geneve.ts';
import { sendIcmpError } from '../stack/icmp-error.ts';
import { count } from '../stack/snmp.ts';
import { vxlanReceive } from '../stack/vxlan.ts';
import type { Datagram, Link, NetNs, Socket } from '../types.ts';
import { wireguardReceive } from '../wireguard/receive.ts';
import { inetIif } from './iif.ts';
import { DELIVERED, socketText, udpSocket } from './send.ts';

/** Datagrams a socket holds unread (rmem_default over small datagrams). */
const RECEIVE_QUEUE = 500;

/** Puts a packet into a socket's queue. False when it is full. */
export function enqueue(world: World, socket: Socket, packet: Packet, sport: number): boolean {
  if (socket.recvq.length >= RECEIVE_QUEUE) return false;
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const datagram: Datagram = {
    from: { ip: ip.src, port: sport },
    to: ip.dst,
    ttl: ip.ttl,
    data: packet.data,
    packet,
    at: world.now,
  };
  if (packet.dns) datagram.dns = packet.dns;
  socket.recvq.push(datagram);
  return true;
}

/** A datagram for this host: VXLAN, a socket, or "port unreachable". */
export function udpReceive(world: World, ns: NetNs, link: Link, packet: Packet, broadcast: boolean): void {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const udp = packet.udp as NonNullable<Packet['udp']>;
  if (vxlanReceive(world, ns, packet) || geneveReceive(world, ns, packet)) return;
  if (wireguardReceive(world, ns, packet)) return;
  if (broadcast) {
    for (const socket of ns.sockets.values()) {
      if (socket.kind !== 'udp' || socket.local.port !== udp.dport) continue;
      if (socket.local.ip !== 0 && socket.local.ip !== 0n && socket.local.ip !== ip.dst) continue;
      enqueue(world, socket, packet, udp.sport);
    }
    return;
  }
  const socket = udpSocket(ns, ip.dst, udp.dport, ip.src, udp.sport, inetIif(ns, link, packet), packet.sdif);
  if (!socket) {
    count(ns, 'Udp.NoPorts');
    drop(world, ns, packet, 'NO_SOCKET', () => `nobody listens on UDP port ${udp.dport} of ${formatIp(ip.dst)}`);
    const six = typeof ip.dst === 'bigint';
    sendIcmpError(world, ns, packet, six ? 1 : 3, six ? 4 : 3);
    return;
  }
  if (!enqueue(world, socket, packet, udp.sport)) {
    count(ns, 'Udp.RcvbufErrors');
    drop(world, ns, packet, 'SOCKET_RCVBUFF', () => `the receive buffer of ${socketText(socket)} is full`);
    return;
  }
  ns.snmp.bump(UDP_IN_DATAGRAMS);
  if (!world.trace.off) note(world, ns, packet, DELIVERED, socket.kind, socket.local);
}
