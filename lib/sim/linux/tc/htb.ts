/** Hierarchical token bucket: which class a packet belongs to, and whose turn it is. net/sched/sch_htb.c. */
import type { World } from '../../kernel/world.ts';
import { frameLength } from '../../packet/packet.ts';
import { type Dequeue, type Dequeued, gave, nowNs } from './count.ts';
import { lengthToTime } from './rate.ts';
import { type Htb, type HtbClass, ROOT } from './types.ts';

/** Nanoseconds after which a class is no deeper in debt: mbuffer. */
const MAX_DEBT = 60e9;

export const htbClass = (q: Htb, id: number): HtbClass | undefined => q.classes.find((c) => c.id === id);

/** A class's number of levels below. */
export function levelOf(q: Htb, cl: HtbClass): number {
  const below = q.classes.filter((c) => c.parent === cl.id).map((c) => levelOf(q, c));
  return below.length === 0 ? 0 : 1 + Math.max(...below);
}

/** qdisc_class_hash(): the bucket of an id among `size`. */
function hashOf(id: number, size: number): number {
  let h = (id ^ (id >>> 8)) >>> 0;
  h = (h ^ (h >>> 4)) >>> 0;
  return h & (size - 1);
}

/** Puts a class into the hash that listings follow: the newest of a bucket first, twice the buckets when they are full. */
export function hashClass(q: Htb, id: number): void {
  (q.buckets[hashOf(id, q.buckets.length)] as number[]).unshift(id);
  const elements = q.buckets.reduce((n, b) => n + b.length, 0);
  if (elements * 4 <= q.buckets.length * 3) return;
  const grown: number[][] = Array.from({ length: q.buckets.length * 2 }, () => []);
  for (const bucket of q.buckets) for (const one of bucket) (grown[hashOf(one, grown.length)] as number[]).unshift(one);
  q.buckets = grown;
}

/** Classes as they are listed. */
export const listedClasses = (q: Htb): HtbClass[] =>
  q.buckets.flat().flatMap((id) => q.classes.filter((c) => c.id === id));

/** The leaf class a packet goes to by the id its filters gave (undefined: none matched); null for the direct queue. */
export function htbLeaf(q: Htb, id: number | undefined): HtbClass | null {
  const isLeaf = (cl: HtbClass | undefined): cl is HtbClass => cl !== undefined && cl.leaf !== null;
  if (id === q.handle) return null;
  const own = id === undefined ? undefined : htbClass(q, id);
  if (isLeaf(own)) return own;
  const fallback = htbClass(q, q.handle + q.defaultClass);
  return isLeaf(fallback) ? fallback : null;
}

const diffOf = (cl: HtbClass, now: number): number => Math.min(now - cl.at, MAX_DEBT);

/** Which ancestor lets a class send now; else the time to wait for one. */
function lender(q: Htb, leaf: HtbClass, now: number): { cl: HtbClass } | { wait: number } {
  let wait = Number.POSITIVE_INFINITY;
  for (let cl: HtbClass | undefined = leaf; cl; cl = htbClass(q, cl.parent)) {
    const diff = diffOf(cl, now);
    const over = Math.min(diff + cl.ctokens, cl.cbuffer);
    // Above its ceiling nobody can help it.
    if (over < 0) return { wait: Math.max(now - over, wait === Number.POSITIVE_INFINITY ? 0 : now) };
    const own = diff + cl.tokens;
    if (own >= 0) return { cl };
    wait = Math.min(wait, now - own);
    if (cl.parent === ROOT) break;
  }
  return { wait };
}

/** htb_charge_class(): what a packet costs the class, those that lend, and those above. */
function charge(q: Htb, leaf: HtbClass, from: HtbClass, bytes: number, now: number): void {
  const level = levelOf(q, from);
  for (let cl: HtbClass | undefined = leaf; cl; cl = htbClass(q, cl.parent)) {
    const diff = diffOf(cl, now);
    if (levelOf(q, cl) >= level) {
      if (cl === from) cl.lends++;
      cl.tokens = Math.max(Math.min(diff + cl.tokens, cl.buffer) - lengthToTime(cl.rate, bytes), 1 - MAX_DEBT);
    } else {
      cl.borrows++;
      cl.tokens += diff;
    }
    cl.ctokens = Math.max(Math.min(diff + cl.ctokens, cl.cbuffer) - lengthToTime(cl.ceil, bytes), 1 - MAX_DEBT);
    cl.at = now;
    cl.bytes += bytes;
    cl.packets++;
  }
}

/** Takes the next packet of the class whose turn it is: lowest level of lending first, then priority, then in turn by quantum. */
export function dequeueHtb(world: World, q: Htb, dequeue: Dequeue): Dequeued {
  const direct = q.direct.shift();
  if (direct) {
    gave(q, direct);
    return { packet: direct };
  }
  const now = nowNs(world);
  let wait = Number.POSITIVE_INFINITY;
  const ready: { cl: HtbClass; from: HtbClass; level: number }[] = [];
  for (const cl of q.classes) {
    if (!cl.leaf || cl.leaf.qlen === 0) continue;
    const by = lender(q, cl, now);
    if ('cl' in by) ready.push({ cl, from: by.cl, level: levelOf(q, by.cl) });
    else wait = Math.min(wait, by.wait);
  }
  ready.sort((a, b) => a.level - b.level || a.cl.prio - b.cl.prio || a.cl.id - b.cl.id);
  const first = ready[0];
  if (first) {
    const key = `${first.level}/${first.cl.prio}`;
    const peers = ready.filter((r) => r.level === first.level && r.cl.prio === first.cl.prio);
    const turn = Math.max(
      0,
      peers.findIndex((r) => r.cl.id >= (q.turns[key] ?? 0)),
    );
    for (let i = 0; i < peers.length; i++) {
      const at = peers[(turn + i) % peers.length] as (typeof ready)[number];
      const got = at.cl.leaf && dequeue(world, at.cl.leaf);
      if (!got) continue;
      if ('wait' in got) {
        wait = Math.min(wait, got.wait);
        continue;
      }
      const bytes = frameLength(got.packet);
      at.cl.deficit -= bytes;
      if (at.cl.deficit < 0) {
        at.cl.deficit += at.cl.quantum;
        q.turns[key] = (peers[(turn + i + 1) % peers.length] as (typeof ready)[number]).cl.id;
      } else q.turns[key] = at.cl.id;
      charge(q, at.cl, at.from, bytes, now);
      gave(q, got.packet);
      return { packet: got.packet };
    }
  }
  if (wait === Number.POSITIVE_INFINITY) return null;
  q.overlimits++;
  return { wait };
}
