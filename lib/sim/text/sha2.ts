/** SHA-256 and SHA-512 of a byte string, as hex. FIPS 180-4. */
const primes = (count: number): number[] => {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p !== 0)) found.push(n);
  return found;
};

/** The first 64 bits of the fraction of the square (2) or cube (3) root of a prime, by integer search. */
function rootFraction(prime: number, degree: 2 | 3): bigint {
  const target = BigInt(prime) << BigInt(64 * degree);
  let low = 0n;
  let high = BigInt(prime) << 64n;
  while (low < high) {
    const mid = (low + high + 1n) >> 1n;
    if (mid ** BigInt(degree) <= target) low = mid;
    else high = mid - 1n;
  }
  return low & 0xffffffffffffffffn;
}

interface Tables {
  k256: number[];
  h256: number[];
  k512: bigint[];
  h512: bigint[];
}

let tables: Tables | undefined;

function constants(): Tables {
  if (!tables) {
    const k512 = primes(80).map((p) => rootFraction(p, 3));
    const h512 = primes(8).map((p) => rootFraction(p, 2));
    const top = (v: bigint) => Number(v >> 32n);
    tables = { k512, h512, k256: k512.slice(0, 64).map(top), h256: h512.map(top) };
  }
  return tables;
}

function padded(bytes: string, block: number): number[] {
  const data = Array.from(bytes, (c) => c.charCodeAt(0) & 255);
  const bits = data.length * 8;
  data.push(0x80);
  const lengthField = block / 8;
  while (data.length % block !== block - lengthField) data.push(0);
  for (let i = 8; i < lengthField; i++) data.push(0);
  for (let shift = 56; shift >= 0; shift -= 8) data.push(Math.floor(bits / 2 ** shift) % 256);
  return data;
}

/** The message of one hash in words: filled anew for each block. */
const words = new Int32Array(64);

/** SHA-256 as 64 hex digits. Plain variables for speed: a cluster's chain names are tens of thousands of hashes. */
export function sha256(bytes: string): string {
  const { k256, h256 } = constants();
  const h = Int32Array.from(h256);
  const { length } = bytes;
  const blocks = (length + 72) >>> 6;
  for (let block = 0; block < blocks; block++) {
    fill(bytes, block * 64, block === blocks - 1);
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, z = 0] = h;
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (z + s1 + ((e & f) ^ (~e & g)) + (k256[i] as number) + (words[i] as number)) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      z = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    const sums = [a, b, c, d, e, f, g, z];
    for (let i = 0; i < 8; i++) h[i] = (h[i] as number) + (sums[i] as number);
  }
  return Array.from(h, (v) => (v >>> 0).toString(16).padStart(8, '0')).join('');
}

/** Puts a block of the padded message into {@link words}, and what is derived from it. */
function fill(bytes: string, from: number, last: boolean): void {
  const { length } = bytes;
  for (let i = 0; i < 16; i++) {
    let word = 0;
    for (let at = from + i * 4, end = at + 4; at < end; at++)
      word = (word << 8) | (at < length ? bytes.charCodeAt(at) & 255 : at === length ? 0x80 : 0);
    words[i] = word;
  }
  if (last) {
    words[14] = Math.floor((length * 8) / 2 ** 32);
    words[15] = length * 8;
  }
  for (let i = 16; i < 64; i++) {
    const a = words[i - 15] as number;
    const b = words[i - 2] as number;
    const s0 = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
    const s1 = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
    words[i] = (words[i - 16] as number) + s0 + (words[i - 7] as number) + s1;
  }
}

const MASK = 0xffffffffffffffffn;
const rotr64 = (x: bigint, n: bigint): bigint => ((x >> n) | (x << (64n - n))) & MASK;

/** SHA-512 as 128 hex digits. */
export function sha512(bytes: string): string {
  const { k512, h512 } = constants();
  const h = [...h512];
  const data = padded(bytes, 128);
  const w = new Array<bigint>(80);
  for (let at = 0; at < data.length; at += 128) {
    for (let i = 0; i < 16; i++) {
      let word = 0n;
      for (let b = 0; b < 8; b++) word = (word << 8n) | BigInt(data[at + i * 8 + b] as number);
      w[i] = word;
    }
    for (let i = 16; i < 80; i++) {
      const a = w[i - 15] as bigint;
      const b = w[i - 2] as bigint;
      w[i] =
        ((w[i - 16] as bigint) +
          (rotr64(a, 1n) ^ rotr64(a, 8n) ^ (a >> 7n)) +
          (w[i - 7] as bigint) +
          (rotr64(b, 19n) ^ rotr64(b, 61n) ^ (b >> 6n))) &
        MASK;
    }
    let [a, b, c, d, e, f, g, z] = h as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
    for (let i = 0; i < 80; i++) {
      const t1 =
        (z +
          (rotr64(e, 14n) ^ rotr64(e, 18n) ^ rotr64(e, 41n)) +
          ((e & f) ^ (~e & MASK & g)) +
          (k512[i] as bigint) +
          (w[i] as bigint)) &
        MASK;
      const t2 = ((rotr64(a, 28n) ^ rotr64(a, 34n) ^ rotr64(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c))) & MASK;
      [z, g, f, e, d, c, b, a] = [g, f, e, (d + t1) & MASK, c, b, a, (t1 + t2) & MASK];
    }
    for (const [i, v] of [a, b, c, d, e, f, g, z].entries()) h[i] = ((h[i] as bigint) + v) & MASK;
  }
  return h.map((v) => v.toString(16).padStart(16, '0')).join('');
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Base32 (RFC 4648, without padding) of a hex string, its first `length` characters. */
export function base32(hex: string, length: number): string {
  let out = '';
  let bits = 0;
  let value = 0;
  for (let i = 0; i + 1 < hex.length && out.length < length; i += 2) {
    value = (value << 8) | Number.parseInt(hex.slice(i, i + 2), 16);
    bits += 8;
    while (bits >= 5 && out.length < length) {
      out += BASE32[(value >>> (bits - 5)) & 31];
      bits -= 5;
      value &= (1 << bits) - 1;
    }
  }
  return out;
}
