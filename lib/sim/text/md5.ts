/** MD5 of a byte string, as hex. RFC 1321. */

const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];

const rotl = (x: number, n: number): number => (x << n) | (x >>> (32 - n));

/** MD5 as 32 hex digits. */
export function md5(bytes: string): string {
  const data = [...bytes].map((c) => c.charCodeAt(0) & 255);
  data.push(0x80);
  while (data.length % 64 !== 56) data.push(0);
  for (let i = 0; i < 8; i++) data.push(Math.floor((bytes.length * 8) / 2 ** (8 * i)) & 255);
  const state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let at = 0; at < data.length; at += 64) {
    const word = (i: number) => [3, 2, 1, 0].reduce((w, b) => (w << 8) | (data[at + i * 4 + b] as number), 0);
    let [a, b, c, d] = state as [number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round] as number;
      const index = [i, 5 * i + 1, 3 * i + 5, 7 * i][round] as number;
      const constant = Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0;
      const sum = (a + mixed + constant + word(index & 15)) | 0;
      [a, d, c, b] = [d, c, b, (b + rotl(sum, SHIFTS[round * 4 + (i & 3)] as number)) | 0];
    }
    [a, b, c, d].forEach((v, i) => {
      state[i] = ((state[i] as number) + v) | 0;
    });
  }
  return state.flatMap((w) => [0, 8, 16, 24].map((n) => ((w >>> n) & 255).toString(16).padStart(2, '0'))).join('');
}
