/** Keys for route lookups: struct flowi. */
import type { Packet } from '../../packet/packet.ts';
import type { Flow } from '../route/lookup.ts';

/** The flow a packet belongs to, as routing rules can match it. */
export function flowOf(packet: Packet, where: { iif?: number; oif?: number }): Flow {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const ports = packet.tcp ?? packet.udp;
  const flow: Flow = { dst: ip.dst, src: ip.src, mark: packet.mark, tos: ip.tos, proto: ip.proto };
  if (where.iif) flow.iif = where.iif;
  if (where.oif) flow.oif = where.oif;
  if (ports) {
    flow.sport = ports.sport;
    flow.dport = ports.dport;
  }
  return flow;
}
