/** One route as `ip route` prints it: print_route of ip/iproute.c. */
import { type Ip as Address, bitsOf, formatIp } from '../../addr/ip.ts';
import { linkName } from '../../linux/link/find.ts';
import { lockBit, METRICS } from '../../linux/route/metrics.ts';
import { nexthopObject } from '../../linux/route/nexthop-objects.ts';
import type { NextHop, Route } from '../../linux/types.ts';
import { addressColour, type Json, type Printer } from '../../text/iproute.ts';
import type { Ip } from './context.ts';
import { dsfieldName } from './dsfield.ts';
import { printNexthopWords } from './nexthop-print.ts';
import { protoName, realmsName, scopeName, tableName, typeName } from './parse.ts';
import { printGateway, printWay } from './route-way.ts';

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

const TIMES: ReadonlySet<string> = new Set(['rtt', 'rttvar', 'rto_min']);

const metricText = (name: string, value: number): string => {
  if (name === 'features') return value & 1 ? 'ecn' : '';
  if (!TIMES.has(name)) return String(value);
  return value >= 1000 ? `${value / 1000}s` : `${value}ms`;
};

/** Route metrics: `mtu 1400`, `mtu lock 1400`. */
export function printMetrics(p: Printer, route: Pick<Route, 'metrics' | 'congctl'>): void {
  const { metrics, congctl } = route;
  const lock = metrics.lock ?? 0;
  const entry: Record<string, Json> = {};
  for (const m of METRICS) {
    const value = metrics[m] ?? 0;
    if (m === 'congctl') {
      if (congctl === undefined) continue;
      entry.congestion = congctl;
      p.fp(`congctl ${lock & lockBit(m) ? 'lock ' : ''}${congctl} `);
    } else if (value !== 0 || lock & lockBit(m)) {
      entry[m] = m === 'features' ? ['ecn'] : value;
      p.fp(`${m} ${lock & lockBit(m) ? 'lock ' : ''}${metricText(m, value)} `);
    }
  }
  if (Object.keys(entry).length > 0) p.js('metrics', [entry]);
}

/** print_rta_flow: the realms. */
export function printFlow(p: Printer, realms: number | undefined): void {
  if (!realms) return;
  const [to = '', from] = realmsName(realms).split('/').reverse();
  p.js('flow', from === undefined ? { to } : { from, to });
  p.fp(from === undefined ? `realm ${to} ` : `realms ${from}/${to} `);
}

/** `table`, `proto` and `scope`, where they are not the usual ones. */
function printOrigin(ip: Ip, p: Printer, route: Route, hidden: Hidden): void {
  const { numeric } = ip.opts;
  const details = ip.opts.details > 0;
  if ((route.table !== 254 || details) && !hidden.table)
    p.any('table', tableName(route.table, numeric), `table ${tableName(route.table, numeric)} `);
  if ((route.proto !== 3 || details) && !hidden.proto)
    p.any('protocol', protoName(route.proto, numeric), `proto ${protoName(route.proto, numeric)} `);
  if ((route.scope !== 0 || details) && !hidden.scope)
    p.any('scope', scopeName(route.scope, numeric), `scope ${scopeName(route.scope, numeric)} `);
}

/** `src ADDRESS`. */
export function printSource(p: Printer, src: Address): void {
  p.fp('src ');
  p.any('prefsrc', formatIp(src), `${formatIp(src)} `, addressColour(src));
}

/** Prints a route, its newline included. */
export function printRoute(ip: Ip, p: Printer, route: Route, hidden: Hidden = {}): void {
  const { opts } = ip;
  const single = route.nexthops.length === 1 ? (route.nexthops[0] as NextHop) : undefined;
  const v6 = typeof route.dst.ip === 'bigint';
  p.open();
  if (route.type !== 'unicast' || opts.details) {
    const type = typeName(route.type, opts.numeric);
    p.any('type', type, `${type} `);
  }
  const target = routeTarget(route.dst.ip, route.dst.len);
  p.any('dst', target, `${target} `, target === 'default' ? undefined : addressColour(route.dst.ip));
  const nhid = route.metrics.nhid;
  if (nhid !== undefined) p.any('nhid', nhid, `nhid ${nhid} `);
  if (route.tos && !hidden.tos)
    p.any('tos', dsfieldName(route.tos, opts.numeric), `tos ${dsfieldName(route.tos, opts.numeric)} `);
  printWay(ip, p, {
    gateway: hidden.via ? null : (single?.gateway ?? null),
    dev: hidden.dev ? 0 : (single?.dev ?? silentDev(ip, route)),
    six: v6,
  });
  printOrigin(ip, p, route, hidden);
  if (route.src !== null && !hidden.src) printSource(p, route.src);
  if ((route.metric || v6) && !hidden.metric) p.any('metric', route.metric, `metric ${route.metric} `);
  printNhFlags(p, route.nexthops.length > 1 ? sharedFlags(route) : nhFlags(single));
  printFlow(p, single?.realms ?? route.realms);
  printExpires(ip, p, route);
  printMetrics(p, route);
  if (route.pref !== undefined || v6) p.any('pref', route.pref ?? 'medium', `pref ${route.pref ?? 'medium'}`);
  if (nhid !== undefined && opts.details) printInfo(ip, p, nhid);
  if (route.nexthops.length > 1) printNexthops(ip, p, route);
  p.fp('\n');
  p.close();
}

/** With -d, the nexthop object itself. */
function printInfo(ip: Ip, p: Printer, id: number): void {
  const nh = nexthopObject(ip.ns, id);
  if (!nh) return;
  p.fp(`${p.nl}\tnh_info `);
  p.open('nh_info');
  printNexthopWords(ip, p, nh, true);
  p.close();
}

export function printExpires(ip: Ip, p: Printer, route: Route): void {
  if (route.expires === undefined) return;
  const seconds = Math.max(0, Math.floor((route.expires - ip.world.now) / 1e6));
  p.any('expires', seconds, `expires ${seconds}sec `);
}

/** IPv6's blackhole and its like stand on lo, and so does a blackhole nexthop. */
function silentDev(ip: Ip, route: Route): number {
  if (route.nexthops.length > 0 || (typeof route.dst.ip !== 'bigint' && route.metrics.nhid === undefined)) return 0;
  for (const link of ip.ns.links.values()) if (link.kind === 'loopback') return link.ifindex;
  return 0;
}

function printNexthops(ip: Ip, p: Printer, route: Route): void {
  p.openArray('nexthops');
  for (const nh of route.nexthops) {
    p.open();
    p.fp(`${p.nl}\tnexthop `);
    if (nh.gateway !== null) printGateway(p, nh.gateway, typeof nh.gateway === typeof route.dst.ip);
    printFlow(p, nh.realms);
    p.any('dev', linkName(ip.ns, nh.dev), `dev ${linkName(ip.ns, nh.dev)} `);
    p.any('weight', nh.weight, `weight ${nh.weight} `);
    printNhFlags(p, nhFlags(nh));
    p.close();
  }
  p.close();
}
