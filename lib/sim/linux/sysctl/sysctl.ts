/** Reading and writing sysctls by dotted name, with the side effects that the kernel's handlers have. */

import type { Host, World } from '../../kernel/world.ts';
import { loopbackAddresses } from '../addr/follow.ts';
import { anycastFollows, linkLocalFollows } from '../addr/ipv6.ts';
import { conntrackCount } from '../conntrack/table.ts';
import { ipvsDefault } from '../ipvs/sysctl.ts';
import { findLink } from '../link/find.ts';
import { listened, notify } from '../notify.ts';
import type { NetNs } from '../types.ts';
import { hostDefault, namespaceDefault, splitConfKey } from './defaults.ts';
import { checkValue } from './values.ts';

const V4_FORWARD = 'net.ipv4.conf.all.forwarding';

/** Keys that are another one by a second name, or made on the fly. */
const ALIASES: Readonly<Record<string, string>> = {
  'net.ipv4.ip_forward': V4_FORWARD,
  'net.nf_conntrack_max': 'net.netfilter.nf_conntrack_max',
};

/** Whether a per-interface key names an interface that is there. Only the host's own namespace has `neigh.default`. */
function interfaceExists(host: Host, ns: NetNs, key: string): boolean {
  const conf = splitConfKey(key);
  if (!conf || conf.iface === 'all') return true;
  if (conf.iface === 'default') return ns.id === host.rootNs || !conf.prefix.endsWith('.neigh.');
  return findLink(ns, conf.iface)?.name === conf.iface;
}

/** Older names of two times of a neighbour table, each with how many milliseconds are one of it. */
const COARSE: Readonly<Record<string, number>> = { base_reachable_time: 1000, retrans_time: 10 };

/** The key that holds the time, where this is its older name. */
function fineKey(key: string): { key: string; unit: number } | null {
  const conf = splitConfKey(key);
  const unit = conf?.prefix.endsWith('.neigh.') ? COARSE[conf.leaf] : undefined;
  return unit === undefined ? null : { key: `${key}_ms`, unit };
}

/** The text a sysctl file shows, without its newline. Null when there is no such key. */
export function getSysctl(world: World, host: Host, ns: NetNs, name: string): string | null {
  const key = ALIASES[name] ?? name;
  if (key === 'net.netfilter.nf_conntrack_count') return String(conntrackCount(world, ns));
  if (key === 'kernel.hostname') return host.name;
  if (key === 'kernel.osrelease') return host.kernel;
  if (key === 'kernel.version') return '#1 SMP PREEMPT_DYNAMIC';
  if (!interfaceExists(host, ns, key)) return null;
  const fine = fineKey(key);
  if (fine) return String(Math.floor(Number(getSysctl(world, host, ns, fine.key)) / fine.unit));
  const conf = splitConfKey(key);
  if (conf?.prefix === 'net.ipv6.conf.' && conf.leaf === 'mtu') {
    const link = findLink(ns, conf.iface);
    if (link) return String(link.mtu);
  }
  const fallback = namespaceDefault(key) ?? (host.modules.has('ip_vs') ? ipvsDefault(key) : undefined);
  if (fallback !== undefined) return ns.sysctl.get(key) ?? fallback;
  const shared = hostDefault(key);
  if (shared === undefined || (key.startsWith('net.') && ns.id !== host.rootNs)) return null;
  return host.sysctl.get(key) ?? shared;
}

const ranges = new Map<string, { low: number; high: number }>();

/** net.ipv4.ip_local_port_range. */
export function portRange(ns: NetNs): { low: number; high: number } {
  const text = ns.sysctl.get('net.ipv4.ip_local_port_range') ?? '32768\t60999';
  let range = ranges.get(text);
  if (!range) {
    if (ranges.size > 64) ranges.clear();
    const [low = 32768, high = 60999] = text.split('\t').map(Number);
    ranges.set(text, (range = { low, high }));
  }
  return range;
}

