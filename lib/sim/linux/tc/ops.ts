/** Queueing disciplines and classes as netlink changes them: net/sched/sch_api.c, sch_htb.c. */
import type { World } from '../../kernel/world.ts';
import { kindOf } from '../link/kinds.ts';
import type { Link, NetNs, NlError } from '../types.ts';
import { htbClass } from './htb.ts';
import { makeQdisc, type QdiscOptions, setOptions } from './make.ts';
import { INGRESS_HANDLE, noCounters, type Qdisc, ROOT, type TcLink } from './types.ts';

/** TC_H_INGRESS, where ingress and clsact hang. */
export const INGRESS_PARENT = 0xfffffff1;

export interface QdiscRequest {
  handle: number;
  parent: number;
  kind: string;
  options: QdiscOptions | null;
  flags: { create: boolean; excl: boolean; replace: boolean };
}

const einval = (extack: string): NlError => ({ errno: 'EINVAL', extack });
const major = (id: number): number => (id & 0xffff0000) >>> 0;

/** A device's traffic control, made when it is first needed. */
export function tcOf(link: Link): TcLink {
  link.tc ??= { root: null, protos: [], ingress: noCounters(), hadIngress: false, lastTable: 0, wake: null };
  return link.tc;
}

/** Disciplines that hang on a discipline's classes, with the class. */
export function childrenOf(q: Qdisc): { classid: number; child: Qdisc }[] {
  if (q.kind === 'tbf') return [{ classid: q.handle + 1, child: q.child }];
  if (q.kind !== 'htb') return [];
  return q.classes.flatMap((cl) => (cl.leaf ? [{ classid: cl.id, child: cl.leaf }] : []));
}

/** All disciplines from here down that have a handle. */
export function allQdiscs(q: Qdisc | null): Qdisc[] {
  if (!q) return [];
  return [q, ...childrenOf(q).flatMap(({ child }) => (child.handle === 0 ? [] : allQdiscs(child)))];
}

export const findQdisc = (tc: TcLink | undefined, handle: number): Qdisc | undefined =>
  handle === 0 ? undefined : allQdiscs(tc?.root ?? null).find((q) => q.handle === handle);

/** The discipline a class holds; undefined when there is no such class. */
const leafOf = (q: Qdisc, classid: number): Qdisc | undefined =>
  childrenOf(q).find((c) => c.classid === classid)?.child;

/** qdisc_alloc_handle(): counted for all devices of a host; here of a namespace. */
function freeHandle(ns: NetNs): number {
  const last = (ns.ext.tcHandle as number | undefined) ?? 0x8000;
  ns.ext.tcHandle = last + 1;
  return ((last + 1) * 65536) >>> 0;
}

function graft(world: World, ns: NetNs, link: Link, req: QdiscRequest): NlError | null {
  if (!req.flags.create) return { errno: 'ENOENT', extack: 'Qdisc not found. To create specify NLM_F_CREATE flag' };
  const handle = req.handle || freeHandle(ns);
  const made = makeQdisc(world, link, req.kind, handle, req.parent, req.options);
  if (!('kind' in made)) return made;
  const tc = tcOf(link);
  if (req.parent === ROOT) {
    const old = tc.root;
    tc.protos = tc.protos.filter((p) => !allQdiscs(old).some((q) => q.handle === p.parent));
    tc.root = made;
    link.qdisc = made.kind;
    return null;
  }
  const parent = findQdisc(tc, major(req.parent));
  if (parent?.kind === 'tbf') parent.child = made;
  const cl = parent?.kind === 'htb' ? htbClass(parent, req.parent) : undefined;
  if (cl) cl.leaf = made;
  return null;
}

function ingressRequest(link: Link, req: QdiscRequest): NlError | null {
  const tc = tcOf(link);
  if (link.ingressQdisc) {
    if (req.flags.excl) return { errno: 'EEXIST', extack: 'Exclusivity flag on, cannot modify' };
    return link.ingressQdisc === req.kind ? null : einval('Invalid qdisc name');
  }
  if (!req.flags.create) return { errno: 'ENOENT', extack: 'Qdisc not found. To create specify NLM_F_CREATE flag' };
  link.ingressQdisc = req.kind as 'ingress' | 'clsact';
  tc.ingress = noCounters();
  tc.hadIngress = true;
  return null;
}

function change(world: World, link: Link, q: Qdisc, req: QdiscRequest): NlError | null {
  if (req.flags.excl) return { errno: 'EEXIST', extack: 'Exclusivity flag on, cannot modify' };
  if (req.kind !== '' && req.kind !== q.kind) return einval('Invalid qdisc name');
  if (!req.options) return null;
  if (q.kind === 'htb' || q.kind === 'noqueue' || q.kind === 'pfifo_fast')
    return einval('Change operation not supported by specified qdisc');
  return setOptions(world, link, q, req.options);
}

