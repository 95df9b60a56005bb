/** The way out for a packet: ip_route_output_key and, with `iif`, the forward part of ip_route_input_slow. */
import { type Ip, type Ip6, isLoopback, isMulticast } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { l3master } from '../link/vrf.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { Link, NetNs, NextHop, Route, RouteType } from '../types.ts';
import { type Flow, fibLookup } from './fib.ts';
import { keepRoute, quickRoute } from './quick.ts';
import { isLocalAddress, selectAddress, selectAddress6 } from './source.ts';
import { SCOPE_LINK, SCOPE_UNIVERSE, TABLE_LOCAL } from './table.ts';

export type { Flow } from './fib.ts';

export interface RouteFound {
  ok: true;
  type: RouteType;
  table: number;
  /** Null when no route was needed: the flow is bound to a device and the target is taken to be on its link. */
  route: Route | null;
  nexthop: NextHop | null;
  src: Ip;
  /** Out ifindex; `lo` for what is delivered here. */
  dev: number;
  gateway: Ip | null;
  mtu: number;
}

/** An answer may be given again: it is not changed. */
export type RouteResult = Readonly<RouteFound> | { ok: false; errno: string; type?: RouteType };

const LBCAST = 0xffffffff;

const loopbackOf = (ns: NetNs): Link | undefined => {
  for (const link of ns.links.values()) if (link.kind === 'loopback') return link;
  return undefined;
};

/** The path MTU: what a route fixes, what was learned for the destination, at most the device's. */
function mtuOf(world: World, ns: NetNs, dst: Ip, route: Route | null, dev: Link | undefined): number {
  let mtu = Math.min(dev?.mtu ?? 1500, typeof dst === 'bigint' ? 0x7fffffff : 65535);
  const fixed = route?.metrics.mtu;
  if (fixed) mtu = Math.min(mtu, fixed);
  const learned = ns.pmtu.size === 0 ? undefined : ns.pmtu.get(dst);
  if (learned && learned.expires > world.now) {
    mtu = Math.min(mtu, learned.mtu);
    learned.used = world.now;
  }
  return mtu;
}

/**
 * The route of a flow. Errors are those of a socket or of an ICMP answer: ENETUNREACH, EHOSTUNREACH (unreachable),
 * EACCES (prohibit), EINVAL (blackhole, invalid source), ENODEV.
 */
export function lookupRoute(world: World, ns: NetNs, flow: Flow): RouteResult {
  return typeof flow.dst === 'bigint' ? lookup6(world, ns, flow as Flow & { dst: Ip6 }) : lookup4(world, ns, flow);
}

function lookup4(world: World, ns: NetNs, flow: Flow): RouteResult {
  const quick = quickRoute(world, ns, flow.dst, flow.src || 0, flow.oif, !flow.iif);
  if (quick) return quick;
  const found = full4(world, ns, flow);
  if (found.ok) keepRoute(ns, flow.dst, found, !flow.iif);
  return found;
}

