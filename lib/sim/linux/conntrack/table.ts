/** The connections of a namespace: found by tuple, made, confirmed, dropped. They expire when somebody looks. */
import type { World } from '../../kernel/world.ts';
import type { CtEntry, CtTuple } from '../netfilter/types.ts';
import type { NetNs } from '../types.ts';
import { ctSysctl } from './timeouts.ts';
import { invertTuple, sameTuple, tupleHash } from './tuple.ts';

const SECOND = 1_000_000;
const UDP = 17;
/** Confirmed ones of a direction carry a sign: positive for the original direction, negative for replies. */
export interface Found {
  entry: CtEntry;
  reply: boolean;
}

export const bump = (ns: NetNs, counter: string): void => {
  ns.ct.stats[counter] = (ns.ct.stats[counter] ?? 0) + 1;
};

/** Whether an id of the index stands for this tuple. */
function stands(ns: NetNs, signed: number, tuple: CtTuple, zone: number): boolean {
  const entry = ns.ct.entries.get(Math.abs(signed));
  return entry !== undefined && entry.zone === zone && sameTuple(signed < 0 ? entry.reply : entry.orig, tuple);
}

/** The signed id of the confirmed connection a tuple belongs to; 0 for none. */
function lookUp(ns: NetNs, tuple: CtTuple, zone: number): number {
  const found = ns.ct.index.get(tupleHash(tuple, zone));
  if (found === undefined) return 0;
  if (typeof found === 'number') return stands(ns, found, tuple, zone) ? found : 0;
  for (const signed of found) if (stands(ns, signed, tuple, zone)) return signed;
  return 0;
}

function putIndex(ns: NetNs, tuple: CtTuple, zone: number, signed: number): void {
  const { index } = ns.ct;
  const hash = tupleHash(tuple, zone);
  const there = index.get(hash);
  if (there === undefined) index.set(hash, signed);
  else index.set(hash, typeof there === 'number' ? [signed, there] : [signed, ...there]);
}

function dropIndex(ns: NetNs, tuple: CtTuple, zone: number, id: number): void {
  const { index } = ns.ct;
  const hash = tupleHash(tuple, zone);
  const there = index.get(hash);
  if (there === undefined) return;
  const left = (typeof there === 'number' ? [there] : there).filter((signed) => Math.abs(signed) !== id);
  if (left.length === 0) index.delete(hash);
  else index.set(hash, left.length === 1 ? (left[0] as number) : left);
}

/** The confirmed connection a tuple belongs to, and in which direction; expired ones are let go. */
export function findTuple(world: World, ns: NetNs, tuple: CtTuple, zone: number): Found | null {
  const signed = lookUp(ns, tuple, zone);
  if (signed === 0) return null;
  const entry = ns.ct.entries.get(Math.abs(signed)) as CtEntry;
  if (entry.expires <= world.now) {
    removeEntry(ns, entry);
    return null;
  }
  return { entry, reply: signed < 0 };
}

/** A new, unconfirmed connection: it counts once its first packet leaves the host. Null when the answer has no tuple. */
export function createEntry(world: World, ns: NetNs, orig: CtTuple, zone: number): CtEntry | null {
  const reply = invertTuple(orig);
  if (!reply) return null;
  sweepUnconfirmed(world, ns);
  const entry: CtEntry = {
    id: ns.ct.nextId++,
    orig,
    reply,
    tcpState: '',
    zone,
    acct: ctSysctl(ns, 'nf_conntrack_acct') !== 0,
    stamped: ctSysctl(ns, 'nf_conntrack_timestamp') !== 0,
    mark: 0,
    started: world.now,
    expires: world.now + 600 * SECOND,
    status: {
      seenReply: false,
      assured: false,
      confirmed: false,
      srcNat: false,
      dstNat: false,
      dying: false,
      srcNatDone: false,
      dstNatDone: false,
    },
    packets: [0, 0],
    bytes: [0, 0],
    master: 0,
  };
  ns.ct.entries.set(entry.id, entry);
  unconfirmedOf(ns).push(entry.id);
  return entry;
}

function unconfirmedOf(ns: NetNs): number[] {
  ns.ext.ctUnconfirmed ??= [];
  return ns.ext.ctUnconfirmed as number[];
}

