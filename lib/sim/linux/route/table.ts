/**
 * Route tables: arrays in the order the kernel dumps them. An array is never changed in place: its identity is the
 * version that the lookup index is cached by.
 */
import { type Ip, network } from '../../addr/ip.ts';
import { notifyRoute } from '../notify.ts';
import type { NetNs, Route } from '../types.ts';

export const TABLE_LOCAL = 255;
export const TABLE_MAIN = 254;
export const TABLE_DEFAULT = 253;

export const SCOPE_UNIVERSE = 0;
export const SCOPE_SITE = 200;
export const SCOPE_LINK = 253;
export const SCOPE_HOST = 254;
export const SCOPE_NOWHERE = 255;

export const PROTO_KERNEL = 2;
export const PROTO_BOOT = 3;

/** The tables of a family. */
export const tablesOf = (ns: NetNs, family: 4 | 6): Map<number, Route[]> => (family === 4 ? ns.routes4 : ns.routes6);

/** Order of an IPv4 table: by prefix, longer first under one address, then TOS (higher first), then metric. */
function compare4(a: Route, b: Route): number {
  const x = a.dst.ip as number;
  const y = b.dst.ip as number;
  if (x !== y) return x < y ? -1 : 1;
  if (a.dst.len !== b.dst.len) return b.dst.len - a.dst.len;
  if (a.tos !== b.tos) return b.tos - a.tos;
  return a.metric - b.metric;
}

/** Order of an IPv6 table: its radix tree left to right, a node after those below it (fib6_walk), then metric. */
function compare6(a: Route, b: Route): number {
  const len = Math.min(a.dst.len, b.dst.len);
  const x = network(a.dst.ip, len) as bigint;
  const y = network(b.dst.ip, len) as bigint;
  if (x !== y) return x < y ? -1 : 1;
  if (a.dst.len !== b.dst.len) return b.dst.len - a.dst.len;
  return a.metric - b.metric;
}

/** Whether two routes stand at one place of a table: same prefix, TOS and metric. */
export const samePlace = (
  a: Pick<Route, 'dst' | 'tos' | 'metric'>,
  b: Pick<Route, 'dst' | 'tos' | 'metric'>,
): boolean => a.dst.ip === b.dst.ip && a.dst.len === b.dst.len && a.tos === b.tos && a.metric === b.metric;

/** Index of the first route that does not stand before `route`. */
export function lowerBound(routes: readonly Route[], route: Route): number {
  const compare = typeof route.dst.ip === 'bigint' ? compare6 : compare4;
  let low = 0;
  let high = routes.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (compare(routes[mid] as Route, route) < 0) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** Puts a route in, before (`first`) or after those at the same place. */
export function insertRoute(ns: NetNs, route: Route, first = false): void {
  const tables = tablesOf(ns, typeof route.dst.ip === 'bigint' ? 6 : 4);
  const routes = tables.get(route.table) ?? [];
  let at = lowerBound(routes, route);
  if (!first) while (at < routes.length && samePlace(routes[at] as Route, route)) at++;
  tables.set(route.table, routes.toSpliced(at, 0, route));
}

/** Takes routes out of every table of a family, telling listeners when `tell`; answers how many. */
export function removeRoutes(ns: NetNs, family: 4 | 6, doomed: (route: Route) => boolean, tell = false): number {
  const tables = tablesOf(ns, family);
  let count = 0;
  for (const [id, routes] of tables) {
    const kept = routes.filter((r) => !doomed(r));
    if (kept.length === routes.length) continue;
    count += routes.length - kept.length;
    if (tell) for (const r of routes) if (!kept.includes(r)) notifyRoute(ns, r, true);
    tables.set(id, kept);
  }
  return count;
}

/** Tells lookups that routes of a table were changed in place (nexthop flags). */
export function touchTable(ns: NetNs, family: 4 | 6, table: number): void {
  const tables = tablesOf(ns, family);
  const routes = tables.get(table);
  if (routes) tables.set(table, [...routes]);
}

/** Tables in the order the kernel's hash yields them: by the low byte of their number. */
export const tableOrder = (ns: NetNs, family: 4 | 6): number[] =>
  [...tablesOf(ns, family).keys()].sort((a, b) => (a & 255) - (b & 255) || b - a);

/** A route of the kernel's own making, with one nexthop on a device. */
export const kernelRoute = (
  dst: { ip: Ip; len: number },
  fields: Partial<Route> & Pick<Route, 'type' | 'table' | 'scope'>,
  dev: number,
  linkdown: boolean,
): Route => ({
  dst,
  proto: PROTO_KERNEL,
  tos: 0,
  src: null,
  metric: 0,
  metrics: {},
  flags: [],
  nexthops: [
    { gateway: null, dev, weight: 1, onlink: false, dead: false, linkdown: fields.scope !== SCOPE_HOST && linkdown },
  ],
  ...fields,
});
