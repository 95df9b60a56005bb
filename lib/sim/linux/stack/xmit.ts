/** Handing frames to devices: dev_queue_xmit() and dev_hard_start_xmit(). */
import { onTimer } from '../../kernel/timers.ts';
import { note, stepKind } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import type { Packet } from '../../packet/packet.ts';
import { runFrameHook } from '../netfilter/walk.ts';
import { queueXmit, runQueue, tcHook } from '../tc/run.ts';
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
  // NET_XMIT_DROP, which a socket with IP_RECVERR hears of.
  if (!runFrameHook(world, ns, 'netdev', 'EGRESS', packet, null, link)) return 'ENOBUFS';
  const { tc } = link;
  if (tc) {
    const resumed = packet.redirected?.resumed === true;
    if (resumed) packet.redirected = undefined;
    else if (!tcHook(world, ns, link, tc, packet, false, xmit)) return null;
    const { root } = tc;
    if (root && root.kind !== 'noqueue') return queueXmit(world, ns, link, tc, root, packet, transmit, xmit);
  }
  return transmit(world, ns, link, packet);
}

/** dev_hard_start_xmit(): captures see the frame, the driver takes it. */
function transmit(world: World, ns: NetNs, link: Link, packet: Packet): string | null {
  const send = transmitters.get(link.kind);
  if (!send) {
    link.stats.txErrors++;
    drop(world, ns, packet, 'NOT_SPECIFIED', () => `flatnet: not modelled: sending on ${link.kind} devices`);
    return null;
  }
  if (!world.trace.off) note(world, ns, packet, TX, link.name);
  tap(world, ns, link, packet, 'out');
  depth++;
  try {
    return send(world, ns, link, packet);
  } finally {
    depth--;
  }
}

onTimer<{ ns: number; dev: number }>('qdisc', (world, { ns: id, dev }) => {
  const ns = world.netns.get(id);
  const link = ns?.links.get(dev);
  if (!ns || !link?.tc?.root) return;
  link.tc.wake = null;
  runQueue(world, ns, link, link.tc, link.tc.root, transmit);
});

/** Counts a frame the driver took. */
export const sent = countTx;