function full4(world: World, ns: NetNs, flow: Flow): RouteResult {
  const output = !flow.iif;
  const src = flow.src || 0;
  const oif = flow.oif ? ns.links.get(flow.oif) : undefined;
  if (output && src !== 0) {
    if (isMulticast(src) || src === LBCAST || (src as number) >>> 24 === 0) return { ok: false, errno: 'EINVAL' };
    if (!isLocalAddress(ns, src)) {
      const local = fibLookup(ns, { dst: src }, {});
      if (!local.ok || local.type !== 'local') return { ok: false, errno: 'ENETUNREACH' };
    }
  }
  if (flow.oif) {
    if (!oif) return { ok: false, errno: 'ENODEV' };
    if (!oif.up) return { ok: false, errno: 'ENETUNREACH' };
    if (output && (flow.dst === LBCAST || (isMulticast(flow.dst) && (flow.dst as number) >>> 8 === 0xe00000))) {
      return bare(world, ns, flow, oif, flow.dst === LBCAST ? 'broadcast' : 'multicast');
    }
  }
  if (flow.dst === 0) {
    const lo = loopbackOf(ns);
    if (output && lo)
      return {
        ok: true,
        type: 'local',
        table: 254,
        route: null,
        nexthop: null,
        src: src || 0x7f000001,
        dev: lo.ifindex,
        gateway: null,
        mtu: lo.mtu,
      };
    return { ok: false, errno: 'EINVAL' };
  }
  const found = fibLookup(ns, flow.src === src ? flow : { ...flow, src });
  if (!found.ok) {
    if (output && oif && found.errno !== 'EACCES' && (isMulticast(flow.dst) || !l3master(ns, oif)))
      return bare(world, ns, flow, oif, isMulticast(flow.dst) ? 'multicast' : 'unicast');
    return found.type ? { ok: false, errno: found.errno, type: found.type } : { ok: false, errno: found.errno };
  }
  const { route, nexthop, table } = found;
  const out = nexthop ? ns.links.get(nexthop.dev) : undefined;
  if (found.type === 'local') {
    // A routing domain is the loopback of its ports' addresses.
    const lo = l3master(ns, out) ?? loopbackOf(ns);
    return {
      ok: true,
      // A group that is an address of this host's: __mkroute_output goes by the destination.
      type: output && isMulticast(flow.dst) ? 'multicast' : 'local',
      table,
      route,
      nexthop,
      src: src || route.src || flow.dst,
      dev: lo?.ifindex ?? 0,
      gateway: null,
      mtu: mtuOf(world, ns, flow.dst, null, lo),
    };
  }
  const chosen = src || route.src || selectAddress(ns, out, nexthop?.gateway ?? null, route.scope);
  if (output && isLoopback(chosen) && out && out.kind !== 'loopback' && !localnetAllowed(ns, out))
    return { ok: false, errno: 'EINVAL' };
  const type = flow.dst === LBCAST ? 'broadcast' : isMulticast(flow.dst) ? 'multicast' : found.type;
  return {
    ok: true,
    type,
    table,
    route,
    nexthop,
    src: chosen,
    dev: out?.ifindex ?? 0,
    // Group and broadcast packets go to the link itself (mkroute_output drops the fib_info).
    gateway: type === found.type ? (nexthop?.gateway ?? null) : null,
    mtu: mtuOf(world, ns, flow.dst, route, out),
  };
}

const localnetAllowed = (ns: NetNs, link: Link): boolean =>
  sysctlNum(ns, 'net.ipv4.conf.all.route_localnet') !== 0 ||
  sysctlNum(ns, `net.ipv4.conf.${link.name}.route_localnet`) !== 0;

/** A flow bound to a device that no route speaks of: the target is taken to be on the link. */
function bare(world: World, ns: NetNs, flow: Flow, oif: Link, type: RouteType): RouteResult {
  const src =
    flow.src ||
    selectAddress(ns, oif, null, type === 'unicast' ? SCOPE_LINK : type === 'broadcast' ? SCOPE_LINK : SCOPE_UNIVERSE);
  if (isLoopback(src) && oif.kind !== 'loopback' && !localnetAllowed(ns, oif)) return { ok: false, errno: 'EINVAL' };
  return {
    ok: true,
    type,
    table: 254,
    route: null,
    nexthop: null,
    src,
    dev: oif.ifindex,
    gateway: null,
    mtu: mtuOf(world, ns, flow.dst, null, oif),
  };
}

function lookup6(world: World, ns: NetNs, flow: Flow & { dst: Ip6 }): RouteResult {
  const oif = flow.oif ? ns.links.get(flow.oif) : undefined;
  if (flow.oif && !oif) return { ok: false, errno: 'ENODEV' };
  const found = fibLookup(ns, flow);
  if (!found.ok) {
    const errno = found.errno === 'EAGAIN' ? 'ENETUNREACH' : found.errno;
    return found.type ? { ok: false, errno, type: found.type } : { ok: false, errno };
  }
  const { route, nexthop, table } = found;
  const out = nexthop ? ns.links.get(nexthop.dev) : undefined;
  const local = found.type === 'local';
  const dev = local ? (l3master(ns, out) ?? loopbackOf(ns)) : out;
  const src = flow.src ? flow.src : local ? flow.dst : (route.src ?? selectAddress6(ns, out, flow.dst));
  return {
    ok: true,
    type: found.type,
    table,
    route,
    nexthop,
    src,
    dev: dev?.ifindex ?? 0,
    gateway: nexthop?.gateway ?? null,
    mtu: mtuOf(world, ns, flow.dst, route, dev),
  };
}

/** RTN_* of an address as the local table has it: inet_addr_type. */
export function addressType(ns: NetNs, ip: Ip): RouteType {
  if (typeof ip === 'number') {
    if (ip === LBCAST || ip >>> 24 === 0) return 'broadcast';
    if (isMulticast(ip)) return 'multicast';
  }
  const found = fibLookup(ns, { dst: ip }, { table: TABLE_LOCAL });
  return found.ok ? found.type : 'unicast';
}
