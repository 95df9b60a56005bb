/** Sending neighbour solicitations and advertisements: net/ipv6/ndisc.c. RFC 4861. */
import { type Ip, type Ip6, isMulticast } from '../../addr/ip.ts';
import type { Mac } from '../../addr/mac.ts';
import type { World } from '../../kernel/world.ts';
import { ETH_IP6, type IcmpHeader, IPPROTO, makePacket, type Packet } from '../../packet/packet.ts';
import { noteFixed } from '../neigh/ops.ts';
import { runHook } from '../netfilter/walk.ts';
import { isLocalAddress, selectAddress6 } from '../route/source.ts';
import type { Link, NetNs } from '../types.ts';
import { xmit } from './xmit.ts';

/** ff02::1:ffXX:XXXX. */
export const solicitedNode = (ip: Ip6): Ip6 => 0xff0200000000000000000001ff000000n | (ip & 0xffffffn);

/** The Ethernet address of an IPv6 group: 33:33 and the last 32 bits. */
export const groupMac = (ip: Ip6): Mac => 0x333300000000 + Number(ip & 0xffffffffn);

/** A neighbour discovery message on its way out of a device, past the hooks of what the host sends: ndisc_send_skb(). */
export function sendNd(world: World, ns: NetNs, link: Link, src: Ip6, dst: Ip6, dstMac: Mac, icmp: IcmpHeader): void {
  if (isMulticast(dst)) noteFixed(world, ns, link.ifindex, dst, dstMac);
  const packet = makePacket({
    id: world.next.packet++,
    eth: { dst: dstMac, src: link.mac, type: ETH_IP6 },
    ip: { src, dst, ttl: 255, proto: IPPROTO.icmp6, tos: 0, id: 0, df: false, mf: false, offset: 0 },
    icmp,
    data: '',
    mark: 0,
    iif: 0,
  });
  for (const hook of ['OUTPUT', 'POSTROUTING'] as const)
    if (runHook(world, ns, 'ip6', hook, packet, null, link) !== 'ACCEPT') return;
  xmit(world, ns, link, packet);
}

/** Asks who has `target`: its solicited-node group, or the address known before. */
export function sendSolicitation(
  world: World,
  ns: NetNs,
  link: Link,
  target: Ip6,
  unicast: Mac | null,
  cause: Packet | undefined,
): void {
  const wanted = cause?.ip?.src;
  const src: Ip = typeof wanted === 'bigint' && isLocalAddress(ns, wanted) ? wanted : selectAddress6(ns, link, target);
  if (typeof src !== 'bigint') return;
  const dst = unicast === null ? solicitedNode(target) : target;
  sendNd(world, ns, link, src, dst, unicast ?? groupMac(dst), { type: 135, code: 0, target, lladdr: link.mac });
}
