/** Neighbour entries as netlink changes them: RTM_NEWNEIGH, RTM_DELNEIGH. net/core/neighbour.c. */
import type { Ip } from '../../addr/ip.ts';
import type { Mac } from '../../addr/mac.ts';
import type { World } from '../../kernel/world.ts';
import { notifyNeighbour } from '../notify.ts';
import type { Neighbour, NetNs, NlError, NudState } from '../types.ts';

export interface NeighbourChange {
  mac?: Mac | null;
  state?: NudState;
  flags?: string[];
  proxy?: boolean;
  proto?: number;
}

/** Key of an entry in {@link NetNs.neigh}: device and address in one number for IPv4. Proxy entries have a table of their own. */
export const neighbourKey = (dev: number, ip: Ip, proxy = false): number | string => {
  if (typeof ip === 'bigint') return `${proxy ? 'proxy ' : ''}${dev} ${ip}`;
  return proxy ? -(dev * 2 ** 32 + ip) : dev * 2 ** 32 + ip;
};

/** The entry for an address on a device, or undefined. */
export const findNeighbour = (ns: NetNs, dev: number, ip: Ip, proxy = false): Neighbour | undefined =>
  ns.neigh.get(neighbourKey(dev, ip, proxy));

/** Twice BASE_REACHABLE_TIME: a new entry counts as confirmed that long ago. */
const NEVER_CONFIRMED = 60_000_000;

/** arp_constructor: on loopback and point-to-point devices all IPv4 addresses are one neighbour. */
const keyAddress = (ns: NetNs, dev: number, ip: Ip): Ip =>
  typeof ip === 'number' && ns.links.get(dev)?.kind === 'loopback' ? 0 : ip;

/** A new entry without an address. */
export const newNeighbour = (world: World, dev: number, ip: Ip): Neighbour => ({
  ip,
  dev,
  mac: null,
  state: 'INCOMPLETE',
  flags: [],
  proxy: false,
  confirmed: world.now - NEVER_CONFIRMED,
  used: world.now,
  updated: world.now,
  probes: 0,
  due: undefined,
  queue: [],
  proto: 0,
});

/**
 * Keeps an entry for an address that needs no resolution: a group, a broadcast address; for loopback all of IPv4 is one
 * (arp_constructor, ndisc_constructor, ip_neigh_gw4).
 */
export function noteFixed(world: World, ns: NetNs, dev: number, ip: Ip, mac: Mac): void {
  const own = keyAddress(ns, dev, ip);
  const key = neighbourKey(dev, own);
  if (!ns.neigh.has(key)) ns.neigh.set(key, { ...newNeighbour(world, dev, own), mac, state: 'NOARP' });
}

/**
 * Adds or changes an entry. `add` answers EEXIST for one that is there, `change` ENOENT for one that is not. Without a
 * state an entry with an address is permanent, as iproute2 asks for it.
 */
export function setNeighbour(
  world: World,
  ns: NetNs,
  dev: number,
  ip: Ip,
  change: NeighbourChange,
  mode: 'add' | 'replace' | 'change' | 'append',
): NlError | null {
  const proxy = change.proxy ?? false;
  if (!proxy && !ns.links.has(dev)) return { errno: 'ENODEV' };
  if (proxy) {
    const key = neighbourKey(dev, ip, true);
    const entry = ns.neigh.get(key) ?? { ...newNeighbour(world, dev, ip), proxy: true, state: 'NOARP' as const };
    if (change.proto !== undefined) entry.proto = change.proto;
    ns.neigh.set(key, entry);
    return null;
  }
  const known = ns.neigh.get(neighbourKey(dev, ip));
  if (!known && mode === 'change') return { errno: 'ENOENT' };
  if (known && mode === 'add') return { errno: 'EEXIST' };
  const at = keyAddress(ns, dev, ip);
  const entry = known ?? { ...newNeighbour(world, dev, at), state: 'NONE' as const };
  ns.neigh.set(neighbourKey(dev, at), entry);
  const error = update(world, entry, change);
  if (!error) notifyNeighbour(ns, entry);
  return error;
}

const INVALID = new Set<NudState>(['NONE', 'INCOMPLETE', 'FAILED']);
const CONNECTED = new Set<NudState>(['PERMANENT', 'NOARP', 'REACHABLE']);

/** neigh_update() for an administrator. An entry that it refuses stays, without a state. */
function update(world: World, entry: Neighbour, change: NeighbourChange): NlError | null {
  const state = change.state ?? 'PERMANENT';
  if (!INVALID.has(state)) {
    const mac = change.mac ?? (INVALID.has(entry.state) ? null : entry.mac);
    if (mac === null) return { errno: 'EINVAL', extack: 'No link layer address given' };
    entry.mac = mac;
  } else entry.mac = null;
  entry.state = state;
  entry.updated = world.now;
  if (CONNECTED.has(state)) entry.confirmed = world.now;
  entry.probes = 0;
  entry.flags = change.flags ?? [];
  if (change.proto !== undefined) entry.proto = change.proto;
  return null;
}

/** Removes an entry. ENOENT when there is none. */
export function deleteNeighbour(_world: World, ns: NetNs, dev: number, ip: Ip, proxy = false): NlError | null {
  const key = neighbourKey(dev, ip, proxy);
  const gone = ns.neigh.get(key);
  if (!gone) return { errno: 'ENOENT' };
  ns.neigh.delete(key);
  if (!proxy) {
    // neigh_delete() fails the entry first, and tells of that, too.
    const failed = { ...gone, state: 'FAILED' as const, mac: null };
    if (gone.state !== 'FAILED') notifyNeighbour(ns, failed);
    notifyNeighbour(ns, failed, true);
  }
  return null;
}