/** A sysctl's value as a number, for the data plane: quick, 0 when it is none. Interfaces are not checked. */
export function sysctlNum(ns: NetNs, name: string): number {
  const key = name === 'net.ipv4.ip_forward' ? V4_FORWARD : name;
  const value = ns.sysctl.get(key);
  if (value !== undefined) return Number(value) || 0;
  let fallback = defaultNumbers.get(key);
  if (fallback === undefined) {
    if (defaultNumbers.size > 8192) defaultNumbers.clear();
    fallback = Number(namespaceDefault(key)) || 0;
    defaultNumbers.set(key, fallback);
  }
  return fallback;
}

/** Settings whose changes listeners are told of: RTM_NEWNETCONF. */
const NETCONF = new Set([
  'forwarding',
  'rp_filter',
  'mc_forwarding',
  'proxy_arp',
  'proxy_ndp',
  'ignore_routes_with_linkdown',
]);

/** Defaults as numbers, by key: packets ask for the same few again and again. */
const defaultNumbers = new Map<string, number>();

/**
 * Writes a sysctl. Answers an errno name: ENOENT (no such key), EACCES (read only), EINVAL (not a value for it), or
 * null. `all.forwarding`, `ip_forward` and IPv6's `all.disable_ipv6` reach every interface.
 */
export function setSysctl(world: World, host: Host, ns: NetNs, name: string, text: string): string | null {
  const key = ALIASES[name] ?? name;
  const old = getSysctl(world, host, ns, key);
  if (old === null) return 'ENOENT';
  // A namespace of its own may read the bound of all.
  if (key === 'net.netfilter.nf_conntrack_max' && ns.id !== host.rootNs) return 'EACCES';
  const checked = checkValue(key, old, text, sysctlNum(ns, 'net.ipv4.ip_unprivileged_port_start'));
  if ('errno' in checked) return checked.errno;
  const { value } = checked;
  const fine = fineKey(key);
  if (fine) return setSysctl(world, host, ns, fine.key, String(Number(value) * fine.unit));
  if (namespaceDefault(key) === undefined && ipvsDefault(key) === undefined) {
    host.sysctl.set(key, value);
    return null;
  }
  ns.sysctl.set(key, value);
  if (key === V4_FORWARD) {
    spread(ns, 'net.ipv4.conf.', 'forwarding', value);
    // inet_forward_change: a router takes no advice on routes.
    if (old !== value) ns.sysctl.set('net.ipv4.conf.all.accept_redirects', Number(value) ? '0' : '1');
  }
  if (key === 'net.ipv6.conf.all.forwarding') spread(ns, 'net.ipv6.conf.', 'forwarding', value);
  else if (key === 'net.ipv6.conf.all.disable_ipv6') spread(ns, 'net.ipv6.conf.', 'disable_ipv6', value);
  const conf = splitConfKey(key);
  if (conf?.prefix === 'net.ipv6.conf.' && conf.leaf === 'forwarding')
    for (const link of ns.links.values()) anycastFollows(ns, link);
  if (conf && value !== old && NETCONF.has(conf.leaf) && listened(ns)) {
    const family = conf.prefix.startsWith('net.ipv6') ? 6 : 4;
    notify(ns, {
      kind: 'netconf',
      deleted: false,
      family,
      dev: key.slice(conf.prefix.length, -conf.leaf.length - 1),
      key: conf.leaf,
    });
  }
  if (conf?.prefix === 'net.ipv6.conf.' && (conf.leaf === 'disable_ipv6' || conf.leaf === 'addr_gen_mode')) {
    for (const link of ns.links.values()) {
      // addrconf_init_auto_addrs(): a new way of making addresses makes them now.
      if (conf.leaf === 'addr_gen_mode' && link.name === conf.iface) link.ready6 = undefined;
      linkLocalFollows(world, ns, link);
      if (link.up) loopbackAddresses(world, ns, link);
    }
  }
  return null;
}

function spread(ns: NetNs, prefix: string, leaf: string, value: string): void {
  for (const iface of ['default', ...[...ns.links.values()].map((l) => l.name)])
    ns.sysctl.set(`${prefix}${iface}.${leaf}`, value);
}
