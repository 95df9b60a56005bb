import { frameLength } from '../../../packet/packet.ts';
import { vethPeer } from '../../link/find.ts';
import { drop } from '../drop.ts';
import { scrub } from '../scrub.ts';
import { queueRx } from '../softirq.ts';
import { countTx } from '../stats.ts';
import type { Transmit } from './contract.ts';

/** drivers/net/veth.c: the peer receives the frame unless it is down or its MTU is too small for it. */
export const veth: Transmit = (world, ns, link, packet) => {
  const peer = vethPeer(world, link);
  if (!peer?.link.up) {
    link.stats.txDropped++;
    drop(world, ns, packet, 'DEV_READY', () => `${link.name}: its peer is down`);
    return 'ENOBUFS';
  }
  // is_skb_forwardable(): room for the Ethernet header and one VLAN tag; the outermost travels beside the frame.
  const beside = packet.eth?.vlan === undefined ? 0 : 4;
  if (frameLength(packet) - beside > peer.link.mtu + 18) {
    link.stats.txDropped++;
    drop(
      world,
      ns,
      packet,
      'PKT_TOO_BIG',
      () => `${frameLength(packet) - 14} bytes are more than the peer's MTU ${peer.link.mtu}`,
    );
    return 'ENOBUFS';
  }
  countTx(link, packet);
  scrub(packet, peer.ns !== ns);
  queueRx(world, peer.ns, peer.link, packet);
  return null;
};
