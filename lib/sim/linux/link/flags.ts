/** Interface flags and the operational state, as RTM_GETLINK gives them: net/core/dev.c, net/core/link_watch.c. */
import { kernelBefore } from '../../kernel/release.ts';
import type { World } from '../../kernel/world.ts';
import type { Link, NetNs } from '../types.ts';
import { iflink, portsOf } from './find.ts';
import { kindOf } from './kinds.ts';
import { isIpTunnel } from './tunnel.ts';

export type OperState = 'UNKNOWN' | 'DOWN' | 'LOWERLAYERDOWN' | 'UP';

/** IF_OPER_* of a link (RFC 2863). */
export function operState(world: World, ns: NetNs, link: Link): OperState {
  if (!link.up) return 'DOWN';
  if (!kindOf(link).watched) return 'UNKNOWN';
  // A veth's state is the carrier it was last told of (link_watch.c).
  if (link.kind === 'veth' ? link.operUp : link.carrier) return 'UP';
  const at = iflink(world, ns, link);
  if (!at || at.ifindex === link.ifindex) return 'DOWN';
  if (kernelBefore(world, ns, 6, 2)) return 'LOWERLAYERDOWN';
  // The kernel looks the index up in the link's own namespace, whatever device has it there.
  const lower = ns.links.get(at.ifindex);
  return lower && !lower.carrier ? 'LOWERLAYERDOWN' : 'DOWN';
}

/** Flags by name in the order iproute2 prints them, `M-DOWN` not included. */
export function linkFlags(world: World, ns: NetNs, link: Link): string[] {
  const kind = kindOf(link);
  const state = operState(world, ns, link);
  const running = link.up && (state === 'UP' || state === 'UNKNOWN');
  const flags: string[] = link.up && !running ? ['NO-CARRIER'] : [];
  const has = (flag: (typeof kind.flags)[number]) => kind.flags.includes(flag);
  const tunnel = link.data as { remote?: number };
  if (has('LOOPBACK')) flags.push('LOOPBACK');
  if (has('BROADCAST')) flags.push('BROADCAST');
  if (isIpTunnel(link) && tunnel.remote) flags.push('POINTOPOINT');
  else if (has('POINTOPOINT')) flags.push('POINTOPOINT');
  if ((has('MULTICAST') || link.multicastOn) && !link.multicastOff) flags.push('MULTICAST');
  if (link.noarp) flags.push('NOARP');
  if (link.allmulti) flags.push('ALLMULTI');
  if (link.promiscFlag) flags.push('PROMISC');
  if (has('MASTER')) flags.push('MASTER');
  if (link.dynamic) flags.push('DYNAMIC');
  if (link.up) flags.push('UP');
  if (link.up && link.carrier) flags.push('LOWER_UP');
  return flags;
}

const BITS: Record<string, number> = {
  UP: 0x1,
  BROADCAST: 0x2,
  LOOPBACK: 0x8,
  POINTOPOINT: 0x10,
  NOARP: 0x80,
  PROMISC: 0x100,
  ALLMULTI: 0x200,
  MASTER: 0x400,
  MULTICAST: 0x1000,
};

/** The IFF_* bits that /sys/class/net/IFACE/flags shows. */
export const flagBits = (world: World, ns: NetNs, link: Link): number =>
  linkFlags(world, ns, link).reduce((bits, flag) => bits | (BITS[flag] ?? 0), 0);

/**
 * Whether the carrier has been told: netif_oper_up. A veth waits for it, a bridge for one of its ports; other kinds come
 * up with it.
 */
export function isOperUp(ns: NetNs, link: Link): boolean {
  if (!link.carrier) return false;
  if (link.kind === 'veth') return link.operUp === true;
  if (link.kind !== 'bridge') return true;
  const live = portsOf(ns, link).filter((p) => p.up && p.carrier);
  return live.length === 0 || live.some((p) => isOperUp(ns, p));
}
