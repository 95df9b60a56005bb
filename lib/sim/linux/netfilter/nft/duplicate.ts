/** nft's `dup`: net/ipv4/netfilter/nft_dup_ipv4.c, its IPv6 twin, and net/netfilter/nft_dup_netdev.c. */
import { clonePacket } from '../../../packet/packet.ts';
import { xmit } from '../../stack/xmit.ts';
import { duplicate } from '../duplicate.ts';
import type { HookState } from '../ext.ts';
import type { NfTable } from '../types.ts';
import type { NftStmt } from './types.ts';
import { readExpr } from './values.ts';

/** Sends a copy to a gateway, or at a device's hook out by another device. False when no value says where to. */
export function runDup(state: HookState, table: NfTable, s: Extract<NftStmt, { kind: 'dup' | 'fwd' }>): boolean {
  const to = s.to ? readExpr(state, table, s.to)?.[0] : undefined;
  if (to === undefined || typeof to === 'string') return false;
  if (state.frame === 'netdev') {
    const link = state.ns.links.get(Number(to));
    if (link) xmit(state.world, state.ns, link, clonePacket(state.packet));
    return true;
  }
  const dev = s.dev ? readExpr(state, table, s.dev)?.[0] : 0;
  if (dev === undefined) return false;
  duplicate(state, to, Number(dev));
  return true;
}
