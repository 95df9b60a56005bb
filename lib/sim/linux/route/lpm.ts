/** Longest-prefix index of a route table, built when first asked and kept as long as the table's array stays the same. */
import { bitsOf, type Ip, network } from '../../addr/ip.ts';
import type { Route } from '../types.ts';

interface LpmIndex {
  /** Prefix lengths present, longest first. */
  lengths: number[];
  byLength: Map<number, Map<Ip, Route[]>>;
}

const cache = new WeakMap<readonly Route[], LpmIndex>();

function build(routes: readonly Route[]): LpmIndex {
  const byLength = new Map<number, Map<Ip, Route[]>>();
  for (const route of routes) {
    let prefixes = byLength.get(route.dst.len);
    if (!prefixes) byLength.set(route.dst.len, (prefixes = new Map()));
    const at = prefixes.get(route.dst.ip);
    if (at) at.push(route);
    else prefixes.set(route.dst.ip, [route]);
  }
  return { lengths: [...byLength.keys()].sort((a, b) => b - a), byLength };
}

/** Routes whose prefix holds `ip`, longest prefix first, then in table order. */
export function* matchingRoutes(routes: readonly Route[], ip: Ip): Generator<Route> {
  let index = cache.get(routes);
  if (!index) cache.set(routes, (index = build(routes)));
  for (const length of index.lengths) {
    if (length > bitsOf(ip)) continue;
    const found = index.byLength.get(length)?.get(network(ip, length));
    if (found) yield* found;
  }
}
