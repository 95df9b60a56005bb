/** IP addresses of links: RTM_NEWADDR, RTM_DELADDR, and the routes that follow. net/ipv4/devinet.c, fib_frontend.c. */
import { broadcast4, type Ip, type Ip4, inPrefix, isMulticast, network } from '../../addr/ip.ts';
import { kernelBefore } from '../../kernel/release.ts';
import { VersionedMap } from '../../kernel/versioned.ts';
import type { World } from '../../kernel/world.ts';
import { l3table } from '../link/vrf.ts';
import { notifyAddress, notifyRoute } from '../notify.ts';
import { routesOfLinkDown, routesOfSourceGone } from '../route/sync.ts';
import {
  insertRoute,
  kernelRoute,
  removeRoutes,
  SCOPE_HOST,
  SCOPE_LINK,
  samePlace,
  TABLE_LOCAL,
  TABLE_MAIN,
  tablesOf,
} from '../route/table.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { IfAddr, Link, NetNs, NlError, Route } from '../types.ts';
import { addAddress6, deleteAddress6 } from './ipv6.ts';

export type NewAddress = Partial<IfAddr> & { local: Ip; len: number };

/** Whether an address is a secondary one of its prefix. */
export const isSecondary = (a: IfAddr): boolean => a.flags.includes('secondary');

const v4 = (link: Link): IfAddr[] => link.addrs.filter((a) => typeof a.local === 'number');

/** The prefix an address stands for: of its peer when it has one. */
export const prefixIp = (a: IfAddr): Ip => a.peer ?? a.local;

const sameNet = (a: IfAddr, b: IfAddr): boolean =>
  a.len === b.len && typeof a.local === typeof b.local && inPrefix(prefixIp(a), { ip: prefixIp(b), len: b.len });

/** Fills what the request leaves open. */
const complete = (link: Link, a: NewAddress): IfAddr => ({
  peer: null,
  broadcast: null,
  scope: 0,
  label: link.name,
  flags: [],
  validUntil: null,
  preferredUntil: null,
  metric: 0,
  proto: 0,
  ...a,
});

/**
 * Gives a link an address, in the kernel's order (primaries by scope, secondaries behind), with its routes.
 * EEXIST when the link has it, EINVAL for another scope in the same prefix.
 */
export function addAddress(world: World, ns: NetNs, link: Link, request: NewAddress): NlError | null {
  if (typeof request.local === 'bigint') return addAddress6(world, ns, link, complete(link, request));
  // inet_insert_ifa() takes the unspecified address without a word, and drops it.
  if (request.local === 0) return null;
  const added = complete(link, request);
  added.flags = added.flags.filter((f) => f !== 'secondary');
  let at = 0;
  let secondary = false;
  for (const [i, a] of link.addrs.entries()) {
    if (typeof a.local !== 'number') continue;
    if (!isSecondary(a) && added.scope <= a.scope) at = i + 1;
    if (!sameNet(a, added)) continue;
    if (a.local === added.local) return said(world, ns, 'EEXIST', 'ipv4: Address already assigned');
    if (a.scope !== added.scope) return said(world, ns, 'EINVAL', 'ipv4: Invalid scope value');
    secondary = true;
  }
  if (link.kind === 'ipvlan' && ipvlanTaken(world, ns, link, added.local))
    return { errno: 'EADDRINUSE', extack: 'Address already assigned to an ipvlan device' };
  if (secondary) added.flags.push('secondary');
  const v6 = link.addrs.findIndex((a) => typeof a.local === 'bigint');
  const end = v6 < 0 ? link.addrs.length : v6;
  link.addrs.splice(secondary ? end : at, 0, added);
  notifyAddress(ns, link, added);
  addAddressRoutes(ns, link, added);
  return null;
}

/** inetdev's refusals have words since Linux 6.10. */
const said = (world: World, ns: NetNs, errno: string, extack: string): NlError =>
  kernelBefore(world, ns, 6, 10) ? { errno } : { errno, extack };

function ipvlanTaken(world: World, at: NetNs, link: Link, local: Ip): boolean {
  for (const ns of world.netns.values()) {
    for (const other of ns.links.values()) {
      if (other === link || other.kind !== 'ipvlan' || other.lower !== link.lower) continue;
      if ((other.lowerNs ?? ns.id) === (link.lowerNs ?? at.id) && other.addrs.some((a) => a.local === local))
        return true;
    }
  }
  return false;
}

/** fib_magic: one route of the kernel's, unless the same one is there. */
function magic(ns: NetNs, link: Link, type: Route['type'], ip: Ip4, len: number, prefsrc: Ip, metric = 0): void {
  // fib_valid_prefsrc(): only an address of this host's may be a route's source.
  const kind = prefsrc as Ip4;
  if (type !== 'local' && (isMulticast(kind) || kind >>> 24 === 0 || kind === 0xffffffff)) return;
  const route = kernelRoute(
    { ip, len },
    {
      type,
      table: l3table(ns, link) || (type === 'unicast' ? TABLE_MAIN : TABLE_LOCAL),
      scope: type === 'local' ? SCOPE_HOST : SCOPE_LINK,
      src: prefsrc,
      metric,
    },
    link.ifindex,
    link.up && !link.carrier,
  );
  const twin = (tablesOf(ns, 4).get(route.table) ?? []).some(
    (r) =>
      samePlace(r, route) &&
      r.type === type &&
      r.src === prefsrc &&
      r.nexthops[0]?.dev === link.ifindex &&
      r.proto === route.proto,
  );
  if (twin) return;
  insertRoute(ns, route);
  notifyRoute(ns, route);
}

