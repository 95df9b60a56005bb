/** A packet doubled to a gateway: nf_dup_ipv4() and nf_dup_ipv6(), which TEE and nft's `dup` share. */
import type { Ip } from '../../addr/ip.ts';
import { clonePacket } from '../../packet/packet.ts';
import { lookupRoute } from '../route/lookup.ts';
import { ipFinish } from '../stack/output.ts';
import type { HookState } from './ext.ts';
import { runHook } from './walk.ts';

/**
 * Sends a copy of the packet towards `gateway`, out by `oif` where it is not 0. The copy is not tracked, has no leave to be
 * cut, and passes OUTPUT and POSTROUTING; rules that double packets pass it over there. Without a route there is no copy.
 */
export function duplicate(state: HookState, gateway: Ip, oif: number): void {
  const { world, ns, hook, family } = state;
  if (state.packet.doubled || !state.packet.ip) return;
  const copy = clonePacket(state.packet);
  copy.id = world.next.packet++;
  copy.ct = { id: 0, reply: false, state: 'UNTRACKED' };
  copy.doubled = true;
  const ip = copy.ip as NonNullable<typeof copy.ip>;
  if (family === 'ip') ip.df = true;
  if (hook === 'PREROUTING' || hook === 'INPUT') ip.ttl--;
  const route = lookupRoute(world, ns, { dst: gateway, tos: ip.tos, ...(oif ? { oif } : {}) });
  if (!route.ok) return;
  const out = ns.links.get(route.dev) ?? null;
  copy.iif = 0;
  if (runHook(world, ns, family, 'OUTPUT', copy, null, out) === 'ACCEPT')
    ipFinish(world, ns, copy, { ...route, gateway: route.gateway ?? gateway }, { mtu: route.mtu, local: true });
  delete copy.doubled;
}
