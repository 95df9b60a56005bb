/** Device counters. What a driver counts as bytes differs: some after the Ethernet header is pulled. */
import { frameLength, ipLength, type Packet } from '../../packet/packet.ts';
import type { Link } from '../types.ts';

const bare = (packet: Packet): number => (packet.arp ? 28 : ipLength(packet));

/** rx_bytes by kind: loopback, bridges, vlans and tunnels count without the Ethernet header. */
export function countRx(link: Link, packet: Packet): void {
  // WireGuard has counted its messages.
  if (link.kind === 'wireguard') return;
  link.stats.rxPackets++;
  switch (link.kind) {
    case 'loopback':
    case 'bridge':
    case 'vxlan':
    case 'geneve':
    case 'vlan':
      link.stats.rxBytes += bare(packet);
      break;
    default:
      link.stats.rxBytes += frameLength(packet);
  }
}

/** tx_bytes by kind. */
export function countTx(link: Link, packet: Packet): void {
  link.stats.txPackets++;
  const { kind } = link;
  const without = kind === 'loopback' || kind === 'vxlan' || kind === 'geneve';
  link.stats.txBytes += without ? bare(packet) : frameLength(packet);
}
