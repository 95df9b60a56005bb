/** Sets of endpoints as bits, 32 a word, and square matrices of them, row after row. */
export type Bits = Uint32Array<ArrayBuffer>;

/** Words that n bits take. */
export const wordsFor = (n: number): number => (n + 31) >>> 5;

export const hasBit = (bits: Bits, i: number): boolean => (((bits[i >>> 5] as number) >>> (i & 31)) & 1) === 1;

export function setBit(bits: Bits, i: number): void {
  bits[i >>> 5] = (bits[i >>> 5] as number) | (1 << (i & 31));
}

/** The set of all of n. */
export function allBits(n: number): Bits {
  const bits = new Uint32Array(wordsFor(n)).fill(0xffffffff);
  if (n & 31) bits[bits.length - 1] = (1 << (n & 31)) - 1;
  return bits;
}

export function orInto(into: Bits, from: Bits): void {
  for (let w = 0; w < into.length; w++) into[w] = (into[w] as number) | (from[w] as number);
}

export function andInto(into: Bits, from: Bits): void {
  for (let w = 0; w < into.length; w++) into[w] = (into[w] as number) & (from[w] as number);
}

export function andNotInto(into: Bits, from: Bits): void {
  for (let w = 0; w < into.length; w++) into[w] = (into[w] as number) & ~(from[w] as number);
}

/** Calls `each` with every member, in order. */
export function eachBit(bits: Bits, each: (i: number) => void): void {
  for (let w = 0; w < bits.length; w++)
    for (let word = bits[w] as number; word !== 0; word &= word - 1) each((w << 5) + 31 - Math.clz32(word & -word));
}

export function countBits(bits: Bits): number {
  let count = 0;
  for (let w = 0; w < bits.length; w++) {
    let v = bits[w] as number;
    v -= (v >>> 1) & 0x55555555;
    v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
    count += Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}

/** Row i of a matrix of rows of `words` words: a view, not a copy. */
export const rowOf = (matrix: Bits, i: number, words: number): Bits => matrix.subarray(i * words, (i + 1) * words);

const block = new Uint32Array(32);

/** Transposes the 32 × 32 bits of `block` in place. Source: Warren, Hacker's Delight, 7-3, with the least bit first. */
function transposeBlock(): void {
  for (let j = 16, mask = 0x0000ffff; j !== 0; j >>>= 1, mask ^= mask << j)
    for (let k = 0; k < 32; k = (k + j + 1) & ~j) {
      const low = block[k] as number;
      const high = block[k + j] as number;
      const t = ((low >>> j) ^ high) & mask;
      block[k + j] = high ^ t;
      block[k] = low ^ (t << j);
    }
}

/** The transpose of an n × n matrix. */
export function transposed(matrix: Bits, n: number): Bits {
  const words = wordsFor(n);
  const out = new Uint32Array(n * words);
  for (let r = 0; r < words; r++)
    for (let c = 0; c < words; c++) {
      const rows = Math.min(32, n - (r << 5));
      let any = 0;
      for (let i = 0; i < 32; i++) {
        const word = i < rows ? (matrix[((r << 5) + i) * words + c] as number) : 0;
        block[i] = word;
        any |= word;
      }
      if (any === 0) continue;
      transposeBlock();
      const columns = Math.min(32, n - (c << 5));
      for (let i = 0; i < columns; i++) out[((c << 5) + i) * words + r] = block[i] as number;
    }
  return out;
}
