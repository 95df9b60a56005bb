/** `ip route show cache`: what was learned of paths. net/ipv4/route.c, net/ipv6/route.c. */
import { formatIp } from '../../addr/ip.ts';
import type { LearnedMtu } from '../../linux/route/exception.ts';
import { lookupRoute } from '../../linux/route/lookup.ts';
import { lockBit } from '../../linux/route/metrics.ts';
import type { Route } from '../../linux/types.ts';
import { addressColour, type Printer } from '../../text/iproute.ts';
import type { Ip } from './context.ts';
import { type Hidden, printExpires, printMetrics } from './route-print.ts';
import { printWay } from './route-way.ts';

/** Destinations with a path MTU of their own: the exceptions of the routes to them. IPv4 shows those in use. */
export function learned(ip: Ip, family: 4 | 6): { route: Route; from: LearnedMtu }[] {
  return [...ip.ns.pmtu].flatMap(([dst, from]) => {
    if ((typeof dst === 'bigint') !== (family === 6) || from.expires <= ip.world.now) return [];
    const { used } = from;
    if (family === 4 && used === undefined) return [];
    const found = lookupRoute(ip.world, ip.ns, { dst });
    if (used !== undefined) from.used = used;
    if (!found.ok || !found.route) return [];
    const { route } = found;
    const len = family === 6 ? 128 : 32;
    const metrics = { ...route.metrics, mtu: from.mtu };
    return [{ route: { ...route, dst: { ip: dst, len }, expires: from.expires, metrics }, from }];
  });
}

/** fnhe_dump_bucket: an exception as `route get` shows it, without a source. */
export function printException(ip: Ip, p: Printer, route: Route, from: LearnedMtu, hidden: Hidden): void {
  const nh = route.nexthops[0];
  const target = formatIp(route.dst.ip);
  p.open();
  if (ip.opts.details) p.any('type', 'unicast', 'unicast ');
  p.any('dst', target, `${target} `, addressColour(route.dst.ip));
  printWay(ip, p, {
    gateway: hidden.via ? null : (nh?.gateway ?? null),
    dev: hidden.dev ? 0 : (nh?.dev ?? 0),
    six: false,
  });
  for (const key of ['flags', 'cache']) {
    p.openArray(key);
    p.close();
  }
  p.fp(`${p.nl}    cache `);
  printExpires(ip, p, route);
  if (ip.opts.stats) {
    const age = Math.floor((ip.world.now - (from.used ?? ip.world.now)) / 1e6);
    p.any('users', 1, 'users 1 ');
    p.any('age', age, `age ${age}sec `);
  }
  printMetrics(p, { ...route, metrics: from.locked ? { ...route.metrics, lock: lockBit('mtu') } : route.metrics });
  p.fp('\n');
  p.close();
}
