/** Putting packets into queueing disciplines and taking them out, by virtual time. net/sched of Linux 6.18. */
import { nextBelow, nextFloat } from '../../kernel/rng.ts';
import type { World } from '../../kernel/world.ts';
import { clonePacket, frameLength, type Packet } from '../../packet/packet.ts';
import { type Dequeued, gave, nowNs, took } from './count.ts';
import { dequeueHtb, htbLeaf } from './htb.ts';
import { lengthToTime } from './rate.ts';
import type { Fifo, Htb, Netem, Qdisc, Tbf } from './types.ts';

/** Taken, dropped, or lost on purpose, of which the sender hears nothing (NET_XMIT_SUCCESS with __NET_XMIT_BYPASS). */
export type Taken = boolean | 'lost';

/** Which class of a discipline its filters give; undefined when none matched, `shot` when an action ends the packet. */
export type Classify = (q: Qdisc, packet: Packet) => number | undefined | 'shot';

function fifoEnqueue(q: Fifo, packet: Packet): boolean {
  const bytes = frameLength(packet);
  if (q.kind === 'bfifo' ? q.backlog + bytes > q.limit : q.qlen >= q.limit) {
    q.drops++;
    return false;
  }
  q.queue.push(packet);
  took(q, bytes);
  return true;
}

function tbfEnqueue(world: World, q: Tbf, packet: Packet, classify: Classify): Taken {
  const bytes = frameLength(packet);
  const taken = bytes <= q.maxSize && enqueue(world, q.child, packet, classify);
  if (taken !== true) {
    q.drops++;
    return taken;
  }
  took(q, bytes);
  return true;
}

/** The packet a discipline would give next, while its own time has come. */
function peek(q: Qdisc): Packet | null {
  if (q.kind === 'pfifo' || q.kind === 'bfifo' || q.kind === 'pfifo_fast') return q.queue[0] ?? null;
  return null;
}

function tbfDequeue(world: World, q: Tbf): Dequeued {
  const held = q.held ?? peek(q.child);
  if (!held && q.child.qlen > 0) {
    // A child that is no queue by itself is asked, and what it gives is held back: qdisc_peek_dequeued().
    const got = dequeue(world, q.child);
    if (!got || 'wait' in got) return got;
    q.held = got.packet;
    return tbfDequeue(world, q);
  }
  if (!held) return null;
  const now = nowNs(world);
  const bytes = frameLength(held);
  const passed = Math.min(now - q.at, q.buffer);
  let ptokens = 0;
  if (q.peak) ptokens = Math.min(passed + q.ptokens, q.mtu) - lengthToTime(q.peak, bytes);
  const tokens = Math.min(passed + q.tokens, q.buffer) - lengthToTime(q.rate, bytes);
  if (tokens < 0 || ptokens < 0) {
    q.overlimits++;
    return { wait: now + Math.max(-tokens, -ptokens) };
  }
  if (q.held) q.held = null;
  else dequeue(world, q.child);
  q.at = now;
  q.tokens = tokens;
  q.ptokens = ptokens;
  gave(q, held);
  return { packet: held };
}

function netemEnqueue(world: World, q: Netem, packet: Packet): Taken {
  let copies = 1;
  if (q.duplicate > 0 && nextFloat(world.rng) < q.duplicate) copies++;
  if (q.loss > 0 && nextFloat(world.rng) < q.loss) {
    q.drops++;
    copies--;
  }
  if (copies === 0) return 'lost';
  for (let i = 0; i < copies; i++) {
    const one = i === 0 ? packet : clonePacket(packet);
    if (q.qlen >= q.limit) {
      q.drops++;
      return false;
    }
    const jitter = q.jitter > 0 ? nextBelow(world.rng, 2 * q.jitter) - q.jitter : 0;
    let at = nowNs(world) + Math.max(0, q.delay + jitter);
    const last = q.queue[q.queue.length - 1];
    if (q.rate) at = Math.max(at, last ? last.at : 0) + lengthToTime(q.rate, frameLength(one));
    const place = q.queue.findIndex((e) => e.at > at);
    q.queue.splice(place < 0 ? q.queue.length : place, 0, { at, packet: one });
    took(q, frameLength(one));
  }
  return true;
}

function netemDequeue(world: World, q: Netem): Dequeued {
  const first = q.queue[0];
  if (!first) return null;
  if (first.at > nowNs(world)) return { wait: first.at };
  q.queue.shift();
  gave(q, first.packet);
  return { packet: first.packet };
}

function htbEnqueue(world: World, q: Htb, packet: Packet, classify: Classify): Taken {
  const id = classify(q, packet);
  if (id === 'shot') {
    q.drops++;
    return false;
  }
  const to = htbLeaf(q, id);
  if (to === null) {
    if (q.direct.length >= q.directQlen) {
      q.drops++;
      return false;
    }
    q.direct.push(packet);
    q.directPackets++;
  } else if (to.leaf) {
    const taken = enqueue(world, to.leaf, packet, classify);
    if (taken !== true) {
      to.drops++;
      q.drops++;
      return taken;
    }
  }
  took(q, frameLength(packet));
  return true;
}

/** Puts a packet in. What is dropped is counted, and its sender is told (NET_XMIT_DROP). */
export function enqueue(world: World, q: Qdisc, packet: Packet, classify: Classify): Taken {
  switch (q.kind) {
    case 'tbf':
      return tbfEnqueue(world, q, packet, classify);
    case 'htb':
      return htbEnqueue(world, q, packet, classify);
    case 'netem':
      return netemEnqueue(world, q, packet);
    case 'noqueue':
      return true;
    default:
      return fifoEnqueue(q, packet);
  }
}

/** Takes the next packet out whose time has come. */
export function dequeue(world: World, q: Qdisc): Dequeued {
  switch (q.kind) {
    case 'tbf':
      return tbfDequeue(world, q);
    case 'htb':
      return dequeueHtb(world, q, dequeue);
    case 'netem':
      return netemDequeue(world, q);
    case 'noqueue':
      return null;
    default: {
      const packet = q.queue.shift();
      if (!packet) return null;
      gave(q, packet);
      return { packet };
    }
  }
}
