/** IPv6 addresses: link-local ones made from the MAC address, and the routes addresses bring. net/ipv6/addrconf.c. */
import { type Ip, type Ip6, isMulticast, network } from '../../addr/ip.ts';
import type { Mac } from '../../addr/mac.ts';
import type { World } from '../../kernel/world.ts';
import { isOperUp } from '../link/flags.ts';
import { kindOf } from '../link/kinds.ts';
import { noteFixed } from '../neigh/ops.ts';
import { notifyAddress, notifyRoute } from '../notify.ts';
import { forgetSource6, routesOfLinkDown } from '../route/sync.ts';
import {
  insertRoute,
  kernelRoute,
  removeRoutes,
  SCOPE_UNIVERSE,
  samePlace,
  TABLE_LOCAL,
  TABLE_MAIN,
  tablesOf,
} from '../route/table.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { IfAddr, Link, NetNs, NlError, Route } from '../types.ts';
import { isTentative, needsDad, onDadCompleted, startDad } from './dad.ts';

/** ff02::16 and ff02::2. */
const MLD_ROUTERS: Ip6 = (0xff02n << 112n) | 0x16n;
const ALL_ROUTERS: Ip6 = (0xff02n << 112n) | 2n;

/** RFC 2464, 7. */
const groupMac6 = (group: Ip6): Mac => 0x333300000000 + Number(group & 0xffffffffn);

const FE80: Ip6 = 0xfe80n << 112n;

/** fe80::/64 with the modified EUI-64 of a MAC address (RFC 4291, appendix A). */
export function linkLocal(mac: Mac): Ip6 {
  const m = BigInt(mac) ^ (2n << 40n);
  return FE80 | ((m >> 24n) << 40n) | (0xfffen << 24n) | (m & 0xffffffn);
}

/** RT_SCOPE_* by the scope that a group's address carries (RFC 4291, 2.7). */
const GROUP_SCOPES: Readonly<Record<number, number>> = { 0: 255, 1: 254, 2: 253, 5: 200 };

/** Scope of an IPv6 address as RT_SCOPE_*: link-local 253, ::1 254, else global; a group's is in its address. */
export function scope6(ip: Ip6): number {
  if (ip >> 120n === 0xffn) return GROUP_SCOPES[Number((ip >> 112n) & 0xfn)] ?? 0;
  return ip === 1n ? 254 : ip >> 118n === 0x3fan ? 253 : ip >> 118n === 0x3fbn ? 200 : 0;
}

const disabled = (ns: NetNs, link: Link): boolean =>
  sysctlNum(ns, `net.ipv6.conf.${link.name}.disable_ipv6`) !== 0 || link.mtu < 1280;

function put(ns: NetNs, route: Route): void {
  const twin = (tablesOf(ns, 6).get(route.table) ?? []).some(
    (r) => samePlace(r, route) && r.type === route.type && r.nexthops[0]?.dev === route.nexthops[0]?.dev,
  );
  if (twin) return;
  insertRoute(ns, route);
  notifyRoute(ns, route);
}

/** An address that needs no trial is the host's own at once (fc_ignore_dev_down); its prefix waits for the link. */
function addRoutes(ns: NetNs, link: Link, a: IfAddr): void {
  const scope = SCOPE_UNIVERSE;
  const local = a.local as Ip6;
  if (!isTentative(a))
    put(ns, kernelRoute({ ip: local, len: 128 }, { type: 'local', table: TABLE_LOCAL, scope }, link.ifindex, false));
  if (!link.up) return;
  const onLink = (ip: Ip6, len: number) =>
    put(
      ns,
      kernelRoute(
        { ip: network(ip, len), len },
        {
          type: 'unicast',
          table: TABLE_MAIN,
          scope,
          metric: a.metric || 256,
          pref: 'medium',
          // It lives no longer than the address (inet6_addr_add).
          ...(a.validUntil === null ? {} : { expires: a.validUntil }),
        },
        link.ifindex,
        !link.carrier,
      ),
    );
  if (a.peer !== null) onLink(a.peer as Ip6, 128);
  if (local !== 1n && !a.flags.includes('noprefixroute')) onLink(local, a.len);
}

