/** Routes as netlink changes them: RTM_NEWROUTE, RTM_DELROUTE. net/ipv4/fib_frontend.c, fib_semantics.c, net/ipv6/route.c. */
import { bitsOf, type Ip, network, type Prefix } from '../../addr/ip.ts';
import { onTimer, setTimer } from '../../kernel/timers.ts';
import type { World } from '../../kernel/world.ts';
import { notifyRoute } from '../notify.ts';
import type { NetNs, NextHop, NlError, Route, RouteType } from '../types.ts';
import { convertMetrics } from './metrics.ts';
import { checkNexthop } from './nexthop.ts';
import { isLocalAddress } from './source.ts';
import {
  insertRoute,
  lowerBound,
  PROTO_BOOT,
  removeRoutes,
  SCOPE_HOST,
  SCOPE_LINK,
  SCOPE_NOWHERE,
  SCOPE_UNIVERSE,
  samePlace,
  TABLE_DEFAULT,
  TABLE_LOCAL,
  TABLE_MAIN,
  tablesOf,
} from './table.ts';

export interface NextHopSpec {
  gateway?: Ip | null;
  /** ifindex; 0 or absent: found by the gateway. */
  dev?: number;
  weight?: number;
  onlink?: boolean;
  realms?: number;
}

/** A route request. What is not given takes iproute2's defaults (proto boot, table main, scope by type). */
export interface RouteSpec {
  dst: Prefix;
  type?: RouteType;
  table?: number;
  proto?: number;
  scope?: number;
  tos?: number;
  src?: Ip | null;
  metric?: number;
  nexthops?: NextHopSpec[];
  metrics?: Record<string, number>;
  congctl?: string;
  /** Seconds an IPv6 route lives. */
  expires?: number;
  realms?: number;
  pref?: string;
}

export type RouteMode = 'test' | 'add' | 'replace' | 'change' | 'append' | 'prepend';

/** Congestion control of this kernel: tcp_available_congestion_control. */
const CONGESTION = ['reno', 'cubic'];

const SILENT = new Set<RouteType>(['blackhole', 'unreachable', 'prohibit', 'throw']);
const IN_LOCAL = new Set<RouteType>(['local', 'broadcast', 'anycast']);

/** Zero is the main table, too. */
const tableFor = (spec: RouteSpec): number =>
  spec.table || (spec.type && IN_LOCAL.has(spec.type) ? TABLE_LOCAL : TABLE_MAIN);

function scopeFor(spec: RouteSpec, type: RouteType): number {
  if (typeof spec.dst.ip === 'bigint') return SCOPE_UNIVERSE;
  if (spec.scope !== undefined) return spec.scope;
  if (type === 'local') return SCOPE_HOST;
  if (type === 'broadcast' || type === 'multicast' || type === 'anycast') return SCOPE_LINK;
  return type === 'unicast' && !spec.nexthops?.some((nh) => nh.gateway != null) && (spec.nexthops?.length ?? 0) < 2
    ? SCOPE_LINK
    : SCOPE_UNIVERSE;
}

/** Makes the route that a request describes, or says why the kernel refuses it. */
function build(ns: NetNs, spec: RouteSpec): Route | NlError {
  const v6 = typeof spec.dst.ip === 'bigint';
  // IPv6 cuts the host bits off; IPv4 refuses them.
  const dst = v6 ? { ip: network(spec.dst.ip, spec.dst.len), len: spec.dst.len } : spec.dst;
  const type = spec.type ?? 'unicast';
  const table = tableFor(spec);
  if (network(dst.ip, dst.len) !== dst.ip) return { errno: 'EINVAL', extack: 'Invalid prefix for given prefix length' };
  if (v6 && spec.tos) return { errno: 'EINVAL', extack: 'Invalid dsfield (tos): option not available for IPv6' };
  const scope = scopeFor(spec, type);
  if (!v6 && (spec.tos ?? 0) & 3) return { errno: 'EINVAL', extack: 'Invalid dsfield (tos): ECN bits must be 0' };
  if (!v6 && (type === 'nat' || scope === SCOPE_NOWHERE)) return { errno: 'EINVAL', extack: 'Invalid scope' };
  if (spec.congctl !== undefined && !CONGESTION.includes(spec.congctl))
    return { errno: 'EINVAL', extack: 'Unknown tcp congestion algorithm' };
  const asked = spec.nexthops ?? [];
  const route: Route = {
    dst: { ip: dst.ip, len: dst.len },
    type,
    table,
    proto: spec.proto ?? PROTO_BOOT,
    scope,
    tos: spec.tos ?? 0,
    src: spec.src ?? null,
    metric: spec.metric || (v6 ? 1024 : 0),
    nexthops: [],
    metrics: convertMetrics(spec.metrics ?? {}),
    flags: [],
  };
  if (v6) route.pref = spec.pref ?? 'medium';
  if (spec.congctl !== undefined) route.congctl = spec.congctl;
  if (SILENT.has(type)) {
    if (spec.realms && !v6) route.realms = spec.realms;
    if (asked.length > 0 && !v6)
      return { errno: 'EINVAL', extack: 'Gateway, device and multipath can not be specified for this route type' };
    // fib_create_info looks no further.
    return v6 ? (checkSource(ns, route) ?? route) : route;
  }
  if (type === 'local' && scope < SCOPE_HOST && !v6) return { errno: 'EINVAL', extack: 'Invalid scope' };
  for (const nh of asked.length > 0 ? asked : [{}]) {
    const made = checkNexthop(ns, route, nh);
    if ('errno' in made) return made;
    const realms = nh.realms ?? spec.realms;
    if (realms && !v6) made.realms = realms;
    route.nexthops.push(made);
  }
  return checkSource(ns, route) ?? route;
}

