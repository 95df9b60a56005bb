import { isGroupMac } from '../../../addr/mac.ts';
import { clonePacket } from '../../../packet/packet.ts';
import { lowerLink, upperLinks } from '../../link/find.ts';
import { ipvlanOwner } from '../ipvlan.ts';
import { ipOutput } from '../output.ts';
import { scrub } from '../scrub.ts';
import { queueRx } from '../softirq.ts';
import { countTx } from '../stats.ts';
import { xmit } from '../xmit.ts';
import type { Transmit } from './contract.ts';

/** Siblings are reached directly; else l2 goes out by the parent, l3 is routed in the parent's namespace (ipvlan_queue_xmit). */
export const ipvlan: Transmit = (world, ns, link, packet) => {
  const lower = lowerLink(world, ns, link);
  if (!lower || !packet.eth) return null;
  countTx(link, packet);
  const siblings = upperLinks(world, lower.ns, lower.link).filter((u) => u.link.kind === 'ipvlan' && u.link !== link);
  const { mode } = link.data as { mode?: string };
  const group = isGroupMac(packet.eth.dst);
  if (mode === 'l2' && group) {
    for (const to of siblings) {
      if (!to.link.up) continue;
      const copy = clonePacket(packet);
      scrub(copy, to.ns !== ns);
      queueRx(world, to.ns, to.link, copy);
    }
  } else {
    const to = ipvlanOwner(siblings, packet);
    if (to) {
      scrub(packet, to.ns !== ns);
      queueRx(world, to.ns, to.link, packet);
      return null;
    }
  }
  scrub(packet, lower.ns !== ns);
  if (mode === 'l2') return xmit(world, lower.ns, lower.link, packet);
  if (!packet.ip) return null;
  packet.eth = undefined;
  ipOutput(world, lower.ns, packet);
  return null;
};