/** What addrconf refuses: inet6_addr_add and ipv6_add_addr. */
function refused(ns: NetNs, link: Link, a: IfAddr): NlError | null {
  const local = a.local as Ip6;
  const no = (extack: string): NlError => ({ errno: 'EADDRNOTAVAIL', extack: `ipv6: ${extack}` });
  if (disabled(ns, link)) return { errno: 'EACCES', extack: 'ipv6: IPv6 is disabled on this device' };
  if (local === 0n) return no('Invalid address');
  if (isMulticast(local) && !a.flags.includes('autojoin'))
    return no('Cannot assign multicast address without "IFA_F_MCAUTOJOIN" flag');
  if (local === 1n && link.kind !== 'loopback') return no('Cannot assign loopback address on this device');
  if (link.addrs.some((b) => b.local === local)) return { errno: 'EEXIST', extack: 'ipv6: address already assigned' };
  return null;
}

/** Gives a link an IPv6 address. EEXIST when it has it, EACCES while IPv6 is disabled on it. */
export function addAddress6(world: World, ns: NetNs, link: Link, a: IfAddr): NlError | null {
  const error = refused(ns, link, a);
  if (error) return error;
  const added = {
    ...a,
    scope: scope6(a.local as Ip6),
    label: link.name,
    flags: a.flags.filter((f) => f !== 'tentative'),
    joined: (link.joins ?? 0) + 1,
  };
  link.joins = added.joined;
  if (needsDad(ns, link, added)) added.flags.push('tentative');
  // ipv6_link_dev_addr: by scope, widest first, new ones before old.
  const first = link.addrs.findIndex((b) => typeof b.local === 'bigint' && b.scope >= added.scope);
  link.addrs.splice(first < 0 ? link.addrs.length : first, 0, added);
  // The prefix route first, then the address, then, once it is tried, its own route.
  if (isTentative(added)) {
    addRoutes(ns, link, added);
    notifyAddress(ns, link, added);
  } else {
    notifyAddress(ns, link, added);
    addRoutes(ns, link, added);
  }
  multicastRoute(ns, link);
  anycastFollows(ns, link);
  startDad(world, ns, link, added);
  return null;
}

onDadCompleted((_world, ns, link, address) => {
  notifyAddress(ns, link, address);
  addRoutes(ns, link, address);
  anycastFollows(ns, link);
});

/** addrconf_join_anycast: a router answers to the first address of each of its subnets (RFC 4291, 2.6.1). */
export function anycastFollows(ns: NetNs, link: Link): void {
  const router = link.up && !disabled(ns, link) && sysctlNum(ns, `net.ipv6.conf.${link.name}.forwarding`) !== 0;
  const wanted = new Set<Ip>();
  for (const a of router ? link.addrs : [])
    if (typeof a.local === 'bigint' && a.len < 127 && !isTentative(a)) wanted.add(network(a.local, a.len));
  wanted.delete(0n);
  removeRoutes(
    ns,
    6,
    (r) => r.type === 'anycast' && r.proto === 2 && r.nexthops[0]?.dev === link.ifindex && !wanted.has(r.dst.ip),
  );
  for (const ip of wanted)
    put(
      ns,
      kernelRoute(
        { ip, len: 128 },
        { type: 'anycast', table: TABLE_LOCAL, scope: SCOPE_UNIVERSE },
        link.ifindex,
        false,
      ),
    );
}

