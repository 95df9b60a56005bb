/** Maglev hashing: ip_vs_mh.c. SipHash-1-3 over address and port, with the kernel's fixed keys. */
import type { VsDest } from './types.ts';

const SIZE = 4093;
const TABLE_BITS = 6;
const M64 = (1n << 64n) - 1n;
const KEY1 = 2654435761n;
const KEY2 = 2654446892n;

const rotate = (x: bigint, n: bigint): bigint => ((x << n) | (x >> (64n - n))) & M64;

/** hsiphash() of one 32-bit word on a 64-bit machine. */
function siphash(word: number, key: bigint): number {
  let v0 = 0x736f6d6570736575n ^ key;
  let v1 = 0x646f72616e646f6dn ^ key;
  let v2 = 0x6c7967656e657261n ^ key;
  let v3 = 0x7465646279746573n ^ key;
  const round = (): void => {
    v0 = (v0 + v1) & M64;
    v1 = rotate(v1, 13n) ^ v0;
    v0 = rotate(v0, 32n);
    v2 = (v2 + v3) & M64;
    v3 = rotate(v3, 16n) ^ v2;
    v0 = (v0 + v3) & M64;
    v3 = rotate(v3, 21n) ^ v0;
    v2 = (v2 + v1) & M64;
    v1 = rotate(v1, 17n) ^ v2;
    v2 = rotate(v2, 32n);
  };
  const block = (4n << 56n) | BigInt(word >>> 0);
  v3 ^= block;
  round();
  v0 ^= block;
  v2 ^= 0xffn;
  for (let i = 0; i < 3; i++) round();
  return Number((v0 ^ v1 ^ v2 ^ v3) & 0xffffffffn);
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** The place of a source in the table. */
export const mhSlot = (folded: number, port: number, offset: number): number =>
  siphash(offset + port + folded, KEY1) % SIZE;

export const MH_SIZE = SIZE;

/** The lookup table for these servers (in the order of their list); null where there is none. */
export function mhTable(dests: readonly VsDest[], fold: (d: VsDest) => number): (VsDest | null)[] {
  const table: (VsDest | null)[] = new Array(SIZE).fill(null);
  const step = dests.reduce((g, d) => gcd(g, d.lastWeight), 0);
  if (step < 1) return table;
  const most = Math.max(...dests.map((d) => d.lastWeight)) / step;
  const shift = Math.max(0, 32 - Math.clz32(most) - TABLE_BITS);
  const setups = dests
    .filter((d) => d.lastWeight > 0)
    .map((dest) => ({
      dest,
      at: siphash(dest.port + fold(dest), KEY1) % SIZE,
      skip: (siphash(dest.port + fold(dest), KEY2) % (SIZE - 1)) + 1,
      turns: Math.floor(dest.lastWeight / step) >> shift || 1,
    }));
  for (let filled = 0; filled < SIZE; ) {
    for (const s of setups) {
      for (let turn = 0; turn < s.turns && filled < SIZE; turn++, filled++) {
        while (table[s.at] !== null) s.at = (s.at + s.skip) % SIZE;
        table[s.at] = s.dest;
      }
    }
  }
  return table;
}