/** fib_add_ifaddr: the local route always; broadcast and connected routes while the link is up. */
export function addAddressRoutes(ns: NetNs, link: Link, a: IfAddr): void {
  const prefix = network(prefixIp(a), a.len) as Ip4;
  const secondary = isSecondary(a);
  const primary = secondary ? v4(link).find((p) => !isSecondary(p) && sameNet(p, a)) : a;
  if (!primary) return;
  const source = primary.local;
  magic(ns, link, 'local', a.local as Ip4, 32, source);
  if (!link.up) return;
  if (a.broadcast !== null && a.broadcast !== 0xffffffff) magic(ns, link, 'broadcast', a.broadcast, 32, source);
  if (prefix >>> 24 === 0 || secondary || (prefix === a.local && a.len === 32)) return;
  if (!a.flags.includes('noprefixroute')) {
    magic(ns, link, link.kind === 'loopback' ? 'local' : 'unicast', prefix, a.len, source, a.metric);
  }
  if (a.len < 31) magic(ns, link, 'broadcast', broadcast4(prefix, a.len), 32, source);
}

/** fib_del_ifaddr: the routes that only this address accounts for. */
function deleteAddressRoutes(ns: NetNs, link: Link, gone: IfAddr): void {
  const prefix = network(prefixIp(gone), gone.len) as Ip4;
  const rest = v4(link);
  const drop = (match: (r: Route) => boolean) =>
    removeRoutes(
      ns,
      4,
      (r) => r.proto === 2 && r.nexthops.length === 1 && r.nexthops[0]?.dev === link.ifindex && match(r),
      true,
    );
  if (!isSecondary(gone)) {
    drop(
      (r) =>
        r.dst.ip === prefix &&
        r.dst.len === gone.len &&
        r.src === gone.local &&
        (r.type === 'unicast' || (r.type === 'local' && gone.len < 32)),
    );
  }
  const casts = new Set<Ip>([gone.broadcast ?? -1, gone.len < 31 ? broadcast4(prefix, gone.len) : -1]);
  for (const a of rest) {
    if (a.broadcast !== null) casts.delete(a.broadcast);
    if (a.len < 31 && !isSecondary(a)) casts.delete(broadcast4(network(prefixIp(a), a.len) as Ip4, a.len));
  }
  drop((r) => r.type === 'broadcast' && casts.has(r.dst.ip));
  if (!rest.some((a) => a.local === gone.local))
    drop((r) => r.type === 'local' && r.dst.len === 32 && r.dst.ip === gone.local);
  const elsewhere = [...ns.links.values()].some((l) => l.addrs.some((a) => a.local === gone.local));
  if (!elsewhere) routesOfSourceGone(ns, gone.local as Ip4);
}

/**
 * Takes an address away: EADDRNOTAVAIL when the link has none like it. With a primary its secondaries go, unless
 * `promote_secondaries` makes the first of them the new primary. The last address takes all routes of the link along.
 */
export function deleteAddress(
  world: World,
  ns: NetNs,
  link: Link,
  want: { local: Ip; len: number; peer?: Ip | null; label?: string },
): NlError | null {
  if (typeof want.local === 'bigint') return deleteAddress6(world, ns, link, want.local, want.len);
  const gone = link.addrs.find(
    (a) =>
      a.local === want.local &&
      (want.label === undefined || a.label === want.label) &&
      a.len === want.len &&
      (want.peer == null || prefixIp(a) === want.peer),
  );
  if (!gone) return said(world, ns, 'EADDRNOTAVAIL', 'ipv4: Address not found');
  const followers = isSecondary(gone) ? [] : v4(link).filter((a) => isSecondary(a) && sameNet(a, gone));
  const promote =
    followers.length > 0 &&
    Math.max(
      sysctlNum(ns, 'net.ipv4.conf.all.promote_secondaries'),
      sysctlNum(ns, `net.ipv4.conf.${link.name}.promote_secondaries`),
    ) > 0;
  const leaving = promote ? [gone] : [gone, ...followers];
  if (!promote) {
    // Secondaries leave first, as __inet_del_ifa does.
    for (const a of followers) {
      link.addrs.splice(link.addrs.indexOf(a), 1);
      notifyAddress(ns, link, a, true);
      deleteAddressRoutes(ns, link, a);
    }
  }
  link.addrs.splice(link.addrs.indexOf(gone), 1);
  notifyAddress(ns, link, gone, true);
  if (promote) {
    const heir = followers[0] as IfAddr;
    heir.flags = heir.flags.filter((f) => f !== 'secondary');
    deleteAddressRoutes(ns, link, gone);
    for (const a of followers)
      removeRoutes(
        ns,
        4,
        (r) => r.type === 'local' && r.dst.ip === a.local && r.dst.len === 32 && r.nexthops[0]?.dev === link.ifindex,
      );
    for (const a of followers) addAddressRoutes(ns, link, a);
  } else deleteAddressRoutes(ns, link, leaving[0] as IfAddr);
  if (v4(link).length === 0) routes4Gone(ns, link);
  return null;
}

/** fib_disable_ip: the last IPv4 address is gone, every IPv4 route over the link with it. */
function routes4Gone(ns: NetNs, link: Link): void {
  const keep6 = ns.routes6;
  routesOfLinkDown({ ...ns, routes6: new VersionedMap() }, link.ifindex, 'unaddressed');
  ns.routes6 = keep6;
}
