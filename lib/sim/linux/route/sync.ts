/** What happens to routes when a device or an address goes or comes: fib_sync_down_dev, fib_sync_up, fib_sync_down_addr. */
import type { Ip4, Ip6 } from '../../addr/ip.ts';
import type { NetNs, NextHop, Route } from '../types.ts';
import { removeRoutes, SCOPE_HOST, tablesOf, touchTable } from './table.ts';

/**
 * A device went down, lost its last address, or left. Routes over it go; of a multipath route only its nexthops die
 * (all of it when the device left). Local addresses' routes stay while the device is only down.
 */
export function routesOfLinkDown(
  ns: NetNs,
  dev: number,
  why: 'down' | 'unaddressed' | 'gone',
  families: readonly (4 | 6)[] = [4, 6],
): void {
  const doomed = (route: Route): boolean => {
    if (!route.nexthops.some((nh) => nh.dev === dev)) return false;
    if (why === 'down' && route.scope === SCOPE_HOST && typeof route.dst.ip !== 'bigint') return false;
    for (const nh of route.nexthops)
      if (nh.dev === dev) Object.assign(nh, { dead: true, linkdown: true } satisfies Partial<NextHop>);
    return why === 'gone' || route.nexthops.every((nh) => nh.dead);
  };
  for (const family of families) {
    removeRoutes(ns, family, doomed);
    for (const table of tablesOf(ns, family).keys()) touchTable(ns, family, table);
  }
}

function markNexthops(ns: NetNs, dev: number, change: Partial<NextHop>): void {
  for (const family of [4, 6] as const) {
    for (const [table, routes] of tablesOf(ns, family)) {
      let changed = false;
      for (const route of routes) {
        // fib_sync_down_dev passes over what only the host sees, fib6_ifdown over its own addresses.
        if (family === 4 ? route.scope === SCOPE_HOST : route.type === 'local' || route.type === 'anycast') continue;
        for (const nh of route.nexthops) {
          if (nh.dev !== dev) continue;
          Object.assign(nh, change);
          changed = true;
        }
      }
      if (changed) touchTable(ns, family, table);
    }
  }
}

/** The device's carrier was lost or found: routes over it get or lose `linkdown`. */
export const markLinkdown = (ns: NetNs, dev: number, linkdown: boolean): void => markNexthops(ns, dev, { linkdown });

/** The device came up: dead nexthops of multipath routes live again. */
export const reviveNexthops = (ns: NetNs, dev: number, linkdown: boolean): void =>
  markNexthops(ns, dev, { dead: false, linkdown });

/** An address is no longer local: IPv4 routes that prefer it as source go. */
export const routesOfSourceGone = (ns: NetNs, source: Ip4): number =>
  removeRoutes(ns, 4, (route) => route.src === source);

/** fib6_remove_prefsrc: IPv6 routes over the device stay and prefer no source any more. */
export function forgetSource6(ns: NetNs, dev: number, source: Ip6): void {
  for (const [table, routes] of tablesOf(ns, 6)) {
    const told = routes.filter((r) => r.src === source && r.nexthops[0]?.dev === dev);
    for (const route of told) route.src = null;
    if (told.length > 0) touchTable(ns, 6, table);
  }
}