/** Takes an IPv6 address away. EADDRNOTAVAIL when the link has none like it. */
export function deleteAddress6(_world: World, ns: NetNs, link: Link, local: Ip, len: number): NlError | null {
  const at = link.addrs.findIndex((a) => a.local === local && a.len === len);
  const gone = link.addrs[at];
  if (!gone) return { errno: 'EADDRNOTAVAIL', extack: 'ipv6: address not found' };
  link.addrs.splice(at, 1);
  notifyAddress(ns, link, gone, true);
  const net = network(gone.local, gone.len);
  const shared = link.addrs.some(
    (a) => typeof a.local === 'bigint' && a.len === gone.len && network(a.local, a.len) === net,
  );
  removeRoutes(
    ns,
    6,
    (r) => {
      if (r.proto !== 2 || r.nexthops[0]?.dev !== link.ifindex) return false;
      if (r.type === 'local' && r.dst.ip === gone.local) return true;
      if (gone.peer !== null && r.type === 'unicast' && r.dst.len === 128 && r.dst.ip === gone.peer) return true;
      return !shared && r.type === 'unicast' && r.dst.len === gone.len && r.dst.ip === net;
    },
    true,
  );
  forgetSource6(ns, link.ifindex, local as Ip6);
  anycastFollows(ns, link);
  return null;
}

function multicastRoute(ns: NetNs, link: Link): void {
  if (!link.up || link.kind === 'loopback') return;
  put(
    ns,
    kernelRoute(
      { ip: 0xffn << 120n, len: 8 },
      { type: 'multicast', table: TABLE_LOCAL, scope: SCOPE_UNIVERSE, metric: 256, pref: 'medium' },
      link.ifindex,
      !link.carrier,
    ),
  );
}

/**
 * Keeps a link's IPv6 in step with it: addresses made by hand get their routes and the link-local address appears once
 * the link runs; all of them go when it is brought down or IPv6 is disabled.
 */
export function linkLocalFollows(world: World, ns: NetNs, link: Link): void {
  if (!link.up || disabled(ns, link)) {
    link.ready6 = undefined;
    const had = link.addrs.some((a) => typeof a.local === 'bigint');
    if (!had || (link.up === false && keepsUntilUp(link))) return;
    link.addrs = link.addrs.filter((a) => typeof a.local === 'number');
    removeRoutes(ns, 6, (r) => r.proto === 2 && r.nexthops[0]?.dev === link.ifindex);
    // rt6_disable_ip(): no route leaves by a device without IPv6.
    routesOfLinkDown(ns, link.ifindex, 'down', [6]);
    return;
  }
  for (const a of link.addrs) {
    if (typeof a.local !== 'bigint') continue;
    addRoutes(ns, link, a);
    startDad(world, ns, link, a);
  }
  anycastFollows(ns, link);
  // addrconf_notify() waits for the carrier before it makes anything by itself.
  if (link.kind === 'loopback' || !isOperUp(ns, link)) return;
  multicastRoute(ns, link);
  if (link.port || kindOf(link).linkType !== 'ether') return;
  // It reports its groups (RFC 3810), and once, unless it is a router, asks for routers: neither packet is modelled, the
  // neighbours they leave are.
  noteFixed(world, ns, link.ifindex, MLD_ROUTERS, groupMac6(MLD_ROUTERS));
  // Once it is ready, neither a new MAC address nor the carrier's return makes another (addrconf_notify).
  if (link.ready6) return;
  link.ready6 = true;
  if (sysctlNum(ns, `net.ipv6.conf.${link.name}.addr_gen_mode`) !== 0) return;
  const local = linkLocal(link.mac);
  if (link.addrs.some((a) => a.local === local)) return;
  if (sysctlNum(ns, `net.ipv6.conf.${link.name}.forwarding`) === 0)
    noteFixed(world, ns, link.ifindex, ALL_ROUTERS, groupMac6(ALL_ROUTERS));
  addAddress6(world, ns, link, {
    local,
    len: 64,
    peer: null,
    broadcast: null,
    scope: 253,
    label: '',
    flags: [],
    validUntil: null,
    preferredUntil: null,
    metric: 0,
    proto: 0,
  });
}

/** A link that never was up keeps the addresses it was given. */
const keepsUntilUp = (link: Link): boolean => link.qdisc === undefined || link.qdisc === 'noop';
