/** Receiving ARP: arp_rcv(), arp_process(). Source: net/ipv4/arp.c. */
import { type Ip4, inPrefix, isLoopback, isMulticast } from '../../addr/ip.ts';
import { nextBelow } from '../../kernel/rng.ts';
import { onTimer, setTimer } from '../../kernel/timers.ts';
import type { World } from '../../kernel/world.ts';
import type { ArpPacket, Packet } from '../../packet/packet.ts';
import { findNeighbour } from '../neigh/ops.ts';
import { runFrameHook } from '../netfilter/walk.ts';
import { lookupRoute } from '../route/lookup.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { Link, NetNs } from '../types.ts';
import { arpFrame, arpXmit } from './arp-send.ts';
import { packetType } from './capture.ts';
import { devConf, maxConf, orConf } from './conf.ts';
import { drop } from './drop.ts';
import { neighUpdate } from './neigh.ts';
import { routeInput } from './route-input.ts';

interface ProxyReply {
  ns: number;
  dev: number;
  arp: ArpPacket;
}

/** An ARP frame for this host. */
export function arpReceive(world: World, ns: NetNs, link: Link, packet: Packet): void {
  const arp = packet.arp as ArpPacket;
  const type = packetType(link, packet);
  if (link.noarp || link.kind === 'loopback' || type === 'other') {
    drop(world, ns, packet, 'NOT_SPECIFIED', () => (link.noarp ? `${link.name} does no ARP` : 'not for this host'));
    return;
  }
  if (!runFrameHook(world, ns, 'arp', 'INPUT', packet, link, null)) return;
  const { spa, tpa, sha } = arp;
  if (isMulticast(tpa) || (isLoopback(tpa) && !orConf(ns, link, 'route_localnet'))) return;
  if (arp.op === 1 && spa === 0) {
    // Duplicate address detection: the asker has no address yet.
    if (localOn(world, ns, link, spa, tpa)) reply(world, ns, link, arp);
    return;
  }
  if (arp.op === 1 && answerRequest(world, ns, link, packet, arp, type === 'in')) return;
  const known = findNeighbour(ns, link.ifindex, spa);
  const gratuitous = spa === tpa;
  if (gratuitous && orConf(ns, link, 'drop_gratuitous_arp')) return;
  const accept = orConf(ns, link, 'arp_accept') && gratuitous;
  if (!known && !accept) return;
  // An answer to nobody in particular, or a request, only makes the entry stale. Recent entries are not moved (LOCKTIME).
  const solicited = arp.op === 2 && type === 'in';
  const override = gratuitous || !known || known.updated + 1_000_000 <= world.now || known.mac === null;
  neighUpdate(world, ns, link, spa, sha, solicited ? 'REACHABLE' : 'STALE', accept, override);
}

/** Answers for own addresses, and for others when proxying. True when the request is dealt with. */
function answerRequest(world: World, ns: NetNs, link: Link, packet: Packet, arp: ArpPacket, unicast: boolean): boolean {
  const { spa, tpa, sha } = arp;
  const route = routeInput(world, ns, link, {
    ...packet,
    ip: { src: spa, dst: tpa, ttl: 1, proto: 0, tos: 0, id: 0, df: false, mf: false, offset: 0 },
  });
  if (!route.ok) {
    drop(world, ns, packet, route.reason, () => `no ARP answer: ${route.text}`);
    return false;
  }
  if (route.kind === 'local') {
    if (!localOn(world, ns, link, spa, tpa) || filtered(world, ns, link, spa, tpa)) {
      drop(world, ns, packet, 'NOT_SPECIFIED', () => `arp_ignore or arp_filter on ${link.name} forbids the answer`);
      return true;
    }
    neighUpdate(world, ns, link, spa, sha, 'STALE', true);
    reply(world, ns, link, arp);
    return true;
  }
  if (route.kind !== 'forward' || !devConf(ns, link, 'forwarding')) return false;
  const proxy =
    (orConf(ns, link, 'proxy_arp') && route.route.dev !== link.ifindex) ||
    (findNeighbour(ns, link.ifindex, tpa, true) !== undefined && route.route.dev !== link.ifindex);
  if (!proxy) return false;
  neighUpdate(world, ns, link, spa, sha, 'STALE', true);
  const delay = sysctlNum(ns, `net.ipv4.neigh.${link.name}.proxy_delay`);
  if (unicast || delay === 0) reply(world, ns, link, arp);
  // Proxies answer broadcasts late, so that the owner comes first (pneigh_enqueue).
  else
    setTimer(world, nextBelow(world.rng, delay) * 10_000, 'arp-proxy', {
      ns: ns.id,
      dev: link.ifindex,
      arp: { ...arp },
    } satisfies ProxyReply);
  return true;
}

onTimer<ProxyReply>('arp-proxy', (world, { ns: id, dev, arp }) => {
  const ns = world.netns.get(id);
  const link = ns?.links.get(dev);
  if (ns && link) reply(world, ns, link, arp);
});

/** Whether arp_ignore lets this device answer for `tpa`. */
function localOn(_world: World, ns: NetNs, link: Link, spa: Ip4, tpa: Ip4): boolean {
  const ignore = maxConf(ns, link, 'arp_ignore');
  if (ignore === 8) return false;
  const onLink = link.addrs.find((a) => a.local === tpa);
  if (ignore === 0)
    return (
      onLink !== undefined ||
      [...ns.links.values()].some((l) => l.addrs.some((a) => a.local === tpa)) ||
      isLoopback(tpa)
    );
  if (ignore === 1) return onLink !== undefined;
  if (ignore === 2) return onLink !== undefined && inPrefix(spa, { ip: onLink.local, len: onLink.len });
  if (ignore === 3) return onLink !== undefined && onLink.scope !== 254;
  return true;
}

/** arp_filter: answer only on the device that would route back to the asker. */
function filtered(world: World, ns: NetNs, link: Link, spa: Ip4, tpa: Ip4): boolean {
  if (!orConf(ns, link, 'arp_filter')) return false;
  const back = lookupRoute(world, ns, { dst: spa, src: tpa });
  return !back.ok || back.dev !== link.ifindex;
}

function reply(world: World, ns: NetNs, link: Link, arp: ArpPacket): void {
  arpXmit(world, ns, link, arpFrame(world, link, arp.sha, 2, link.mac, arp.tpa, arp.sha, arp.spa));
}
