/** The order in which nft lists a set's elements. */
import type { NftElem, NftScalar } from '../../linux/netfilter/nft/types.ts';
import { typeOf } from './datatypes.ts';

/** The bytes of a value as they lie in the kernel. */
function bytes(v: NftScalar, type: string, bits: number): number[] {
  if (typeof v === 'string') {
    const all = [...v].map((ch) => ch.charCodeAt(0));
    return [...all, ...Array<number>(Math.max(0, 16 - all.length)).fill(0)];
  }
  const width = Math.max(1, Math.ceil((bits || typeOf(type).bits || 32) / 8));
  const out: number[] = [];
  let n = BigInt(v);
  for (let i = 0; i < width; i++) {
    out.unshift(Number(n & 255n));
    n >>= 8n;
  }
  return typeOf(type).host ? out.reverse() : out;
}

/** As nft sorts a plain set: single values by number, strings and concatenations by their bytes from the last on. */
export function sortElems<E extends NftElem>(
  elems: readonly E[],
  types: readonly string[],
  bits: readonly number[],
): E[] {
  const single = types.length === 1 && !elems.some((e) => typeof e.key[0]?.lo === 'string');
  if (single) return [...elems].sort((a, b) => byNumber(a, b, types[0] as string));
  const keyed = elems.map((e) => ({
    e,
    key: e.key.flatMap((r, i) => bytes(r.lo, types[i] ?? '', bits[i] ?? 0)).reverse(),
  }));
  keyed.sort((a, b) => {
    if (!a.e.key.length || !b.e.key.length) return b.e.key.length - a.e.key.length;
    for (let i = 0; i < a.key.length; i++) if (a.key[i] !== b.key[i]) return (a.key[i] ?? 0) - (b.key[i] ?? 0);
    return 0;
  });
  return keyed.map((k) => k.e);
}

/** Several bits at once sort by their lowest. */
function byNumber(a: NftElem, b: NftElem, type: string): number {
  if (!a.key.length || !b.key.length) return b.key.length - a.key.length;
  const x = a.key[0]?.lo as number;
  const y = b.key[0]?.lo as number;
  if (typeOf(type).base !== 'bitmask') return x < y ? -1 : x > y ? 1 : 0;
  const lowest = (n: number) => n & -n;
  return lowest(x) - lowest(y) || y - x;
}
