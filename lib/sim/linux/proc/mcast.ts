/** Multicast addresses that devices listen to: dev_mc_list, as `bridge fdb` and /proc/net/dev_mcast show it. */
import { type Ip, type Ip6, isMulticast, network } from '../../addr/ip.ts';
import { formatMac, type Mac } from '../../addr/mac.ts';
import type { World } from '../../kernel/world.ts';
import { isTentative } from '../addr/dad.ts';
import { linksByIndex, upperLinks } from '../link/find.ts';
import { kindOf } from '../link/kinds.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { IfAddr, Link, NetNs } from '../types.ts';

const ALL_NODES6: Mac = 0x333300000001;
const ALL_ROUTERS6: Mac = 0x333300000002;
const ALL_HOSTS4: Mac = 0x01005e000001;
/** The group bit of a MAC address. */
export const isGroup = (mac: Mac): boolean => Math.floor(mac / 2 ** 40) % 2 === 1;

const SNOOPERS: readonly Mac[] = [0x01005e00006a, 0x33330000006a];

/** Addresses a device listens to, in the order it joined them. */
export function multicastList(world: World, ns: NetNs, link: Link): Mac[] {
  if (kindOf(link).linkType !== 'ether') return [];
  const list: Mac[] = [ALL_NODES6];
  const join = (group: Mac) => {
    if (!list.includes(group)) list.push(group);
  };
  const router =
    link.up &&
    sysctlNum(ns, `net.ipv6.conf.${link.name}.forwarding`) !== 0 &&
    sysctlNum(ns, `net.ipv6.conf.${link.name}.disable_ipv6`) === 0;
  // Made on a router, it joins at once; made before, when forwarding is turned on (ipv6_add_dev, dev_forward_change).
  const born = router && link.routerBorn === true;
  if (born) join(ALL_ROUTERS6);
  if (link.data.type === 'bridge' && link.up && (link.data as { mcastSnooping?: boolean }).mcastSnooping)
    list.push(...SNOOPERS);
  if (link.up) list.push(ALL_HOSTS4);
  const addresses = link.addrs
    .filter((a) => typeof a.local === 'bigint')
    .sort((x, y) => (x.joined ?? 0) - (y.joined ?? 0));
  const solicited = (ip: Ip) => 0x3333ff000000 + Number((ip as Ip6) & 0xffffffn);
  const anycast = (a: IfAddr) => {
    if (a.len < 127 && !isTentative(a)) join(solicited(network(a.local, a.len)));
  };
  for (const a of addresses) {
    join(solicited(a.local));
    if (born) anycast(a);
  }
  if (router && !born) {
    join(ALL_ROUTERS6);
    addresses.forEach(anycast);
  }
  for (const group of proxiedGroups(ns, link)) {
    join(0x333300000000 + Number(group & 0xffffffffn));
  }
  for (const mac of link.groups ?? []) join(mac);
  for (const upper of upperLinks(world, ns, link)) {
    if (!upper.link.up || upper.link.data.type === 'vxlan') continue;
    multicastList(world, upper.ns, upper.link).forEach(join);
  }
  for (const mac of link.extraMacs ?? []) if (isGroup(mac)) join(mac);
  return list;
}

/** Unicast addresses beside its own that a device takes frames for: those of the macvlans on it, those put in by hand. */
export function unicastList(world: World, ns: NetNs, link: Link): Mac[] {
  const upper = upperLinks(world, ns, link)
    .filter((u) => u.link.data.type !== 'vxlan' && u.link.up && u.link.mac !== link.mac)
    .map((u) => u.link.mac);
  return [...upper, ...(link.extraMacs ?? []).filter((mac) => !isGroup(mac))];
}

/** A group that a device belongs to, and how often it was joined. */
export interface Membership {
  group: Ip;
  users: number;
}

const ALL_HOSTS = 0xe0000001;
const ALL_SNOOPERS = 0xe000006a;
const NODES6 = [0xff010000000000000000000000000001n, 0xff020000000000000000000000000001n];
const SNOOPERS6 = 0xff02000000000000000000000000006an;
const ROUTERS6 = [1n, 2n, 5n].map((scope) => (0xff00n << 112n) | (scope << 112n) | 2n);

