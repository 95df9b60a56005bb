/** Lookups in sets and maps: exact keys by a table, intervals one after the other. */
import type { HookState } from '../ext.ts';
import type { NfTable } from '../types.ts';
import type { NftElem, NftRange, NftScalar, NftSetRef } from './types.ts';

export const inRange = (v: NftScalar, r: NftRange): boolean => {
  if (typeof r.lo === 'string') {
    if (typeof v !== 'string') return false;
    return r.lo.endsWith('*') ? v.startsWith(r.lo.slice(0, -1)) : v === r.lo;
  }
  if (typeof v === 'string' || typeof r.hi === 'string') return false;
  return v >= r.lo && v <= r.hi;
};

const isExact = (e: NftElem): boolean =>
  e.key.length > 0 && e.key.every((r) => r.lo === r.hi && !(typeof r.lo === 'string' && r.lo.endsWith('*')));

interface Index {
  exact: Map<string, NftElem>;
  rest: NftElem[];
  any: NftElem | undefined;
}

/** Derived from the elements and thrown away with them: no part of the world. */
const cache = new WeakMap<readonly NftElem[], Index>();

const keyOf = (values: readonly NftScalar[]): string => values.join('|');

function indexOf(elems: readonly NftElem[]): Index {
  let index = cache.get(elems);
  if (!index) {
    index = { exact: new Map(), rest: [], any: undefined };
    for (const e of elems) note(index, e);
    cache.set(elems, index);
  }
  return index;
}

function note(index: Index, e: NftElem): void {
  if (e.key.length === 0) index.any = e;
  else if (isExact(e)) index.exact.set(keyOf(e.key.map((r) => r.lo)), e);
  else index.rest.push(e);
}

/** Adds an element in place; what was worked out of the others stays. The key must not be there. */
export function insertElem(elems: NftElem[], e: NftElem): void {
  const index = cache.get(elems);
  if (index) note(index, e);
  elems.push(e);
}

/** Takes an element out in place. */
export function removeElem(elems: NftElem[], e: NftElem): void {
  const at = elems.indexOf(e);
  if (at < 0) return;
  elems.splice(at, 1);
  const index = cache.get(elems);
  if (!index) return;
  if (e.key.length > 0 && isExact(e)) index.exact.delete(keyOf(e.key.map((r) => r.lo)));
  else cache.delete(elems);
}

const alive = (e: NftElem | undefined, now: number): e is NftElem =>
  e !== undefined && (e.expires === undefined || e.expires > now);

/** The element with exactly this key, ended or not. */
export const indexedElem = (elems: readonly NftElem[], key: readonly NftScalar[]): NftElem | undefined =>
  indexOf(elems).exact.get(keyOf(key));

/** The element for a key: an exact one, an interval, or the `*` element. */
export function findElem(elems: readonly NftElem[], key: readonly NftScalar[], now: number): NftElem | undefined {
  const index = indexOf(elems);
  const exact = index.exact.get(keyOf(key));
  if (alive(exact, now)) return exact;
  for (const e of index.rest) {
    if (alive(e, now) && e.key.length === key.length && e.key.every((r, i) => inRange(key[i] as NftScalar, r)))
      return e;
  }
  return alive(index.any, now) ? index.any : undefined;
}

export function lookup(
  state: HookState,
  table: NfTable,
  ref: NftSetRef,
  key: readonly NftScalar[],
): NftElem | undefined {
  const elems = 'name' in ref ? table.sets?.get(ref.name)?.elems : ref.elems;
  return elems && findElem(elems, key, state.world.now);
}
