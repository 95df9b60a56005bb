/** What a packet meets in a routing domain: vrf_l3_rcv(), vrf_l3_out(), vrf_xmit(). drivers/net/vrf.c. */
import { isMulticast } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { clonePacket, ETH_IP, ETH_IP6, ipLength, type Packet } from '../../packet/packet.ts';
import { l3master } from '../link/vrf.ts';
import { runHook } from '../netfilter/walk.ts';
import { lookupRoute } from '../route/lookup.ts';
import type { Link, NetNs } from '../types.ts';
import { packetType, tap } from './capture.ts';
import { drop } from './drop.ts';
import { neighOutput } from './neigh.ts';
import { queueRx } from './softirq.ts';

/**
 * A packet received on a domain's port becomes the domain's own: its counters, its captures and PREROUTING again.
 * Answers the device it counts as received on, or null when a rule dropped it.
 */
export function vrfReceive(world: World, ns: NetNs, link: Link, packet: Packet): Link | null {
  const master = l3master(ns, link);
  if (!master) return link;
  if (master === link) return link;
  packet.iif = master.ifindex;
  packet.sdif = link.ifindex;
  const six = typeof packet.ip?.dst === 'bigint';
  if (isMulticast(packet.ip?.dst ?? 0)) return master;
  master.stats.rxPackets++;
  master.stats.rxBytes += ipLength(packet);
  tap(world, ns, master, packet, packetType(link, packet));
  return runHook(world, ns, six ? 'ip6' : 'ip', 'PREROUTING', packet, master, null) === 'DROP' ? null : master;
}

/** What this host sends by a domain's port passes the domain's own OUTPUT and POSTROUTING first, untracked. */
export function vrfOutput(world: World, ns: NetNs, out: Link, packet: Packet): boolean {
  const master = l3master(ns, out);
  if (!master || master === out) return true;
  const dst = packet.ip?.dst ?? 0;
  if (isMulticast(dst) || dst === 0xffffffff) return true;
  const family = typeof dst === 'bigint' ? 'ip6' : 'ip';
  const had = packet.ct;
  packet.ct ??= { id: 0, reply: false, state: 'UNTRACKED' };
  for (const hook of ['OUTPUT', 'POSTROUTING'] as const)
    if (runHook(world, ns, family, hook, packet, null, master) === 'DROP') return false;
  if (ns.captures.size > 0) {
    const seen = clonePacket(packet);
    seen.eth = { src: master.mac, dst: 0, type: family === 'ip6' ? ETH_IP6 : ETH_IP };
    tap(world, ns, master, seen, 'out');
  }
  packet.ct = had;
  return true;
}

/** What goes out by the domain itself: back in when it is for this host, else by the port its table names. */
export function vrfSend(world: World, ns: NetNs, link: Link, packet: Packet): void {
  const { ip } = packet;
  const route = ip ? lookupRoute(world, ns, { dst: ip.dst, src: ip.src, oif: link.ifindex, mark: packet.mark }) : null;
  if (!ip || !route?.ok || (route.dev === link.ifindex && route.type !== 'local')) {
    link.stats.txErrors++;
    drop(world, ns, packet, 'IP_OUTNOROUTES', () => `${link.name}: its table leads nowhere`);
    return;
  }
  link.stats.txPackets++;
  link.stats.txBytes += ipLength(packet);
  if (route.type === 'local') {
    link.stats.rxPackets++;
    link.stats.rxBytes += ipLength(packet);
    queueRx(world, ns, link, packet);
    return;
  }
  const out = ns.links.get(route.dev);
  packet.eth = undefined;
  if (out) neighOutput(world, ns, out, route.gateway ?? ip.dst, packet);
}
