/** One route as `ip route` prints it: print_route of ip/iproute.c. */
import { type Ip as Address, bitsOf, formatIp } from '../../addr/ip.ts';
import { linkName } from '../../linux/link/find.ts';
import type { NextHop, Route } from '../../linux/types.ts';
import type { Json, Printer } from '../../text/iproute.ts';
import type { Ip } from './context.ts';
import { protoName, scopeName, tableName } from './parse.ts';

/** What the selector fixes is not printed again. */
export interface Hidden {
  via?: boolean;
  dev?: boolean;
  table?: boolean;
  proto?: boolean;
  scope?: boolean;
  src?: boolean;
  metric?: boolean;
  tos?: boolean;
}

const METRICS = [
  'mtu',
  'window',
  'rtt',
  'rttvar',
  'ssthresh',
  'cwnd',
  'advmss',
  'reordering',
  'hoplimit',
  'initcwnd',
  'rto_min',
  'initrwnd',
  'quickack',
];

/** `default`, an address, or a prefix. */
export function routeTarget(ip: Address, len: number): string {
  if (len === bitsOf(ip)) return formatIp(ip);
  return len === 0 ? 'default' : `${formatIp(ip)}/${len}`;
}

/** dead, onlink, linkdown. */
function printNhFlags(p: Printer, flags: readonly string[]): void {
  p.openArray('flags');
  for (const f of flags) p.any(null, f, `${f} `);
  p.close();
}

const nhFlags = (nh: NextHop | undefined): string[] =>
  nh ? [...(nh.dead ? ['dead'] : []), ...(nh.onlink ? ['onlink'] : []), ...(nh.linkdown ? ['linkdown'] : [])] : [];

/** What a multipath route says of itself: `linkdown` when every nexthop is. */
const sharedFlags = (route: Route): string[] => (route.nexthops.every((nh) => nh.linkdown) ? ['linkdown'] : []);

/** Route metrics: `mtu 1400`, `mtu lock 1400`. */
export function printMetrics(p: Printer, metrics: Readonly<Record<string, number>>): void {
  const present = METRICS.filter((m) => metrics[m] !== undefined);
  if (present.length === 0) return;
  const lock = metrics.lock ?? 0;
  const entry: Record<string, Json> = {};
  for (const m of present) {
    entry[m] = metrics[m] as number;
    p.fp(
      `${m} ${lock && m === 'mtu' ? 'lock ' : ''}${m === 'rto_min' || m.startsWith('rtt') ? `${metrics[m]}ms` : metrics[m]} `,
    );
  }
  p.js('metrics', [entry]);
}

/** Prints a route, its newline included. */
export function printRoute(ip: Ip, p: Printer, route: Route, hidden: Hidden = {}): void {
  const { opts, ns } = ip;
  const details = opts.details > 0;
  const single = route.nexthops.length === 1 ? (route.nexthops[0] as NextHop) : undefined;
  p.open();
  if (route.type !== 'unicast' || details) p.any('type', route.type, `${route.type} `);
  const target = routeTarget(route.dst.ip, route.dst.len);
  p.any('dst', target, `${target} `);
  const nhid = route.metrics.nhid;
  if (nhid !== undefined) p.any('nhid', nhid, `nhid ${nhid} `);
  if (route.tos && !hidden.tos) p.any('tos', `0x${route.tos.toString(16)}`, `tos 0x${route.tos.toString(16)} `);
  if (single?.gateway != null && !hidden.via) {
    if (typeof single.gateway === typeof route.dst.ip)
      p.any('gateway', formatIp(single.gateway), `via ${formatIp(single.gateway)} `);
    else p.any('via', { family: 'inet6', host: formatIp(single.gateway) }, `via inet6 ${formatIp(single.gateway)} `);
  }
  const dev = single?.dev ?? silentDev(ip, route);
  if (dev && !hidden.dev) p.any('dev', linkName(ns, dev), `dev ${linkName(ns, dev)} `);
  if ((route.table !== 254 || details) && !hidden.table)
    p.any('table', tableName(route.table, opts.numeric), `table ${tableName(route.table, opts.numeric)} `);
  if ((route.proto !== 3 || details) && !hidden.proto)
    p.any('protocol', protoName(route.proto, opts.numeric), `proto ${protoName(route.proto, opts.numeric)} `);
  if ((route.scope !== 0 || details) && !hidden.scope)
    p.any('scope', scopeName(route.scope, opts.numeric), `scope ${scopeName(route.scope, opts.numeric)} `);
  if (route.src !== null && !hidden.src) p.any('prefsrc', formatIp(route.src), `src ${formatIp(route.src)} `);
  const v6 = typeof route.dst.ip === 'bigint';
  if ((route.metric || v6) && !hidden.metric) p.any('metric', route.metric, `metric ${route.metric} `);
  printNhFlags(p, route.nexthops.length > 1 ? sharedFlags(route) : nhFlags(single));
  printMetrics(p, route.metrics);
  if (route.pref !== undefined || v6) p.any('pref', route.pref ?? 'medium', `pref ${route.pref ?? 'medium'}`);
  if (route.nexthops.length > 1) printNexthops(ip, p, route);
  p.fp('\n');
  p.close();
}

/** IPv6's blackhole and its like stand on lo. */
function silentDev(ip: Ip, route: Route): number {
  if (typeof route.dst.ip !== 'bigint' || route.nexthops.length > 0) return 0;
  for (const link of ip.ns.links.values()) if (link.kind === 'loopback') return link.ifindex;
  return 0;
}

function printNexthops(ip: Ip, p: Printer, route: Route): void {
  p.openArray('nexthops');
  for (const nh of route.nexthops) {
    p.open();
    p.fp(`${p.nl}\tnexthop `);
    if (nh.gateway !== null) p.any('gateway', formatIp(nh.gateway), `via ${formatIp(nh.gateway)} `);
    p.any('dev', linkName(ip.ns, nh.dev), `dev ${linkName(ip.ns, nh.dev)} `);
    p.any('weight', nh.weight, `weight ${nh.weight} `);
    printNhFlags(p, nhFlags(nh));
    p.close();
  }
  p.close();
}
