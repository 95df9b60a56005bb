import { frameLength } from '../../../packet/packet.ts';
import { drop } from '../drop.ts';
import { queueRx } from '../softirq.ts';
import { xmit } from '../xmit.ts';
import type { Transmit } from './contract.ts';

/** drivers/net/ifb.c: what was redirected here goes on where it was taken from; all else is dropped. */
export const ifb: Transmit = (world, ns, link, packet) => {
  const bytes = frameLength(packet);
  link.stats.rxPackets++;
  link.stats.rxBytes += bytes;
  const from = packet.redirected && ns.links.get(packet.redirected.dev);
  if (!packet.redirected || !from) {
    link.stats.rxDropped++;
    drop(world, ns, packet, 'NOT_SPECIFIED', () => `${link.name} takes only what is redirected to it`);
    return null;
  }
  link.stats.txPackets++;
  link.stats.txBytes += bytes;
  packet.redirected.resumed = true;
  if (packet.redirected.ingress) {
    queueRx(world, ns, from, packet);
    return null;
  }
  return xmit(world, ns, from, packet);
};
