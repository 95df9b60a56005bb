/** Numbers that a namespace has for others: net/core/net_namespace.c. */
import type { NetNs } from '../types.ts';

/** The lowest nsid that is free: alloc_netid. */
export function freeNsid(ns: NetNs): number {
  const taken = new Set(ns.nsids.values());
  let id = 0;
  while (taken.has(id)) id++;
  return id;
}

/** The number this namespace has for another, given on first use: peernet2id_alloc. */
export function nsidOf(ns: NetNs, other: number): number {
  let id = ns.nsids.get(other);
  if (id === undefined) ns.nsids.set(other, (id = freeNsid(ns)));
  return id;
}
