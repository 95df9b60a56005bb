import { ipLength } from '../../packet/packet.ts';
import type { HookState } from './ext.ts';

/**
 * skb->len at a hook. Frames that are being sent (netdev egress, arp output) still have their Ethernet header; a tag
 * stands beside the frame (skb->vlan_tci).
 */
export function hookLength({ packet, frame, hook }: HookState): number {
  const length = packet.ip ? ipLength(packet) : packet.arp ? 28 : 0;
  return hook === 'EGRESS' || (frame === 'arp' && hook === 'OUTPUT') ? length + 14 : length;
}
