/** Learned path MTUs: next-hop exceptions of the route cache. __ip_rt_update_pmtu(). */
import type { Ip } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { lookupRoute } from '../route/lookup.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { NetNs } from '../types.ts';

const MAX_EXCEPTIONS = 4096;
/** IPV6_MIN_MTU. */
const MIN_MTU6 = 1280;

/** Remembers for mtu_expires seconds that the path to `dst` takes no more than `told` bytes. A wider one changes nothing. */
export function learnMtu(world: World, ns: NetNs, dst: Ip, told: number): void {
  const route = lookupRoute(world, ns, { dst });
  if (!route.ok) return;
  // Less than the least that is believed: IPv4 settles for that and gives DF up (the mtu is locked).
  const least = typeof dst === 'number' ? sysctlNum(ns, 'net.ipv4.route.min_pmtu') : MIN_MTU6;
  const locked = typeof dst === 'number' && told < least;
  const mtu = locked ? Math.min(route.mtu, least) : Math.max(told, least);
  if (mtu > route.mtu) return;
  if (ns.pmtu.size > MAX_EXCEPTIONS) ns.pmtu.clear();
  const learned = { mtu, expires: world.now + sysctlNum(ns, 'net.ipv4.route.mtu_expires') * 1e6, locked };
  const known = ns.pmtu.get(dst);
  if (known) Object.assign(known, learned);
  else ns.pmtu.set(dst, learned);
}
