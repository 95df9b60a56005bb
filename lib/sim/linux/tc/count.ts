/** What queueing disciplines keep count of. */
import type { World } from '../../kernel/world.ts';
import { frameLength, type Packet } from '../../packet/packet.ts';
import type { Qdisc } from './types.ts';

/** What taking out finds: a packet, or when (ns) to ask again; null for an empty queue. */
export type Dequeued = { packet: Packet } | { wait: number } | null;

export type Dequeue = (world: World, q: Qdisc) => Dequeued;

/** Virtual time in ns. */
export const nowNs = (world: World): number => world.now * 1000;

/** Counts a packet that waits from here on. */
export function took(q: Qdisc, bytes: number): void {
  q.qlen++;
  q.backlog += bytes;
}

/** Counts a packet that leaves. */
export function gave(q: Qdisc, packet: Packet): void {
  const bytes = frameLength(packet);
  q.qlen--;
  q.backlog -= bytes;
  q.bytes += bytes;
  q.packets++;
}
