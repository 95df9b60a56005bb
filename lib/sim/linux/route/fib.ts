/** fib_lookup: rules, tables, longest prefix, metric. net/ipv4/fib_trie.c, fib_rules.c, fib_semantics.c. */
import { type Ip, inPrefix } from '../../addr/ip.ts';
import { l3master, l3table } from '../link/vrf.ts';
import { rulesOf } from '../rule/ops.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { NetNs, NextHop, Route, RouteType, Rule } from '../types.ts';
import { caches, fibHit, keepHit } from './fib-cache.ts';
import { matchingRoutes } from './lpm.ts';
import { tablesOf } from './table.ts';

/** What a route is asked for. Without `iif` the packet is made here. */
export interface Flow {
  dst: Ip;
  src?: Ip;
  /** ifindex it came in by. */
  iif?: number;
  oif?: number;
  mark?: number;
  tos?: number;
  proto?: number;
  sport?: number;
  dport?: number;
  /** Of the process that sends: root's unless it says otherwise. */
  uid?: number;
}

export interface FibOptions {
  /** Routes with a wider scope are passed over (flowi4_scope). */
  scope?: number;
  /** Look in this table only, without rules. */
  table?: number;
  ignoreLinkstate?: boolean;
}

export type FibResult =
  | { ok: true; route: Route; nexthop: NextHop | null; table: number; type: RouteType; ruleRealms?: number }
  | { ok: false; errno: string; type?: RouteType; rule?: Rule };

/** fib_props: what a route of this type answers instead of a way out. */
const ERRORS: Partial<Record<RouteType, string>> = {
  blackhole: 'EINVAL',
  unreachable: 'EHOSTUNREACH',
  prohibit: 'EACCES',
  throw: 'EAGAIN',
};

const nameOf = (ns: NetNs, ifindex: number | undefined): string => (ifindex ? (ns.links.get(ifindex)?.name ?? '') : '');

/** Whether a rule speaks of this flow. */
export function ruleMatches(ns: NetNs, rule: Rule, flow: Flow): boolean {
  const iif = flow.iif ? nameOf(ns, flow.iif) : 'lo';
  const inRange = (port: number | undefined, range: [number, number] | null) =>
    !range || (port !== undefined && port >= range[0] && port <= range[1]);
  const hit =
    (rule.iif === '' || rule.iif === iif) &&
    (rule.oif === '' || (!!flow.oif && rule.oif === nameOf(ns, flow.oif))) &&
    (!rule.from || inPrefix(flow.src ?? (typeof flow.dst === 'bigint' ? 0n : 0), rule.from)) &&
    (!rule.to || inPrefix(flow.dst, rule.to)) &&
    (!rule.tos || rule.tos === (flow.tos ?? 0)) &&
    (!rule.fwmark || ((flow.mark ?? 0) & rule.fwmark.mask) >>> 0 === rule.fwmark.value) &&
    (!rule.uidrange || ((flow.uid ?? 0) >= rule.uidrange[0] && (flow.uid ?? 0) <= rule.uidrange[1])) &&
    (!rule.ipproto || rule.ipproto === flow.proto) &&
    inRange(flow.sport, rule.sport) &&
    inRange(flow.dport, rule.dport);
  return hit !== rule.not;
}

