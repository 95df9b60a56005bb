/** Where a received packet goes, and whether its source is believable: ip_route_input_slow(), fib_validate_source(). */
import { formatIp, type Ip, isLoopback, isMulticast } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import type { Packet } from '../../packet/packet.ts';
import { lookupRoute, type RouteResult } from '../route/lookup.ts';
import { quickRoute } from '../route/quick.ts';
import { isLocalAddress } from '../route/source.ts';
import type { Link, NetNs } from '../types.ts';
import { allConf, inputConf } from './conf.ts';
import { flowOf } from './flow.ts';

export type Found = Extract<RouteResult, { ok: true }>;

export type InputRoute =
  | { ok: true; kind: 'local' | 'broadcast' | 'forward'; route: Found }
  | { ok: true; kind: 'multicast'; route: null }
  /** `errno` is what ip_error() turns into an ICMP message; EINVAL ends silently. */
  | { ok: false; errno: string; reason: string; text: string };

const LIMITED_BROADCAST = 0xffffffff;

const martian = (text: string, reason = 'IP_INVALID_SOURCE'): InputRoute => ({
  ok: false,
  errno: 'EINVAL',
  reason,
  text,
});

/**
 * The input route of `packet`, received on `link`. Only the addresses, mark, TOS and ports are looked at.
 * Drop reasons are the kernel's: IP_LOCAL_SOURCE, IP_RPFILTER, IP_INNOROUTES …
 */
export function routeInput(world: World, ns: NetNs, link: Link, packet: Packet): InputRoute {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const { src, dst } = ip;
  const six = typeof dst === 'bigint';
  if (isMulticast(src) || src === LIMITED_BROADCAST) return martian(`martian source ${formatIp(src)}`);
  if (isMulticast(dst)) return { ok: true, kind: 'multicast', route: null };
  const onLo = link.kind === 'loopback';
  if (!six && (src as number) >>> 24 === 0 && (src !== 0 || (dst !== 0 && dst !== LIMITED_BROADCAST)))
    return martian(`martian source ${formatIp(src)}`);
  const conf = inputConf(ns, link);
  if (!onLo && !six && !conf.routeLocalnet) {
    if (isLoopback(dst)) return martian(`martian destination ${formatIp(dst)}: route_localnet is off`, 'IP_LOCALNET');
    if (isLoopback(src)) return martian(`martian source ${formatIp(src)}: route_localnet is off`, 'IP_LOCALNET');
  }
  // IPv6 looks for its loopback address on the device the packet came by alone (rt6_need_strict()): there is no route_localnet.
  if (!onLo && dst === 1n) return martian('the loopback address is not on this device', 'IP_INNOROUTES');
  const route =
    quickRoute(world, ns, dst, src, undefined, false) ?? lookupRoute(world, ns, flowOf(packet, { iif: link.ifindex }));
  const forwarding = six ? allConf(ns, 'forwarding', 6) !== 0 : conf.forwarding;
  if (dst === LIMITED_BROADCAST) {
    const found = route.ok ? route : lookupRoute(world, ns, { dst: src, oif: link.ifindex });
    if (found.ok) return { ok: true, kind: 'broadcast', route: found };
    return martian('no route for the limited broadcast');
  }
  if (!route.ok) {
    if (!forwarding) return notForwarding(link, dst, `no route to ${formatIp(dst)}`);
    // IPv6 counts prohibited and unreachable destinations among those without a route (ip6_pkt_drop()).
    const refused = six ? route.type !== 'blackhole' : route.errno === 'ENETUNREACH';
    const reason = refused ? 'IP_INNOROUTES' : 'NOT_SPECIFIED';
    return {
      ok: false,
      errno: route.errno,
      reason,
      text: `no route to ${formatIp(dst)}: ${route.type ?? route.errno}`,
    };
  }
  if (route.type === 'broadcast') {
    const bad = six ? null : validateSource(world, ns, link, packet);
    return bad ?? { ok: true, kind: 'broadcast', route };
  }
  if (route.type === 'local' || route.type === 'anycast') {
    const bad = six ? null : validateSource(world, ns, link, packet);
    return bad ?? { ok: true, kind: 'local', route };
  }
  if (!forwarding) return notForwarding(link, dst, `${formatIp(dst)} is not an address of this host`);
  const bad = six ? null : validateSource(world, ns, link, packet);
  return bad ?? { ok: true, kind: 'forward', route };
}

const notForwarding = (link: Link, dst: Ip, why: string): InputRoute => ({
  ok: false,
  errno: 'EHOSTUNREACH',
  reason: 'IP_INADDRERRORS',
  text: `${why}, and forwarding is off on ${link.name} (packet to ${formatIp(dst)})`,
});

/** Reverse path filter and local sources; null when the source is fine. RFC 3704. */
function validateSource(world: World, ns: NetNs, link: Link, packet: Packet): InputRoute | null {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  if (link.kind === 'loopback' || ip.src === 0) return null;
  const { rpFilter: rpf, acceptLocal, srcValidMark } = inputConf(ns, link);
  if (rpf === 0) {
    if (!acceptLocal && isLocalAddress(ns, ip.src)) return ownSource(ip.src);
    return null;
  }
  const back = { dst: ip.src, src: ip.dst, tos: ip.tos, iif: link.ifindex };
  const marked = srcValidMark ? { ...back, mark: packet.mark } : back;
  const reverse = lookupRoute(world, ns, marked);
  const failed: InputRoute = {
    ok: false,
    errno: 'EINVAL',
    reason: 'IP_RPFILTER',
    text: `rp_filter=${rpf} on ${link.name}: replies to ${formatIp(ip.src)} would not leave by it`,
  };
  if (!reverse.ok) return failed;
  if (reverse.type === 'local') return acceptLocal ? null : ownSource(ip.src);
  if (reverse.type !== 'unicast') return martian(`martian source ${formatIp(ip.src)}: its route is ${reverse.type}`);
  if (reverse.route?.nexthops.some((hop) => hop.dev === link.ifindex)) return null;
  return rpf === 1 ? failed : null;
}

const ownSource = (src: Ip): InputRoute =>
  martian(`martian source ${formatIp(src)}: an address of this host`, 'IP_LOCAL_SOURCE');