const snoops = (link: Link): boolean =>
  link.data.type === 'bridge' && link.up && !!(link.data as { mcastSnooping?: boolean }).mcastSnooping;

/** IPv4 groups, the last joined first: ip_mc_list, as /proc/net/igmp has them. */
export function groups4(link: Link): Membership[] {
  if (!link.up) return [];
  const groups = [ALL_HOSTS, ...(snoops(link) ? [ALL_SNOOPERS] : [])];
  return groups.map((group) => ({ group, users: 1 }));
}

/** Whoever answers for another's address hears the questions for it (pndisc_constructor). */
function* proxiedGroups(ns: NetNs, link: Link): Generator<Ip6> {
  for (const n of ns.neigh.values())
    if (n.proxy && n.dev === link.ifindex && typeof n.ip === 'bigint')
      yield 0xff0200000000000000000001ff000000n | (n.ip & 0xffffffn);
}

/** IPv6 groups, the last joined first: ifmcaddr6, as /proc/net/igmp6 has them. */
export function groups6(ns: NetNs, link: Link): Membership[] {
  const joined: Membership[] = NODES6.map((group) => ({ group, users: 1 }));
  const join = (group: Ip6) => {
    const known = joined.find((m) => m.group === group);
    if (known) known.users++;
    else joined.push({ group, users: 1 });
  };
  if (snoops(link)) join(SNOOPERS6);
  if (sysctlNum(ns, `net.ipv6.conf.${link.name}.forwarding`) !== 0) for (const group of ROUTERS6) join(group);
  // Addresses stand newest first.
  for (const a of [...link.addrs].reverse()) {
    if (typeof a.local !== 'bigint') continue;
    if (link.kind !== 'loopback' && !link.noarp && link.up)
      join(0xff0200000000000000000001ff000000n | (a.local & 0xffffffn));
    if (isMulticast(a.local)) join(a.local);
  }
  for (const group of proxiedGroups(ns, link)) join(group);
  return joined.reverse();
}

/** /proc/net/dev_mcast. */
export function multicastFile(world: World, ns: NetNs): string {
  let text = '';
  for (const link of linksByIndex(ns)) {
    for (const mac of multicastList(world, ns, link)) {
      // ff02::2 and ff05::2 share an address.
      const users = mac === ALL_ROUTERS6 ? 2 : 1;
      text += `${String(link.ifindex).padEnd(4)} ${link.name.padEnd(15)} ${users}     0     ${formatMac(mac).replaceAll(':', '')}\n`;
    }
  }
  return text;
}

/** A group as /proc/net/igmp has it: four bytes in the machine's order. */
const littleEndian = (group: number): string =>
  [0, 8, 16, 24].map((shift) => ((group >>> shift) & 255).toString(16).toUpperCase().padStart(2, '0')).join('');

/** /proc/net/igmp: igmp_mc_seq_show. Timers never run here. */
export function igmpFile(ns: NetNs): string {
  let text = 'Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n';
  for (const link of linksByIndex(ns)) {
    const groups = groups4(link);
    if (groups.length === 0) continue;
    text += `${link.ifindex}\t${link.name.padEnd(10)}: ${String(groups.length).padStart(5)}      V3\n`;
    for (const { group, users } of groups)
      text += `\t\t\t\t${littleEndian(group as number)} ${String(users).padStart(5)} 0:00000000\t\t0\n`;
  }
  return text;
}

/** MAF_* of a group of IPv6: asked for its members or not, the last to report, known to the driver. */
function groupFlags(group: Ip6): string {
  if (group === NODES6[0]) return '00000008';
  return group === NODES6[1] ? '0000000C' : '00000004';
}

/** /proc/net/igmp6: igmp6_mc_seq_show. */
export function igmp6File(ns: NetNs): string {
  let text = '';
  for (const link of linksByIndex(ns)) {
    for (const { group, users } of groups6(ns, link)) {
      const address = (group as bigint).toString(16).padStart(32, '0');
      text += `${String(link.ifindex).padEnd(4)} ${link.name.padEnd(15)} ${address} ${String(users).padStart(5)} ${groupFlags(group as bigint)} 0\n`;
    }
  }
  return text;
}
