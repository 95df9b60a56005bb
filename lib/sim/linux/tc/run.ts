/** Traffic control on a packet's way: sch_handle_ingress(), sch_handle_egress(), and the queue of a device. net/core/dev.c. */
import { addTimer, cancelTimer } from '../../kernel/timers.ts';
import type { World } from '../../kernel/world.ts';
import { linkBytes } from '../../packet/bytes.ts';
import { frameLength, type Packet } from '../../packet/packet.ts';
import { drop } from '../stack/drop.ts';
import type { Link, NetNs } from '../types.ts';
import { classify, type Send } from './classify.ts';
import { dequeue, enqueue } from './queue.ts';
import { EGRESS, INGRESS, type Qdisc, type TcLink } from './types.ts';

/** Runs the filters at clsact or ingress; false when the packet goes no further here. */
export function tcHook(
  world: World,
  ns: NetNs,
  link: Link,
  tc: TcLink,
  packet: Packet,
  ingress: boolean,
  send: Send,
): boolean {
  const parent = ingress ? INGRESS : EGRESS;
  const protos = tc.protos.filter((p) => p.parent === parent);
  if (protos.length === 0) return true;
  tc.ingress.bytes += frameLength(packet) - (ingress ? linkBytes(packet).length : 0);
  tc.ingress.packets++;
  const { end } = classify(world, ns, link, packet, protos, { ingress, send });
  if (end !== 'shot') return end === 'go';
  tc.ingress.drops++;
  drop(world, ns, packet, ingress ? 'TC_INGRESS' : 'TC_EGRESS', () => `a tc filter of ${link.name} drops it`);
  return false;
}

/** Puts a packet into a device's root queue and sends what may go. Answers ENOBUFS when it was dropped. */
export function queueXmit(
  world: World,
  ns: NetNs,
  link: Link,
  tc: TcLink,
  root: Qdisc,
  packet: Packet,
  send: Send,
  again: Send,
): string | null {
  let stolen = false;
  const taken = enqueue(world, root, packet, (q, p) => {
    const protos = tc.protos.filter((proto) => proto.parent === q.handle);
    const { classid, end } = classify(world, ns, link, p, protos, { ingress: false, send: again });
    stolen = end === 'stolen';
    return end === 'go' ? classid : 'shot';
  });
  if (taken === 'lost') drop(world, ns, packet, 'QDISC_DROP', () => `netem on ${link.name} loses it`);
  if (!taken && !stolen) {
    drop(world, ns, packet, 'QDISC_DROP', () => `the queue of ${link.name} (${root.kind}) is full or does not take it`);
    return 'ENOBUFS';
  }
  return runQueue(world, ns, link, tc, root, send);
}

/** Sends what may go now, and sets a timer for the rest: __qdisc_run(), the watchdog. */
export function runQueue(world: World, ns: NetNs, link: Link, tc: TcLink, root: Qdisc, send: Send): string | null {
  let error: string | null = null;
  for (;;) {
    const got = dequeue(world, root);
    if (got && 'packet' in got) {
      error = send(world, ns, link, got.packet);
      continue;
    }
    if (tc.wake !== null) cancelTimer(world, tc.wake);
    tc.wake = null;
    if (got) {
      const at = Math.max(world.now + 1, Math.ceil(got.wait / 1000));
      tc.wake = addTimer(world, {
        id: world.next.timer++,
        at,
        kind: 'qdisc',
        data: { ns: ns.id, dev: link.ifindex },
      });
    }
    return error;
  }
}
