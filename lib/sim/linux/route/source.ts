/** Choosing a source address: inet_select_addr, fib_result_prefsrc, and RFC 6724 in its plain form for IPv6. */
import { type Ip, type Ip6, inPrefix, isMulticast, network } from '../../addr/ip.ts';
import { scope6 } from '../addr/ipv6.ts';
import { l3master } from '../link/vrf.ts';
import { inputConf } from '../stack/conf.ts';
import type { IfAddr, Link, NetNs } from '../types.ts';
import { SCOPE_HOST, SCOPE_LINK } from './table.ts';

const primary = (a: IfAddr): boolean => typeof a.local === 'number' && !a.flags.includes('secondary');

/** An IPv4 address of `link` for `dst` at `scope`; else one of another link. 0 when there is none. */
export function selectAddress(ns: NetNs, link: Link | undefined, dst: Ip | null, scope: number): Ip {
  if (link) {
    const localnet = inputConf(ns, link).routeLocalnet ? SCOPE_LINK : SCOPE_HOST;
    let first: Ip = 0;
    for (const a of link.addrs) {
      if (!primary(a) || Math.min(a.scope, localnet) > scope) continue;
      if (dst === null || dst === 0 || inPrefix(dst, { ip: a.peer ?? a.local, len: a.len })) return a.local;
      first ||= a.local;
    }
    if (first !== 0) return first;
  }
  // Another device of the same routing domain, the domain itself first (inet_select_addr).
  const domain = l3master(ns, link);
  for (const other of domain ? [domain, ...ns.links.values()] : ns.links.values()) {
    if (l3master(ns, other) !== domain) continue;
    for (const a of other.addrs) if (primary(a) && a.scope !== SCOPE_LINK && a.scope <= scope) return a.local;
  }
  return 0;
}

/** An IPv6 source for `dst` over `link`: its scope, then the longest common prefix. 0n when there is none. */
export function selectAddress6(ns: NetNs, link: Link | undefined, dst: Ip6): Ip {
  const want = dst === 0n ? SCOPE_LINK : scope6(dst);
  const candidates = (of: Link): IfAddr[] =>
    of.addrs.filter(
      (a) => typeof a.local === 'bigint' && !a.flags.includes('tentative') && a.local !== 1n && !isMulticast(a.local),
    );
  const common = (a: Ip6): number => {
    for (let n = 128; n > 0; n--) if (network(a, n) === network(dst, n)) return n;
    return 0;
  };
  if (dst === 1n || link?.kind === 'loopback') {
    const own = [...ns.links.values()].flatMap((l) => l.addrs).find((a) => a.local === dst);
    if (own) return own.local;
  }
  let best = null as IfAddr | null;
  const pools = link ? [link, ...[...ns.links.values()].filter((l) => l !== link)] : [...ns.links.values()];
  for (const pool of pools) {
    for (const a of candidates(pool)) {
      if (a.scope === 253 && (pool !== link || want !== 253)) continue;
      if (want === 253 && a.scope !== 253) continue;
      if (!best || (pool === link && common(a.local as Ip6) > common(best.local as Ip6))) best = a;
    }
    if (best && pool === link) return best.local;
  }
  return best?.local ?? 0n;
}

/** Whether an address is configured on any link of the namespace. */
export const isLocalAddress = (ns: NetNs, ip: Ip): boolean => {
  for (const link of ns.links.values()) for (const a of link.addrs) if (a.local === ip) return true;
  return false;
};
