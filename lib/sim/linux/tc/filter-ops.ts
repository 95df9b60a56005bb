/** Filters as netlink changes them: net/sched/cls_api.c, cls_u32.c. */
import type { Link, NetNs, NlError } from '../types.ts';
import { EGRESS, INGRESS, type TcAction, type TcFilter, type TcLink, type TcProto, type U32Key } from './types.ts';

export interface FilterRequest {
  /** Handle of a discipline, INGRESS or EGRESS. */
  parent: number;
  /** 0: the kernel chooses. */
  prio: number;
  protocol: number;
  handle: number;
  keys: U32Key[];
  classid: number | null;
  actions: TcAction[];
}

/** First of the priorities the kernel gives by itself; each next one is one less. */
const AUTO_PRIO = 0xc000;
const AUTO_FIRST = 0x8000;
const FIRST_TABLE = 0x800;
const FIRST_NODE = 0x800;

/** Filters of ingress and clsact are numbered together. */
const owner = (parent: number): number => (parent === EGRESS ? INGRESS : parent);

/** gen_new_htid(): numbers of tables go round, and begin anew when the last table of a place is gone. */
function newTable(tc: TcLink, parent: number): number {
  const used = tc.protos.filter((p) => owner(p.parent) === owner(parent)).map((p) => p.table);
  if (used.length === 0) return FIRST_TABLE;
  let table = Math.max(...used) + 1;
  if (table > 0xfff) table = FIRST_TABLE;
  while (used.includes(table)) table++;
  return table;
}

function protoFor(tc: TcLink, req: FilterRequest): TcProto | NlError {
  const here = tc.protos.filter((p) => p.parent === req.parent);
  let { prio } = req;
  if (prio === 0) {
    const first = here.find((p) => p.prio >= AUTO_FIRST);
    prio = first ? first.prio - 1 : AUTO_PRIO;
  }
  const found = here.find((p) => p.prio === prio);
  if (found) {
    if (found.protocol === req.protocol) return found;
    return { errno: 'EINVAL', extack: 'Filter with specified priority/protocol not found' };
  }
  const table = newTable(tc, req.parent);
  const made: TcProto = { parent: req.parent, prio, protocol: req.protocol, kind: 'u32', table, filters: [] };
  tc.protos.push(made);
  tc.protos.sort((a, b) => a.prio - b.prio);
  return made;
}

/** Indexes of actions are counted by kind in a namespace: the lowest free one. */
export function actionsOf(ns: NetNs): TcAction[] {
  const found: TcAction[] = [];
  for (const link of ns.links.values())
    for (const proto of link.tc?.protos ?? []) for (const filter of proto.filters) found.push(...filter.actions);
  return found.sort((a, b) => a.index - b.index);
}

function number(ns: NetNs, action: TcAction): void {
  const used = actionsOf(ns).filter((a) => a.kind === action.kind);
  for (action.index = 1; used.some((a) => a.index === action.index); ) action.index++;
}

/** RTM_NEWTFILTER of a u32 filter. */
export function addFilter(
  ns: NetNs,
  link: Link,
  req: FilterRequest,
  flags: { excl: boolean; create: boolean },
): NlError | null {
  const tc = link.tc as TcLink;
  const proto = protoFor(tc, req);
  if ('errno' in proto) return proto;
  let node = req.handle & 0xfff;
  const old = node === 0 ? undefined : proto.filters.find((f) => f.handle === node);
  if (old && flags.excl) return { errno: 'EEXIST', extack: 'Filter already exists' };
  if (!old && !flags.create)
    return { errno: 'ENOENT', extack: 'Need both RTM_NEWTFILTER and NLM_F_CREATE to create a new filter' };
  if (node === 0) for (node = FIRST_NODE; proto.filters.some((f) => f.handle === node); ) node++;
  for (const action of req.actions) number(ns, action);
  const made: TcFilter = { handle: node, keys: req.keys, classid: req.classid, actions: req.actions };
  proto.filters = [...proto.filters.filter((f) => f !== old), made].sort((a, b) => a.handle - b.handle);
  return null;
}

/** RTM_DELTFILTER: one filter, all of a priority, or all of a place. */
export function deleteFilters(
  link: Link,
  parent: number,
  prio: number,
  handle: number,
  protocol: number,
): NlError | null {
  const tc = link.tc as TcLink;
  const missing: NlError = { errno: 'ENOENT', extack: 'Filter with specified priority/protocol not found' };
  if (prio === 0) {
    tc.protos = tc.protos.filter((p) => p.parent !== parent);
    return null;
  }
  const proto = tc.protos.find((p) => p.parent === parent && p.prio === prio);
  if (!proto || (protocol !== 0 && proto.protocol !== protocol)) return missing;
  if (handle !== 0) {
    const one = proto.filters.find((f) => f.handle === (handle & 0xfff) && handle >>> 20 === proto.table);
    if (!one) return { errno: 'ENOENT', extack: 'Specified filter handle not found' };
    proto.filters = proto.filters.filter((f) => f !== one);
    if (proto.filters.length > 0) return null;
  }
  tc.protos = tc.protos.filter((p) => p !== proto);
  return null;
}

/** The device an action sends to is gone: mirred_device_event(). */
export function forgetDevice(ns: NetNs, ifindex: number): void {
  for (const action of actionsOf(ns)) if (action.dev === ifindex) action.dev = 0;
}
