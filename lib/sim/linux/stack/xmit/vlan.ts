import { clonePacket, pushTag } from '../../../packet/packet.ts';
import { lowerLink } from '../../link/find.ts';
import { type VlanData, vlanOf, vlanTpid } from '../../link/vlan.ts';
import { countTx } from '../stats.ts';
import { xmit } from '../xmit.ts';
import type { Transmit } from './contract.ts';

/** net/8021q/vlan_dev.c: tags the frame and hands it to the parent. */
export const vlan: Transmit = (world, ns, link, packet) => {
  const lower = lowerLink(world, ns, link);
  if (!lower || !packet.eth) return null;
  countTx(link, packet);
  const tagged = clonePacket(packet);
  const data = vlanOf(link) as VlanData;
  // The priority an egress map has for skb->priority; packets of the model have none but 0.
  const prio = data.egress.find(([from]) => from === 0)?.[1] ?? 0;
  tagged.eth = pushTag(packet.eth, ((prio & 7) << 13) | data.id, vlanTpid(link));
  return xmit(world, lower.ns, lower.link, tagged);
};