function checkSource(ns: NetNs, route: Route): NlError | null {
  if (route.src === null || isLocalAddress(ns, route.src)) return null;
  if (route.type === 'local' && route.src === route.dst.ip) return null;
  return { errno: 'EINVAL', extack: `Invalid ${typeof route.src === 'bigint' ? 'source' : 'prefsrc'} address` };
}

const sameNexthops = (a: readonly NextHop[], b: readonly NextHop[]): boolean =>
  a.length === b.length &&
  a.every(
    (nh, i) =>
      nh.gateway === b[i]?.gateway && nh.dev === b[i]?.dev && nh.weight === b[i]?.weight && nh.onlink === b[i]?.onlink,
  );

const sameMetrics = (a: Route, b: Route): boolean =>
  a.congctl === b.congctl &&
  [...Object.keys(a.metrics), ...Object.keys(b.metrics)].every((key) => a.metrics[key] === b.metrics[key]);

const identical = (a: Route, b: Route): boolean =>
  samePlace(a, b) &&
  a.type === b.type &&
  a.scope === b.scope &&
  a.proto === b.proto &&
  a.src === b.src &&
  sameNexthops(a.nexthops, b.nexthops) &&
  // fib_find_info compares metrics, rt6_duplicate_nexthop does not.
  (typeof a.dst.ip === 'bigint' || sameMetrics(a, b));

/**
 * Adds or replaces a route: `add` EEXIST, `change` ENOENT. Gateways must be reachable on a link ("Nexthop has invalid
 * gateway"), unless `onlink`.
 */
export function addRoute(world: World, ns: NetNs, spec: RouteSpec, mode: RouteMode): NlError | null {
  const route = build(ns, spec);
  if ('errno' in route) return route;
  const error = place(ns, route, mode);
  if (!error && spec.expires && typeof route.dst.ip === 'bigint') {
    route.expires = world.now + spec.expires * 1e6;
    setTimer(world, spec.expires * 1e6, 'route-expire', { ns: ns.id });
  }
  return error;
}

/** fib6_age: routes whose time has come go. */
onTimer<{ ns: number }>('route-expire', (world, { ns: id }) => {
  const ns = world.netns.get(id);
  if (ns) removeRoutes(ns, 6, (r) => r.expires !== undefined && r.expires <= world.now);
});

function place(ns: NetNs, route: Route, mode: RouteMode): NlError | null {
  const family = typeof route.dst.ip === 'bigint' ? 6 : 4;
  const tables = tablesOf(ns, family);
  const routes = tables.get(route.table) ?? [];
  const at = lowerBound(routes, route);
  const twin = routes[at] && samePlace(routes[at] as Route, route) ? (routes[at] as Route) : null;
  if (!twin) {
    // fib6_add_1 says so where the table has no node for the prefix; the root is always there.
    const node = route.dst.len === 0 || routes.some((r) => r.dst.ip === route.dst.ip && r.dst.len === route.dst.len);
    if (mode === 'change' && family === 6 && !node)
      return { errno: 'ENOENT', extack: 'Can not replace route - no match found' };
    if (mode === 'change' || mode === 'test') return { errno: 'ENOENT' };
    insertRoute(ns, route);
    notifyRoute(ns, route);
    return null;
  }
  if (mode === 'add' || mode === 'test') return { errno: 'EEXIST' };
  if (mode === 'replace' || mode === 'change') {
    const other = routes.findIndex((r, i) => i > at && identical(r, route));
    if (other >= 0) return { errno: 'EEXIST' };
    tables.set(route.table, routes.with(at, route));
    notifyRoute(ns, route);
    return null;
  }
  if (routes.some((r) => identical(r, route))) return { errno: 'EEXIST' };
  if (family === 6 && twin.nexthops.length > 0 && route.nexthops.length > 0) {
    const [nh] = route.nexthops;
    if (twin.nexthops.some((have) => have.gateway === nh?.gateway && have.dev === nh?.dev)) return { errno: 'EEXIST' };
    tables.set(route.table, routes.with(at, { ...twin, nexthops: [...twin.nexthops, ...route.nexthops] }));
    return null;
  }
  insertRoute(ns, route, mode === 'prepend');
  notifyRoute(ns, route);
  return null;
}