/** Lets go of connections whose first packet never left, and of dead ones kept for a packet on its way. */
function sweepUnconfirmed(world: World, ns: NetNs): void {
  const list = unconfirmedOf(ns);
  if (list.length < 64) return;
  ns.ext.ctUnconfirmed = list.filter((id) => {
    const entry = ns.ct.entries.get(id);
    if (!entry || (entry.status.confirmed && !entry.status.dying)) return false;
    if ((entry.started ?? 0) >= world.now - SECOND) return true;
    ns.ct.entries.delete(id);
    return false;
  });
}

/** Puts a connection into the table. False when one of its tuples is taken: the packet is dropped. */
export function confirmEntry(ns: NetNs, entry: CtEntry): boolean {
  const winner = lookUp(ns, entry.orig, entry.zone);
  const taken = lookUp(ns, entry.reply, entry.zone);
  if (winner !== 0 && entry.orig.proto === UDP && resolveClash(ns, entry, winner, taken)) return true;
  if (winner !== 0 || taken !== 0) {
    bump(ns, 'insert_failed');
    bump(ns, 'drop');
    ns.ct.entries.delete(entry.id);
    return false;
  }
  putIndex(ns, entry.orig, entry.zone, entry.id);
  putIndex(ns, entry.reply, entry.zone, -entry.id);
  entry.status.confirmed = true;
  return true;
}

/**
 * nf_ct_resolve_clash(): two datagrams of one socket were both first, as A and AAAA queries are. The second keeps its own
 * translation, known by its reply alone and for a second; when both got the same one, the first's entry serves.
 */
function resolveClash(ns: NetNs, entry: CtEntry, winner: number, taken: number): boolean {
  if (taken !== 0 && taken !== -winner) return false;
  entry.clash = true;
  entry.status.confirmed = true;
  entry.expires = (entry.started ?? 0) + SECOND;
  if (taken === 0) putIndex(ns, entry.reply, entry.zone, -entry.id);
  bump(ns, 'clash_resolve');
  return true;
}

/** Whether a tuple is in use by another connection: nf_conntrack_tuple_taken(). */
export function tupleTaken(world: World, ns: NetNs, tuple: CtTuple, self: CtEntry): boolean {
  const found = findTuple(world, ns, tuple, self.zone);
  return found !== null && found.entry !== self;
}

/** Takes a connection out of the table. */
export function removeEntry(ns: NetNs, entry: CtEntry): void {
  ns.ct.entries.delete(entry.id);
  if (entry.status.confirmed) unindex(ns, entry);
}

/** Takes its own keys out of the index: those of a connection it clashed with stay. */
function unindex(ns: NetNs, entry: CtEntry): void {
  dropIndex(ns, entry.orig, entry.zone, entry.id);
  dropIndex(ns, entry.reply, entry.zone, entry.id);
}

/** nf_ct_kill(): out of the table, but still there for the packet that is being handled. */
export function killEntry(ns: NetNs, entry: CtEntry): void {
  if (entry.status.confirmed) unindex(ns, entry);
  entry.status.dying = true;
  unconfirmedOf(ns).push(entry.id);
}

/** Confirmed connections that have not expired, in the order they were made. */
export function liveEntries(world: World, ns: NetNs): CtEntry[] {
  const live: CtEntry[] = [];
  for (const entry of [...ns.ct.entries.values()]) {
    if (!entry.status.confirmed || entry.status.dying) continue;
    if (entry.expires <= world.now) removeEntry(ns, entry);
    else if (!entry.clash) live.push(entry);
  }
  return live;
}

/** net.netfilter.nf_conntrack_count. */
export const conntrackCount = (world: World, ns: NetNs): number => liveEntries(world, ns).length;

/** `conntrack -F`: forgets every connection. */
export function flushEntries(ns: NetNs): void {
  for (const entry of [...ns.ct.entries.values()]) if (entry.status.confirmed) removeEntry(ns, entry);
}

/** Refreshes a connection's end, in seconds from now. */
export function refresh(world: World, entry: CtEntry, seconds: number): void {
  entry.expires = world.now + seconds * SECOND;
}
