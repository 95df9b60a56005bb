/**
 * Routes of packets whose destination was asked for before: no flow is built, no table walked, nothing made. This is a
 * second way to the same answer, for the path that every packet takes at every host; {@link import('./lookup.ts')} is the
 * first, and what it answered is kept with the FIB's own answer ({@link FibHit}) for as long as that holds. Everything
 * else an answer rests on (addresses, device state, MTUs) is looked at again each time.
 */
import { type Ip, isMulticast } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import type { Link, NetNs } from '../types.ts';
import { type FibHit, fibHit } from './fib-cache.ts';
import type { RouteFound } from './lookup.ts';
import { isLocalAddress, selectAddress } from './source.ts';

const LBCAST = 0xffffffff;

/** The path MTU without what was learned on the way. */
function mtuOf(hit: FibHit, device: Link): number {
  const mtu = Math.min(device.mtu, 65535);
  if (hit.type === 'local') return mtu;
  const fixed = hit.route.metrics.mtu;
  return fixed && fixed < mtu ? fixed : mtu;
}

/** The route of an IPv4 packet, received or made here; null when it has to be looked up. */
export function quickRoute(
  world: World,
  ns: NetNs,
  dst: Ip,
  src: Ip,
  oif: number | undefined,
  output: boolean,
): RouteFound | null {
  if (typeof dst !== 'number' || ns.pmtu.size !== 0 || world.linkKinds.has('vrf')) return null;
  const hit = fibHit(ns, dst, oif);
  if (hit === undefined) return null;
  const made = output ? hit.output : hit.input;
  const { device } = hit;
  if (made === undefined || device === undefined || made.mtu !== mtuOf(hit, device)) return null;
  if (oif && (hit.type === 'local' || !device.up)) return null;
  if (made.src === src) return !output || isLocalAddress(ns, src) ? made : null;
  if (src !== 0 || !output) return null;
  const own =
    hit.route.src || (hit.type === 'local' ? dst : selectAddress(ns, device, hit.nexthop.gateway, hit.route.scope));
  return own === made.src ? made : null;
}

/** Keeps an answer of the lookup beside what the FIB said. */
export function keepRoute(ns: NetNs, dst: Ip, found: RouteFound, output: boolean): void {
  if (typeof dst !== 'number' || dst === LBCAST || isMulticast(dst) || !found.src) return;
  const hit = fibHit(ns, dst, undefined);
  if (hit === undefined || hit.route !== found.route || hit.nexthop !== found.nexthop) return;
  hit.device = ns.links.get(found.dev);
  if (output) hit.output = found;
  else hit.input = found;
}
