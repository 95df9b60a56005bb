/** Making, changing and asking IP sets: what the kernel does behind ipset(8). */
import { type Ip, network } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import type { NetNs } from '../types.ts';
import { elementText, IpsetError } from './element.ts';
import { type IpSet, isBitmap, type Part, type SetEntry, setsOf } from './types.ts';

const SECOND = 1_000_000;

/** Key of an element in {@link IpSet.entries}. */
export const elementKey = (set: IpSet, parts: readonly Part[]): string =>
  // A port bitmap knows no protocols, and an address in a bitmap has one MAC.
  set.type === 'bitmap:port' && parts[0]?.kind === 'port'
    ? `${parts[0].port}`
    : set.type === 'bitmap:ip,mac'
      ? elementText(set, parts.slice(0, 1))
      : elementText(set, parts);

/** Drops entries whose time is over. */
export function expire(world: World, set: IpSet): void {
  if (set.timeout === null) return;
  for (const [key, entry] of set.entries)
    if (entry.expires !== null && entry.expires <= world.now) set.entries.delete(key);
}

export interface EntryOptions {
  exist: boolean;
  nomatch: boolean;
  timeout: number | null;
  packets: number;
  bytes: number;
  comment: string | null;
  skb?: SetEntry['skb'];
  wildcard?: boolean;
}

const inRange = (set: IpSet, part: Part | undefined): boolean => {
  if (!set.range || !part) return true;
  const value = part.kind === 'port' ? part.port : part.kind === 'ip' ? Number(part.ip) : 0;
  return value >= set.range.from && value <= set.range.to;
};

/** Adds one element. Throws {@link IpsetError} as the kernel answers. */
export function addElement(world: World, ns: NetNs, set: IpSet, parts: Part[], o: EntryOptions): void {
  expire(world, set);
  if (!isBitmap(set) && set.type !== 'list:set') {
    const first = parts[0];
    const empty =
      (first?.kind === 'ip' && first.ip === 0 && first.len === 32) ||
      parts.some((p) => p.kind === 'mac' && p.mac === 0);
    if (empty) throw new IpsetError('Null-valued element, cannot be stored in a hash type of set');
    if (parts.some((p) => p.kind === 'ip' && p.len === 0) && set.type !== 'hash:net,iface') {
      throw new IpsetError('The value of the CIDR parameter of the IP address is invalid');
    }
  }
  if (!inRange(set, parts[0])) throw new IpsetError('Element is out of the range of the set');
  const only = parts[0];
  checkMember(ns, only);
  const key = elementKey(set, parts);
  const old = set.entries.get(key);
  if (old && !o.exist) throw new IpsetError("Element cannot be added to the set: it's already added");
  if (!old && !isBitmap(set) && set.entries.size >= (set.type === 'list:set' ? set.size : set.maxelem)) {
    throw new IpsetError(
      set.type === 'list:set'
        ? 'The set is full, more elements cannot be added.'
        : 'Hash is full, cannot add more elements',
    );
  }
  const seconds = o.timeout ?? set.timeout;
  const entry: SetEntry = {
    parts,
    nomatch: o.nomatch,
    expires: set.timeout === null || !seconds ? null : world.now + seconds * SECOND,
    packets: o.packets,
    bytes: o.bytes,
    comment: o.comment,
    ...(o.skb && Object.keys(o.skb).length > 0 ? { skb: o.skb } : {}),
    ...(o.wildcard ? { wildcard: true } : {}),
  };
  set.entries.set(key, entry);
  if (only?.kind === 'set' && !old) (setsOf(ns).get(only.name) as IpSet).references++;
}

/** A set as a member, added or deleted, is there and no list itself: list_set_uadt(). */
function checkMember(ns: NetNs, part: Part | undefined): void {
  if (part?.kind !== 'set') return;
  const member = setsOf(ns).get(part.name);
  if (!member) throw new IpsetError('Set to be added/deleted/tested as element does not exist.');
  if (member.type === 'list:set') throw new IpsetError('Sets with list:set type cannot be added to the set.');
}

/** Deletes one element. */
export function delElement(world: World, ns: NetNs, set: IpSet, parts: readonly Part[], exist: boolean): void {
  expire(world, set);
  const only = parts[0];
  checkMember(ns, only);
  if (set.entries.delete(elementKey(set, parts))) {
    if (only?.kind === 'set') (setsOf(ns).get(only.name) as IpSet).references--;
    return;
  }
  if (!exist) throw new IpsetError("Element cannot be deleted from the set: it's not added");
}

/** The entry that answers for an element: itself, or in net types the longest network that holds it. */
export function lookupElement(world: World, set: IpSet, parts: readonly Part[]): SetEntry | null {
  expire(world, set);
  const exact = set.entries.get(elementKey(set, parts));
  if (exact) return exact;
  if (!set.type.includes('net')) return null;
  let best: SetEntry | null = null;
  let length = -1;
  for (const entry of set.entries.values()) {
    if (!covers(entry.parts, parts)) continue;
    const len = entry.parts.reduce((n, p) => n + (p.kind === 'ip' ? p.len : 0), 0);
    if (len > length) [best, length] = [entry, len];
  }
  return best;
}

function covers(held: readonly Part[], asked: readonly Part[]): boolean {
  return held.every((h, i) => {
    const a = asked[i];
    if (!a || a.kind !== h.kind) return false;
    if (h.kind === 'ip' && a.kind === 'ip') return sameNet(h.ip, h.len, a.ip, a.len);
    if (h.kind === 'port' && a.kind === 'port') return h.proto === a.proto && h.port === a.port;
    if (h.kind === 'mark' && a.kind === 'mark') return h.mark === a.mark;
    if (h.kind === 'iface' && a.kind === 'iface') return h.name === a.name && h.phys === a.phys;
    return false;
  });
}

// A network is asked for by itself, an address by any network that holds it.
const sameNet = (ip: Ip, len: number, asked: Ip, askedLen: number): boolean => {
  const bits = typeof asked === 'bigint' ? 128 : 32;
  if (typeof ip !== typeof asked) return false;
  return askedLen === bits ? network(asked, len) === ip : askedLen === len && asked === ip;
};

/** Removes a set, or all; nothing may refer to them. */
export function destroySet(ns: NetNs, name: string | null): void {
  const sets = setsOf(ns);
  if (name === null) {
    if ([...sets.values()].some((s) => s.references > 0)) throw new IpsetError(IN_USE);
    sets.clear();
    return;
  }
  const set = sets.get(name);
  if (!set) throw new IpsetError(NO_SET);
  if (set.references > 0) throw new IpsetError(IN_USE);
  for (const entry of set.entries.values()) {
    const only = entry.parts[0];
    const member = only?.kind === 'set' ? sets.get(only.name) : undefined;
    if (member) member.references--;
  }
  sets.delete(name);
}

export const NO_SET = 'The set with the given name does not exist';
const IN_USE = 'Set cannot be destroyed: it is in use by a kernel component';