/** What must agree for a delete: only what the request says. fib_table_delete, fib_nh_match. */
function matches(route: Route, spec: RouteSpec): boolean {
  if (route.dst.ip !== spec.dst.ip || route.dst.len !== spec.dst.len || route.tos !== (spec.tos ?? 0)) return false;
  if (spec.type !== undefined && route.type !== spec.type) return false;
  if (spec.scope !== undefined && spec.scope !== SCOPE_NOWHERE && route.scope !== spec.scope) return false;
  if (spec.src != null && route.src !== spec.src) return false;
  if (spec.proto !== undefined && route.proto !== spec.proto) return false;
  if (spec.metric && route.metric !== spec.metric) return false;
  const asked = spec.nexthops ?? [];
  if (asked.length > 1) {
    return (
      route.nexthops.length === asked.length &&
      asked.every((nh, i) => {
        const have = route.nexthops[i] as NextHop;
        return (
          (nh.gateway == null || nh.gateway === have.gateway) &&
          (!nh.dev || nh.dev === have.dev) &&
          (!nh.weight || nh.weight === have.weight)
        );
      })
    );
  }
  const want = asked[0];
  if (!want) return true;
  const first = route.nexthops[0];
  if (!first) return false;
  return (!want.dev || want.dev === first.dev) && (want.gateway == null || want.gateway === first.gateway);
}

/** IPv6 keeps the nexthops of a multipath route as routes of their own: one of them may go. */
function oneOfSeveral(route: Route, spec: RouteSpec): number {
  const [want] = spec.nexthops ?? [];
  if (!want || spec.nexthops?.length !== 1 || route.nexthops.length < 2) return -1;
  const { nexthops: _, ...rest } = spec;
  if (!matches(route, rest)) return -1;
  return route.nexthops.findIndex(
    (nh) => (!want.dev || want.dev === nh.dev) && (want.gateway == null || want.gateway === nh.gateway),
  );
}

/** Removes the first route that agrees with the request. ESRCH when there is none. */
export function deleteRoute(_world: World, ns: NetNs, spec: RouteSpec): NlError | null {
  const six = typeof spec.dst.ip === 'bigint';
  const dst = six ? { ip: network(spec.dst.ip, spec.dst.len), len: spec.dst.len } : spec.dst;
  if (network(dst.ip, dst.len) !== dst.ip) return { errno: 'EINVAL', extack: 'Invalid prefix for given prefix length' };
  const tables = tablesOf(ns, bitsOf(dst.ip) === 128 ? 6 : 4);
  const table = tableFor(spec);
  const routes = tables.get(table);
  if (!routes && table !== TABLE_MAIN && table !== TABLE_LOCAL && table !== TABLE_DEFAULT)
    return { errno: 'ESRCH', extack: 'FIB table does not exist' };
  if (!routes) return { errno: 'ESRCH' };
  const want = { ...spec, dst };
  const at = routes.findIndex((r) => matches(r, want) || (six && oneOfSeveral(r, want) >= 0));
  const found = routes[at];
  // The root of an IPv6 table holds the null entry, which is not to be deleted (__ip6_del_rt).
  if (!found && six && dst.len === 0 && !spec.nexthops?.length && !spec.metric && !spec.proto)
    return { errno: 'ENOENT' };
  if (!found) return { errno: 'ESRCH' };
  const nexthop = six && !matches(found, want) ? oneOfSeveral(found, want) : -1;
  if (nexthop >= 0) tables.set(table, routes.with(at, { ...found, nexthops: found.nexthops.toSpliced(nexthop, 1) }));
  else tables.set(table, routes.toSpliced(at, 1));
  notifyRoute(ns, nexthop >= 0 ? { ...found, nexthops: [found.nexthops[nexthop] as NextHop] } : found, true);
  return null;
}