/** RTM_NEWQDISC. Errors: ENOENT, EEXIST, EINVAL with the kernel's words. tc_modify_qdisc(). */
export function modifyQdisc(world: World, ns: NetNs, link: Link, req: QdiscRequest): NlError | null {
  if (req.parent === INGRESS_PARENT) return ingressRequest(link, req);
  let q: Qdisc | undefined;
  if (req.parent === 0) {
    if (req.handle === 0) return einval('Handle cannot be zero');
    q = findQdisc(link.tc, req.handle);
  } else {
    if (req.parent === ROOT) q = link.tc?.root ?? undefined;
    else {
      const parent = findQdisc(link.tc, major(req.parent));
      if (!parent) return { errno: 'ENOENT', extack: 'Failed to find specified qdisc' };
      q = leafOf(parent, req.parent);
      if (!q) return { errno: 'ENOENT', extack: 'Specified class not found' };
    }
    if (q?.handle === 0) q = undefined;
    if (req.handle !== 0 && q?.handle !== req.handle) {
      if (q && !req.flags.replace) return { errno: 'EEXIST', extack: 'NLM_F_REPLACE needed to override' };
      const other = findQdisc(link.tc, req.handle);
      if (!other) return graft(world, ns, link, req);
      if (req.flags.excl) return { errno: 'EEXIST', extack: 'Exclusivity flag on, cannot override' };
      if (req.kind !== '' && req.kind !== other.kind) return einval('Invalid qdisc name');
      return { errno: 'ELOOP', extack: 'Qdisc parent/child loop detected' };
    }
    if (req.handle === 0) {
      const { create, replace, excl } = req.flags;
      if (!q || (create && replace && (excl || (req.kind !== '' && req.kind !== q.kind))))
        return graft(world, ns, link, req);
    }
  }
  if (!q) return { errno: 'ENOENT', extack: 'Specified qdisc not found' };
  return change(world, link, q, req);
}

function deleteIngress(link: Link, handle: number, kind: string): NlError | null {
  if (!link.tc?.hadIngress) return { errno: 'ENOENT', extack: 'Cannot find specified qdisc on specified device' };
  if (!link.ingressQdisc)
    return handle === 0
      ? { errno: 'ENOENT', extack: 'Cannot delete qdisc with handle of zero' }
      : einval('Invalid handle');
  if (handle !== 0 && handle !== INGRESS_HANDLE) return einval('Invalid handle');
  if (kind !== '' && kind !== link.ingressQdisc) return einval('Invalid qdisc name');
  link.ingressQdisc = undefined;
  link.tc.protos = link.tc.protos.filter((p) => p.parent < INGRESS_HANDLE);
  return null;
}

/** RTM_DELQDISC: tc_get_qdisc(). */
export function deleteQdisc(world: World, link: Link, parent: number, handle: number, kind: string): NlError | null {
  if (parent === 0) {
    const found = handle === INGRESS_HANDLE ? link.ingressQdisc !== undefined : findQdisc(link.tc, handle);
    return found
      ? einval('Classid cannot be zero')
      : { errno: 'ENOENT', extack: 'Failed to find qdisc with specified handle' };
  }
  if (parent !== ROOT && major(parent) === INGRESS_HANDLE) return deleteIngress(link, handle, kind);
  const tc = link.tc;
  const above = parent === ROOT ? null : findQdisc(tc, major(parent));
  if (parent !== ROOT && !above) return { errno: 'ENOENT', extack: 'Failed to find qdisc with specified classid' };
  const q = above ? leafOf(above, parent) : tc?.root;
  if (above && !q) return { errno: 'ENOENT', extack: 'Cannot find specified qdisc on specified device' };
  if (handle !== 0 && (q?.handle ?? 0) !== handle) return einval('Invalid handle');
  if (kind !== '' && q && kind !== q.kind) return einval('Invalid qdisc name');
  if (!tc || !q || q.handle === 0) return { errno: 'ENOENT', extack: 'Cannot delete qdisc with handle of zero' };
  const gone = allQdiscs(q).map((one) => one.handle);
  tc.protos = tc.protos.filter((p) => !gone.includes(p.parent));
  if (above?.kind === 'tbf') above.child = fallback(world, link, above.limit);
  else if (above?.kind === 'htb') {
    const cl = htbClass(above, parent);
    if (cl) cl.leaf = fallback(world, link, null);
  } else {
    tc.root = null;
    link.qdisc = link.qdisc === 'noop' ? 'noop' : (kindOf(link).qdisc ?? 'noqueue');
  }
  return null;
}

/** What a class holds by itself: a fifo of its parent's limit, or of the device's queue length. */
export function fallback(world: World, link: Link, bytes: number | null): Qdisc {
  const kind = bytes === null ? 'pfifo' : 'bfifo';
  return makeQdisc(world, link, kind, 0, 0, bytes === null ? null : { kind, limit: bytes }) as Qdisc;
}
