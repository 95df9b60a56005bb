/** Received frames on their way to the stack. Each hop takes a few microseconds of virtual time, as softirqs do. */
import { nextBelow } from '../../kernel/rng.ts';
import { addTimer, onTimer } from '../../kernel/timers.ts';
import type { World } from '../../kernel/world.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Link, NetNs } from '../types.ts';
import { drop } from './drop.ts';
import { netifReceive, type ReceiveOptions } from './input.ts';

/** Devices a frame may pass without being routed: what a bridge loop would do for ever ends here. */
const MAX_HOPS = 20;
/** Frames under way at which more are lost: net.core.netdev_max_backlog, for all hosts together. */
const MAX_BACKLOG = 1000;

interface Rx {
  ns: number;
  dev: number;
  packet: Packet;
  opts: ReceiveOptions | undefined;
}

/**
 * Queues a frame as received on a device; it reaches {@link netifReceive} after `delayUs` (by default a softirq's
 * 9 to 16 µs). Frames are lost when too many are in flight or one has looped.
 */
export function queueRx(
  world: World,
  ns: NetNs,
  link: Link,
  packet: Packet,
  delayUs?: number,
  opts?: ReceiveOptions,
): void {
  packet.hops = (packet.hops ?? 0) + 1;
  if (packet.hops > MAX_HOPS || (world.backlog ?? 0) >= MAX_BACKLOG) {
    link.stats.rxDropped++;
    drop(world, ns, packet, 'CPU_BACKLOG', () => `${link.name}: the receive queue is full (a loop of bridges?)`);
    return;
  }
  const at = Math.max(world.now + (delayUs ?? 9 + nextBelow(world.rng, 8)), link.rxAt ?? 0);
  link.rxAt = at;
  world.backlog = (world.backlog ?? 0) + 1;
  const data: Rx = { ns: ns.id, dev: link.ifindex, packet, opts };
  addTimer(world, { id: world.next.timer++, at, kind: 'rx', data });
}

onTimer<Rx>('rx', (world, { ns: id, dev, packet, opts }) => {
  world.backlog = Math.max(0, (world.backlog ?? 1) - 1);
  const ns = world.netns.get(id);
  const link = ns?.links.get(dev);
  if (ns && link) netifReceive(world, ns, link, packet, opts);
});
