/** What a device takes with it when it goes down or changes its address: neigh_ifdown, neigh_carrier_down, neigh_changeaddr. */
import type { NetNs } from '../types.ts';

/** Drops the neighbours on a device. A lost carrier keeps permanent entries; going down keeps none. */
export function flushNeighbours(ns: NetNs, dev: number, options: { keepPermanent: boolean }): void {
  for (const [key, entry] of ns.neigh) {
    if (entry.dev !== dev) continue;
    if (options.keepPermanent && (entry.state === 'PERMANENT' || entry.proxy)) continue;
    ns.neigh.delete(key);
  }
}
