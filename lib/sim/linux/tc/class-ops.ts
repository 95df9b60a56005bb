/** Classes of htb as netlink changes them: htb_change_class(), htb_delete(). */
import type { World } from '../../kernel/world.ts';
import type { Link, NlError } from '../types.ts';
import { nowNs } from './count.ts';
import { hashClass, htbClass } from './htb.ts';
import { fallback, findQdisc } from './ops.ts';
import { makeRate, ticksToTime } from './rate.ts';
import { type HtbClass, noCounters, ROOT } from './types.ts';

export interface ClassRequest {
  id: number;
  parent: number;
  /** Bytes a second. */
  rate: number;
  ceil: number;
  /** In ticks. */
  buffer: number;
  cbuffer: number;
  prio: number;
  quantum: number;
}

const ENOENT: NlError = { errno: 'ENOENT' };
const major = (id: number): number => (id & 0xffff0000) >>> 0;

/** htb_set_quantum: bytes a class sends in its turn, with the kernel's warning. */
function quantumOf(req: ClassRequest, r2q: number): { quantum: number; warning: string } {
  if (req.quantum > 0) return { quantum: req.quantum, warning: '' };
  const quantum = Math.min(Math.floor(req.rate / r2q), 0x7fffffff);
  const name = req.id.toString(16).toUpperCase();
  const said = (what: string) => `Warning: sch_htb: quantum of class ${name} is ${what}. Consider r2q change.\n`;
  if (quantum < 1000) return { quantum: 1000, warning: said('small') };
  if (quantum > 200000) return { quantum: 200000, warning: said('big') };
  return { quantum, warning: '' };
}

/** RTM_NEWTCLASS: a new class, or new rates for one. Answers the kernel's warning, or an error. */
export function modifyClass(
  world: World,
  link: Link,
  req: ClassRequest,
  flags: { create: boolean; excl: boolean },
): string | NlError {
  const root = link.tc?.root;
  const handle = major(req.parent !== 0 && req.parent !== ROOT ? req.parent : req.id);
  const q = handle === 0 ? root : findQdisc(link.tc, handle);
  if (!q) return ENOENT;
  if (q.kind !== 'htb') return { errno: 'EINVAL' };
  if (major(req.id) !== 0 && major(req.id) !== q.handle) return { errno: 'EINVAL' };
  const old = htbClass(q, req.id);
  if (old && flags.excl) return { errno: 'EEXIST' };
  if (!old && !flags.create) return ENOENT;
  const { quantum, warning } = quantumOf(req, q.r2q);
  const set = {
    rate: makeRate(req.rate),
    ceil: makeRate(req.ceil),
    buffer: ticksToTime(req.buffer),
    cbuffer: ticksToTime(req.cbuffer),
    prio: Math.min(req.prio, 7),
    quantum,
  };
  if (old) {
    Object.assign(old, set);
    return warning;
  }
  const above = htbClass(q, req.parent);
  const made: HtbClass = {
    ...noCounters(),
    id: req.id,
    parent: above ? above.id : ROOT,
    ...set,
    tokens: set.buffer,
    ctokens: set.cbuffer,
    at: nowNs(world),
    deficit: 0,
    lends: 0,
    borrows: 0,
    leaf: fallback(world, link, null),
  };
  if (above) above.leaf = null;
  q.classes.push(made);
  hashClass(q, made.id);
  return warning;
}

/** RTM_DELTCLASS. Errors: ENOENT, EBUSY while classes or filters hang on it. */
export function deleteClass(world: World, link: Link, id: number): NlError | null {
  const q = findQdisc(link.tc, major(id));
  if (!q) return ENOENT;
  const cl = q.kind === 'htb' ? htbClass(q, id) : undefined;
  if (q.kind !== 'htb' || !cl) return ENOENT;
  const bound = link.tc?.protos.some((p) => p.filters.some((f) => f.classid === id));
  if (bound || q.classes.some((c) => c.parent === id)) return { errno: 'EBUSY', extack: 'HTB class in use' };
  q.classes = q.classes.filter((c) => c !== cl);
  q.buckets = q.buckets.map((bucket) => bucket.filter((one) => one !== id));
  const above = htbClass(q, cl.parent);
  if (above && !q.classes.some((c) => c.parent === above.id)) above.leaf = fallback(world, link, null);
  return null;
}
