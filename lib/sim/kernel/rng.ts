/** Seeded randomness: sfc32 (Chris Doty-Humphrey, PractRand). State is four unsigned 32-bit numbers. */
export type RngState = [number, number, number, number];

/** A generator state from a seed; the same seed gives the same numbers everywhere. */
export function seedRng(seed: number): RngState {
  const state: RngState = [0x9e3779b9, 0x243f6a88, 0xb7e15162, (seed ^ 0xdeadbeef) >>> 0];
  for (let i = 0; i < 15; i++) nextU32(state);
  return state;
}

/** The next unsigned 32-bit number; changes `state`. */
export function nextU32(state: RngState): number {
  const t = (((state[0] + state[1]) >>> 0) + state[3]) >>> 0;
  state[3] = (state[3] + 1) >>> 0;
  state[0] = (state[1] ^ (state[1] >>> 9)) >>> 0;
  state[1] = (state[2] + (state[2] << 3)) >>> 0;
  state[2] = (((state[2] << 21) | (state[2] >>> 11)) + t) >>> 0;
  return t;
}

/** An integer in [0, n). */
export const nextBelow = (state: RngState, n: number): number => Math.floor((nextU32(state) / 4294967296) * n);

/** A float in [0, 1). */
export const nextFloat = (state: RngState): number => nextU32(state) / 4294967296;
