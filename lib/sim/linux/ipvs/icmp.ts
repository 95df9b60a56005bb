/** ICMP errors about balanced connections: ip_vs_in_icmp(), ip_vs_out_icmp(), ip_vs_nat_icmp(). */
import type { World } from '../../kernel/world.ts';
import { clonePacket, type Packet } from '../../packet/packet.ts';
import type { NetNs } from '../types.ts';
import { backward, connIn, connOut, flowTuple } from './conn.ts';
import { ipvsOf } from './types.ts';
import { rewrite, transmit } from './xmit.ts';

/** An error from outside about an answer of the service: it goes to the real server. */
export function relatedIn(
  world: World,
  ns: NetNs,
  packet: Packet,
  hook: 'INPUT' | 'OUTPUT' | 'FORWARD',
): 'ACCEPT' | 'DROP' | 'STOLEN' {
  const quoted = packet.icmp?.quoted;
  const flow = quoted && packet.ipvs !== ns.id ? flowTuple(quoted) : null;
  const conn = flow ? connIn(ipvsOf(ns), backward(flow)) : undefined;
  if (conn?.fwd !== 'masq') return 'ACCEPT';
  return transmit(world, ns, packet, conn, hook, () => {
    requote(packet, 'src', conn.daddr, conn.dport);
    rewrite(world, ns, packet, conn, 'request');
  });
}

/** An error about a request on its way to the real server: it comes from the service, about the service. */
export function relatedOut(world: World, ns: NetNs, packet: Packet): void {
  const quoted = packet.icmp?.quoted;
  const flow = quoted && packet.ipvs !== ns.id ? flowTuple(quoted) : null;
  const conn = flow ? connOut(ipvsOf(ns), backward(flow)) : undefined;
  if (conn?.fwd !== 'masq') return;
  requote(packet, 'dst', conn.vaddr, conn.vport);
  rewrite(world, ns, packet, conn, 'answer');
}

function requote(packet: Packet, side: 'src' | 'dst', ip: NonNullable<Packet['ip']>['src'], port: number): void {
  if (!packet.icmp?.quoted) return;
  const quoted = clonePacket(packet.icmp.quoted);
  if (quoted.ip) quoted.ip[side] = ip;
  const l4 = quoted.tcp ?? quoted.udp;
  if (l4) l4[side === 'src' ? 'sport' : 'dport'] = port;
  packet.icmp.quoted = quoted;
}
