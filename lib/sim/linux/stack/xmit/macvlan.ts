import { isGroupMac } from '../../../addr/mac.ts';
import { clonePacket } from '../../../packet/packet.ts';
import { lowerLink, upperLinks } from '../../link/find.ts';
import { scrub } from '../scrub.ts';
import { queueRx } from '../softirq.ts';
import { countTx } from '../stats.ts';
import { xmit } from '../xmit.ts';
import type { Transmit } from './contract.ts';

const modeOf = (data: object): string => (data as { mode?: string }).mode ?? 'vepa';

/** drivers/net/macvlan.c: siblings in bridge mode hear each other, everything else goes out by the parent. */
export const macvlan: Transmit = (world, ns, link, packet) => {
  const lower = lowerLink(world, ns, link);
  if (!lower || !packet.eth) return null;
  countTx(link, packet);
  if (modeOf(link.data) === 'bridge') {
    const { dst } = packet.eth;
    const siblings = upperLinks(world, lower.ns, lower.link).filter(
      (u) => u.link !== link && u.link.kind === 'macvlan' && u.link.up && modeOf(u.link.data) === 'bridge',
    );
    if (isGroupMac(dst)) {
      for (const to of siblings) {
        const copy = clonePacket(packet);
        scrub(copy, to.ns !== ns);
        queueRx(world, to.ns, to.link, copy);
      }
    } else {
      const to = siblings.find((u) => u.link.mac === dst);
      if (to) {
        scrub(packet, to.ns !== ns);
        queueRx(world, to.ns, to.link, packet);
        return null;
      }
    }
  }
  const out = clonePacket(packet);
  scrub(out, lower.ns !== ns);
  return xmit(world, lower.ns, lower.link, out);
};
