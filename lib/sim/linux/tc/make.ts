/** Making queueing disciplines from what netlink hands over, and changing them. */
import type { World } from '../../kernel/world.ts';
import type { Link, NlError } from '../types.ts';
import { nowNs } from './count.ts';
import { lengthToTime, makeRate } from './rate.ts';
import { noCounters, type Qdisc } from './types.ts';

export interface TbfOptions {
  kind: 'tbf';
  /** Bytes a second; bytes. */
  rate: number;
  burst: number;
  limit: number;
  peakrate: number;
  mtu: number;
}
export interface HtbOptions {
  kind: 'htb';
  r2q: number;
  defaultClass: number;
  directQlen: number | null;
}
export interface NetemOptions {
  kind: 'netem';
  limit: number;
  /** Nanoseconds. */
  delay: number;
  jitter: number;
  /** Shares of one. */
  loss: number;
  duplicate: number;
  rate: number;
}
export type QdiscOptions = TbfOptions | HtbOptions | NetemOptions | { kind: 'pfifo' | 'bfifo'; limit: number };

const UNKNOWN: NlError = { errno: 'ENOENT', extack: 'Specified qdisc kind is unknown' };

/** A new discipline: qdisc_create(). Errors: ENOENT for an unknown kind, EINVAL without the options it needs. */
export function makeQdisc(
  world: World,
  link: Link,
  kind: string,
  handle: number,
  parent: number,
  options: QdiscOptions | null,
): Qdisc | NlError {
  const base = { handle, parent, qlen: 0, backlog: 0, ...noCounters() };
  let q: Qdisc;
  switch (kind) {
    case 'pfifo':
    case 'pfifo_fast':
      q = { ...base, kind, limit: link.txqlen || 1, queue: [] };
      break;
    case 'bfifo':
      q = { ...base, kind, limit: (link.txqlen || 1) * (link.mtu + 14), queue: [] };
      break;
    case 'noqueue':
      return { ...base, kind };
    case 'tbf': {
      if (!options) return { errno: 'EINVAL' };
      const child = makeQdisc(world, link, 'bfifo', 0, 0, null) as Qdisc;
      const at = nowNs(world);
      const none = { limit: 0, rate: makeRate(1), buffer: 0, peak: null, mtu: 0, maxSize: 0, tokens: 0, ptokens: 0 };
      q = { ...base, kind, ...none, at, child, held: null };
      break;
    }
    case 'htb': {
      if (options?.kind !== 'htb') return { errno: 'EINVAL' };
      const { r2q, defaultClass, directQlen } = options;
      const buckets = [[], [], [], []];
      const none = { directPackets: 0, direct: [], classes: [], buckets, turns: {} };
      return { ...base, kind, r2q, defaultClass, directQlen: directQlen ?? Math.max(2, link.txqlen), ...none };
    }
    case 'netem':
      q = { ...base, kind, limit: 1000, delay: 0, jitter: 0, loss: 0, duplicate: 0, rate: null, queue: [] };
      break;
    default:
      return UNKNOWN;
  }
  return (options && setOptions(world, link, q, options)) ?? q;
}

/** Takes new options over: a discipline's change(). */
export function setOptions(_world: World, _link: Link, q: Qdisc, options: QdiscOptions): NlError | null {
  if (options.kind === 'tbf' && q.kind === 'tbf') {
    const maxSize = options.peakrate > 0 ? Math.min(options.burst, options.mtu) : options.burst;
    if (maxSize === 0) return { errno: 'EINVAL' };
    q.rate = makeRate(options.rate);
    q.peak = options.peakrate > 0 ? makeRate(options.peakrate) : null;
    if (q.peak && options.peakrate <= options.rate) return { errno: 'EINVAL' };
    q.buffer = lengthToTime(q.rate, options.burst);
    q.mtu = q.peak ? lengthToTime(q.peak, options.mtu) : 0;
    q.maxSize = maxSize;
    q.limit = options.limit;
    if (q.child.kind === 'bfifo' && q.child.handle === 0) q.child.limit = options.limit;
    q.tokens = q.buffer;
    q.ptokens = q.mtu;
  } else if (options.kind === 'netem' && q.kind === 'netem') {
    const { limit, delay, jitter, loss, duplicate, rate } = options;
    Object.assign(q, { limit, delay, jitter, loss, duplicate, rate: rate > 0 ? makeRate(rate) : null });
  } else if ('limit' in q && (options.kind === 'pfifo' || options.kind === 'bfifo')) q.limit = options.limit;
  return null;
}
