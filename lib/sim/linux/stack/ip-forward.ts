/** Forwarding: ip_forward(), ip6_forward(). */
import type { Ip } from '../../addr/ip.ts';
import { note, stepKind } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { ipLength, type Packet } from '../../packet/packet.ts';
import { runHook } from '../netfilter/walk.ts';
import { lookupRoute } from '../route/lookup.ts';
import { selectAddress } from '../route/source.ts';
import { SCOPE_LINK } from '../route/table.ts';
import { IP_FORW_DATAGRAMS, IP6_OUT_FORW_DATAGRAMS } from '../snmp.ts';
import type { Link, NetNs } from '../types.ts';
import { orConf } from './conf.ts';
import { drop } from './drop.ts';
import { sendIcmpError } from './icmp-error.ts';
import { ipFinish } from './output.ts';
import { redirectAllowed } from './peer.ts';
import type { Found } from './route-input.ts';
import { count } from './snmp.ts';

const FORWARD = stepKind((ttl: number, from: string, to: string) => ({ kind: 'forward', ttl, from, to }));

/** Sends a packet on: TTL, MTU, redirect, FORWARD, POSTROUTING. */
export function ipForward(world: World, ns: NetNs, link: Link, packet: Packet, route: Found, indev = link): void {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const six = typeof ip.dst === 'bigint';
  const out = ns.links.get(route.dev);
  if (!out) return;
  if (ip.ttl <= 1) {
    count(ns, six ? 'Ip6.InHdrErrors' : 'Ip.InHdrErrors');
    drop(world, ns, packet, 'IP_INHDR', () => 'the time to live is used up');
    sendIcmpError(world, ns, packet, six ? 3 : 11, 0);
    return;
  }
  const mtu = forwardMtu(out, route);
  if (ipLength(packet) > mtu && (ip.df || (six && !(packet.fragMax && packet.fragMax <= mtu)))) {
    count(ns, six ? 'Ip6.InTooBigErrors' : 'Ip.FragFails');
    drop(
      world,
      ns,
      packet,
      'PKT_TOO_BIG',
      () => `${ipLength(packet)} bytes with DF set do not fit the MTU ${mtu} of ${out.name}`,
    );
    sendIcmpError(world, ns, packet, six ? 2 : 3, six ? 0 : 4, { mtu });
    return;
  }
  if (!six && out === link && redirectWanted(world, ns, link, packet)) {
    sendIcmpError(world, ns, packet, 5, 1, { gateway: route.gateway ?? ip.dst });
  }
  ip.ttl--;
  if (ip.rr && ip.rr.length < 9) {
    const own = selectAddress(ns, out, route.gateway ?? ip.dst, SCOPE_LINK);
    if (typeof own === 'number') ip.rr.push(own);
  }
  if (!world.trace.off) note(world, ns, packet, FORWARD, ip.ttl, link.name, out.name);
  if (runHook(world, ns, six ? 'ip6' : 'ip', 'FORWARD', packet, indev, out) === 'DROP') return;
  ns.snmp.bump(six ? IP6_OUT_FORW_DATAGRAMS : IP_FORW_DATAGRAMS);
  ipFinish(world, ns, packet, route, { mtu, local: false });
}

/** ip_dst_mtu_maybe_forward(): learned path MTUs do not count for forwarded packets. */
function forwardMtu(out: Link, route: Found): number {
  const fixed = route.route?.metrics.mtu;
  return fixed ? Math.min(fixed, out.mtu) : out.mtu;
}

/** A host on the same link could have gone to the next hop itself: ICMP redirect, when send_redirects allows it. */
function redirectWanted(world: World, ns: NetNs, link: Link, packet: Packet): boolean {
  if (!orConf(ns, link, 'send_redirects')) return false;
  const src = packet.ip?.src as Ip;
  const back = lookupRoute(world, ns, { dst: src });
  if (!back.ok || back.dev !== link.ifindex || back.gateway !== null || back.type !== 'unicast') return false;
  return redirectAllowed(world, ns, src);
}
