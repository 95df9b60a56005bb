import { clonePacket } from '../../../packet/packet.ts';
import { lowerLink } from '../../link/find.ts';
import { countTx } from '../stats.ts';
import { xmit } from '../xmit.ts';
import type { Transmit } from './contract.ts';

/** net/8021q/vlan_dev.c: tags the frame and hands it to the parent. */
export const vlan: Transmit = (world, ns, link, packet) => {
  const lower = lowerLink(world, ns, link);
  if (!lower || !packet.eth) return null;
  countTx(link, packet);
  const tagged = clonePacket(packet);
  tagged.eth = { ...packet.eth, vlan: (link.data as unknown as { id: number }).id };
  return xmit(world, lower.ns, lower.link, tagged);
};
