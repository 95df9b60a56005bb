/** Handing frames to devices: dev_queue_xmit() and dev_hard_start_xmit(). */
import { note, stepKind } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import type { Packet } from '../../packet/packet.ts';
import { runFrameHook } from '../netfilter/walk.ts';
import type { Link, NetNs } from '../types.ts';
import { tap } from './capture.ts';
import { drop } from './drop.ts';
import { countTx } from './stats.ts';
import { transmitters } from './xmit/registry.ts';

/** Devices stacked on devices: XMIT_RECURSION_LIMIT. */
const RECURSION_LIMIT = 8;
let depth = 0;

const TX = stepKind((dev: string) => ({ kind: 'tx', dev }));

/**
 * Sends a frame out of a device: counts, captures, and the kind's own way. The packet is the device's from here on.
 * Answers an errno name when the driver refused it (a socket hears of it), else null. Source: net/core/dev.c.
 */
export function xmit(world: World, ns: NetNs, link: Link, packet: Packet): string | null {
  if (!link.up || !link.carrier) {
    drop(world, ns, packet, 'QDISC_DROP', () => `${link.name} is ${link.up ? 'without carrier' : 'down'}`);
    return null;
  }
  if (depth >= RECURSION_LIMIT) {
    link.stats.txDropped++;
    drop(world, ns, packet, 'RECURSION_LIMIT', () => `${link.name}: devices stand on each other in a circle`);
    return null;
  }
  const send = transmitters.get(link.kind);
  if (!send) {
    link.stats.txErrors++;
    drop(world, ns, packet, 'NOT_SPECIFIED', () => `flatnet: not modelled: sending on ${link.kind} devices`);
    return null;
  }
  // NET_XMIT_DROP, which a socket with IP_RECVERR hears of.
  if (!runFrameHook(world, ns, 'netdev', 'EGRESS', packet, null, link)) return 'ENOBUFS';
  if (!world.trace.off) note(world, ns, packet, TX, link.name);
  tap(world, ns, link, packet, 'out');
  depth++;
  try {
    return send(world, ns, link, packet);
  } finally {
    depth--;
  }
}

/** Counts a frame the driver took. */
export const sent = countTx;
