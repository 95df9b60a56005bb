/** Sending ARP: arp_solicit(), arp_send(). RFC 826. */
import type { Ip4 } from '../../addr/ip.ts';
import { BROADCAST_MAC, type Mac } from '../../addr/mac.ts';
import type { World } from '../../kernel/world.ts';
import { ETH_ARP, makePacket, type Packet } from '../../packet/packet.ts';
import { runFrameHook } from '../netfilter/walk.ts';
import { isLocalAddress, selectAddress } from '../route/source.ts';
import { SCOPE_LINK } from '../route/table.ts';
import type { Link, NetNs } from '../types.ts';
import { maxConf } from './conf.ts';
import { xmit } from './xmit.ts';

/** A bare ARP frame. */
export const arpFrame = (
  world: World,
  link: Link,
  dst: Mac,
  op: 1 | 2,
  sha: Mac,
  spa: Ip4,
  tha: Mac,
  tpa: Ip4,
): Packet =>
  makePacket({
    id: world.next.packet++,
    eth: { dst, src: link.mac, type: ETH_ARP },
    arp: { op, sha, spa, tha, tpa },
    data: '',
    mark: 0,
    iif: 0,
  });

/** Out through the arp family's output hook: arp_xmit(). */
export function arpXmit(world: World, ns: NetNs, link: Link, frame: Packet): void {
  if (runFrameHook(world, ns, 'arp', 'OUTPUT', frame, null, link)) xmit(world, ns, link, frame);
}

/** Asks who has `target`: to everybody, or to the address known before. `cause` is the packet that waits. */
export function sendArpRequest(
  world: World,
  ns: NetNs,
  link: Link,
  target: Ip4,
  unicast: Mac | null,
  cause: Packet | undefined,
): void {
  const src = senderAddress(ns, link, target, cause);
  arpXmit(world, ns, link, arpFrame(world, link, unicast ?? BROADCAST_MAC, 1, link.mac, src, 0, target));
}

/** The sender address an ARP request carries: arp_announce 0 takes the waiting packet's own, 2 always the best of the device. */
function senderAddress(ns: NetNs, link: Link, target: Ip4, cause: Packet | undefined): Ip4 {
  const announce = maxConf(ns, link, 'arp_announce');
  const src = cause?.ip?.src;
  if (typeof src === 'number' && announce < 2 && isLocalAddress(ns, src)) {
    if (announce === 0 || selectAddress(ns, link, target, SCOPE_LINK) === src) return src;
  }
  const best = selectAddress(ns, link, target, SCOPE_LINK);
  return typeof best === 'number' ? best : 0;
}
