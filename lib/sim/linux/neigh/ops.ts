/** Neighbour entries as netlink changes them: RTM_NEWNEIGH, RTM_DELNEIGH. net/core/neighbour.c. */
import { bitsOf, type Ip, isMulticast } from '../../addr/ip.ts';
import type { Mac } from '../../addr/mac.ts';
import type { World } from '../../kernel/world.ts';
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

/** A new entry without an address. */
export const newNeighbour = (world: World, dev: number, ip: Ip): Neighbour => ({
  ip,
  dev,
  mac: null,
  state: 'INCOMPLETE',
  flags: [],
  proxy: false,
  confirmed: world.now,
  used: world.now,
  updated: world.now,
  probes: 0,
  queue: [],
  proto: 0,
});

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
  const link = ns.links.get(dev);
  if (!link) return { errno: 'ENODEV' };
  const proxy = change.proxy ?? false;
  const key = neighbourKey(dev, ip, proxy);
  const known = ns.neigh.get(key);
  if (proxy) {
    const entry = known ?? { ...newNeighbour(world, dev, ip), proxy: true, state: 'NOARP' as const };
    if (change.proto !== undefined) entry.proto = change.proto;
    ns.neigh.set(key, entry);
    return null;
  }
  if (!known && mode === 'change') return { errno: 'ENOENT' };
  if (known && mode === 'add') return { errno: 'EEXIST' };
  if (!known && bitsOf(ip) === 32 && isMulticast(ip)) return { errno: 'EINVAL' };
  const entry = known ?? newNeighbour(world, dev, ip);
  const state = change.state ?? 'PERMANENT';
  const mac = change.mac ?? entry.mac;
  if (mac === null && state !== 'NOARP' && state !== 'INCOMPLETE' && state !== 'FAILED')
    return { errno: 'EINVAL', extack: 'No link layer address given' };
  entry.mac = state === 'INCOMPLETE' || state === 'FAILED' ? null : mac;
  entry.state = state;
  entry.updated = world.now;
  entry.confirmed = world.now;
  entry.probes = 0;
  if (change.flags) entry.flags = change.flags;
  if (change.proto !== undefined) entry.proto = change.proto;
  ns.neigh.set(key, entry);
  return null;
}

/** Removes an entry. ENOENT when there is none. */
export function deleteNeighbour(_world: World, ns: NetNs, dev: number, ip: Ip, proxy = false): NlError | null {
  return ns.neigh.delete(neighbourKey(dev, ip, proxy)) ? null : { errno: 'ENOENT' };
}
