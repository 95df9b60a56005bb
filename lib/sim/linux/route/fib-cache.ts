/**
 * Answers of the FIB by destination, for namespaces whose rules ask for nothing but the tables: there a destination alone
 * decides. Kept as long as the rules and tables are the same ones; anything that could depend on more of the flow, or on
 * a device's state, is not kept.
 */
import type { Ip } from '../../addr/ip.ts';
import { FIB4, FIB6 } from '../derived.ts';
import type { Link, NetNs, NextHop, Route, Rule } from '../types.ts';
import type { FibResult } from './fib.ts';
import type { RouteFound } from './lookup.ts';

export type FibHit = FibResult & {
  ok: true;
  nexthop: NextHop;
  /** What was made of it for packets received and packets sent (quick.ts), and the device they leave by. */
  input?: RouteFound;
  output?: RouteFound;
  device?: Link;
};

export interface FibCache {
  rules: readonly Rule[];
  version: number;
  /** ignore_routes_with_linkdown decides, too. */
  sysctl: number;
  /** Null: rules or routes that look at more than the destination. */
  hits: Map<Ip, FibHit> | null;
}

/** Destinations kept. */
const LIMIT = 4096;

const plainRule = (r: Rule): boolean =>
  r.action === 'lookup' &&
  r.suppressPrefixLength < 0 &&
  !r.not &&
  !r.from &&
  !r.to &&
  !r.l3mdev &&
  r.iif === '' &&
  r.oif === '' &&
  !r.tos &&
  !r.fwmark &&
  !r.ipproto &&
  !r.sport &&
  !r.dport &&
  !r.uidrange;

function usable(ns: NetNs, six: boolean, rules: readonly Rule[]): boolean {
  if (!rules.every(plainRule)) return false;
  for (const routes of (six ? ns.routes6 : ns.routes4).values())
    if (routes.some((route: Route) => route.tos !== 0)) return false;
  return true;
}

function current(ns: NetNs, six: boolean): FibCache {
  const rules = six ? ns.rules6 : ns.rules4;
  const { version } = six ? ns.routes6 : ns.routes4;
  const sysctl = ns.sysctl.version;
  const known = six ? ns[FIB6] : ns[FIB4];
  if (known !== undefined && known.rules === rules && known.version === version && known.sysctl === sysctl)
    return known;
  const made: FibCache = { rules, version, sysctl, hits: usable(ns, six, rules) ? new Map() : null };
  if (six) ns[FIB6] = made;
  else ns[FIB4] = made;
  return made;
}

/** What the FIB answers for a destination, when it is known and the flow's device allows it. */
export function fibHit(ns: NetNs, dst: Ip, oif: number | undefined): FibHit | undefined {
  const { hits } = current(ns, typeof dst === 'bigint');
  if (hits === null) return undefined;
  const hit = hits.get(dst);
  return hit === undefined || (oif && hit.nexthop.dev !== oif) ? undefined : hit;
}

/** Keeps an answer for later flows, if it is the same for all of them. */
export function keepHit(ns: NetNs, dst: Ip, found: FibResult): void {
  if (!found.ok || found.nexthop === null || found.route.nexthops.length !== 1) return;
  if (found.nexthop.linkdown || found.nexthop.dead) return;
  const { hits } = current(ns, typeof dst === 'bigint');
  if (hits === null) return;
  if (hits.size >= LIMIT) hits.clear();
  hits.set(dst, {
    ok: true,
    route: found.route,
    nexthop: found.nexthop,
    table: found.table,
    type: found.type,
    input: undefined,
    output: undefined,
    device: undefined,
  });
}

/** Whether answers can be kept in this namespace. */
export const caches = (ns: NetNs, dst: Ip): boolean => current(ns, typeof dst === 'bigint').hits !== null;
