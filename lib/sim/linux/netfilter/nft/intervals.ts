/** Keys in order, and what nft makes of neighbours. */
import type { NftElem, NftRange, NftScalar } from './types.ts';

const cmp = (a: NftScalar, b: NftScalar): number => (a < b ? -1 : a > b ? 1 : 0);

/** By value, part by part: how intervals and merged elements lie. */
export function compareElems(a: NftElem, b: NftElem): number {
  if (a.key.length !== b.key.length) return b.key.length - a.key.length;
  for (let i = 0; i < a.key.length; i++) {
    const x = a.key[i] as NftRange;
    const y = b.key[i] as NftRange;
    const n = cmp(x.lo, y.lo) || cmp(x.hi, y.hi);
    if (n) return n;
  }
  return 0;
}

const low = (e: NftElem): bigint => BigInt(e.key[0]?.lo as number);
const high = (e: NftElem): bigint => BigInt(e.key[0]?.hi as number);

/** Strings with an asterisk stand for themselves; numbers that touch or overlap become one interval. */
export function merge<E extends NftElem>(elems: readonly E[]): E[] {
  const strings = elems.filter((e) => typeof e.key[0]?.lo === 'string');
  if (strings.length) return [...strings].sort(compareElems);
  const star = elems.filter((e) => e.key.length === 0);
  const sorted = elems.filter((e) => e.key.length).sort((a, b) => (low(a) < low(b) ? -1 : low(a) > low(b) ? 1 : 0));
  const merged: E[] = [];
  for (const e of sorted) {
    const last = merged[merged.length - 1];
    if (last && low(e) <= high(last) + 1n) {
      if (high(e) > high(last)) last.key = [{ lo: last.key[0]?.lo as number, hi: e.key[0]?.hi as number }];
    } else merged.push({ ...e });
  }
  return [...merged, ...star];
}

/** Each key once, in order. */
export function dedupe<E extends NftElem>(elems: readonly E[]): E[] {
  const sorted = [...elems].sort(compareElems);
  return sorted.filter((e, i) => i === 0 || compareElems(e, sorted[i - 1] as E) !== 0);
}