/** A 31-bit hash of a flow: what spreads flows over nexthops (fib_multipath_hash, policy 0: addresses only; 1: ports too). */
export function flowHash(ns: NetNs, flow: Flow): number {
  let h = 0x9e3779b9;
  const mix = (n: number) => {
    h = Math.imul(h ^ (n >>> 0), 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    h ^= h >>> 16;
  };
  for (const ip of [flow.src ?? 0, flow.dst]) {
    if (typeof ip === 'bigint') for (let i = 96n; i >= 0n; i -= 32n) mix(Number((ip >> i) & 0xffffffffn));
    else mix(ip);
  }
  if (sysctlNum(ns, 'net.ipv4.fib_multipath_hash_policy') === 1)
    for (const n of [flow.proto ?? 0, flow.sport ?? 0, flow.dport ?? 0]) mix(n);
  return h >>> 1;
}

/** fib_select_multipath: by hash and weight among the living, one whose device has the source address preferred. */
function selectNexthop(ns: NetNs, usable: readonly NextHop[], flow: Flow): NextHop {
  if (usable.length === 1) return usable[0] as NextHop;
  if (flow.src) {
    const own = usable.find((nh) => ns.links.get(nh.dev)?.addrs.some((a) => a.local === flow.src));
    if (own && !flow.iif) return own;
  }
  const total = usable.reduce((sum, nh) => sum + nh.weight, 0);
  let left = (flowHash(ns, flow) / 2 ** 31) * total;
  for (const nh of usable) {
    left -= nh.weight;
    if (left < 0) return nh;
  }
  return usable[usable.length - 1] as NextHop;
}

function usableNexthops(ns: NetNs, route: Route, flow: Flow, options: FibOptions): NextHop[] {
  return route.nexthops.filter((nh) => {
    if (nh.dead) return false;
    if (flow.oif && nh.dev !== flow.oif) return false;
    if (!nh.linkdown || options.ignoreLinkstate) return true;
    const name = nameOf(ns, nh.dev);
    return !(
      sysctlNum(ns, 'net.ipv4.conf.all.ignore_routes_with_linkdown') ||
      sysctlNum(ns, `net.ipv4.conf.${name}.ignore_routes_with_linkdown`)
    );
  });
}

/** Looks a flow up in one table. EAGAIN: nothing here, the next rule decides. */
export function lookupTable(ns: NetNs, table: number, flow: Flow, options: FibOptions = {}, minLength = -1): FibResult {
  const routes = tablesOf(ns, typeof flow.dst === 'bigint' ? 6 : 4).get(table);
  if (!routes || routes.length === 0) return { ok: false, errno: 'EAGAIN' };
  for (const route of matchingRoutes(routes, flow.dst)) {
    if (route.dst.len <= minLength) return { ok: false, errno: 'EAGAIN' };
    if (route.tos && route.tos !== (flow.tos ?? 0)) continue;
    if (options.scope !== undefined && route.scope < options.scope) continue;
    const errno = ERRORS[route.type];
    if (errno) return { ok: false, errno, type: route.type };
    if (route.nexthops.length === 0) continue;
    const usable = usableNexthops(ns, route, flow, options);
    if (usable.length > 0)
      return { ok: true, route, nexthop: selectNexthop(ns, usable, flow), table, type: route.type };
  }
  return { ok: false, errno: 'EAGAIN' };
}

/** Looks a flow up through the rules. ENETUNREACH when none of them leads anywhere. */
export function fibLookup(ns: NetNs, flow: Flow, options: FibOptions = {}): FibResult {
  if (options.table !== undefined) {
    const found = lookupTable(ns, options.table, flow, options);
    return !found.ok && found.errno === 'EAGAIN' ? { ok: false, errno: 'ENETUNREACH' } : found;
  }
  if (options.scope !== undefined || options.ignoreLinkstate) return walkRules(ns, flow, options);
  const hit = fibHit(ns, flow.dst, flow.oif);
  if (hit !== undefined) return hit;
  if (flow.oif && caches(ns, flow.dst)) {
    // What the flow would be answered without its device serves the next one, too.
    const open = walkRules(ns, { ...flow, oif: undefined }, options);
    keepHit(ns, flow.dst, open);
    if (open.ok && open.nexthop?.dev === flow.oif && open.route.nexthops.length === 1) return open;
    return walkRules(ns, flow, options);
  }
  const found = walkRules(ns, flow, options);
  if (!flow.oif) keepHit(ns, flow.dst, found);
  return found;
}

function walkRules(ns: NetNs, asked: Flow, options: FibOptions): FibResult {
  const rules = rulesOf(ns, typeof asked.dst === 'bigint' ? 6 : 4);
  const device = ns.links.get(asked.oif || asked.iif || 0);
  const domain = device && l3master(ns, device);
  // A domain as the way out means its table, not the device (l3mdev_update_flow).
  const flow = domain && domain.ifindex === asked.oif ? { ...asked, oif: 0 } : asked;
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i] as Rule;
    if (!ruleMatches(ns, rule, flow)) continue;
    switch (rule.action) {
      case 'unreachable':
        return { ok: false, errno: 'ENETUNREACH', rule };
      case 'blackhole':
        return { ok: false, errno: 'EINVAL', rule };
      case 'prohibit':
        return { ok: false, errno: 'EACCES', rule };
      case 'goto': {
        const to = rules.findIndex((r) => r.priority >= rule.target);
        if (to > i) i = to - 1;
        continue;
      }
      case 'nop':
        continue;
    }
    if (rule.action !== 'lookup') return { ok: false, errno: 'EINVAL', rule };
    if (rule.l3mdev && !domain) continue;
    const table = rule.l3mdev ? l3table(ns, domain) : rule.table;
    const found = lookupTable(ns, table, flow, options, rule.suppressPrefixLength);
    if (found.ok && rule.suppressIfgroup !== undefined) {
      const group = ns.links.get(found.nexthop?.dev ?? 0)?.group;
      if (group === rule.suppressIfgroup) continue;
    }
    if (found.ok && rule.realms) return { ...found, ruleRealms: rule.realms };
    if (found.ok || found.errno !== 'EAGAIN') return found;
  }
  return { ok: false, errno: 'ENETUNREACH' };
}
