/** Curve25519 keys: RFC 7748, section 5. */
import { decodeBase64, encodeBase64 } from '../../text/base64.ts';

const P = 2n ** 255n - 19n;
const A24 = 121_665n;

const mod = (n: bigint): bigint => ((n % P) + P) % P;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base, e = exponent; e > 0n; e >>= 1n, b = (b * b) % P) if (e & 1n) result = (result * b) % P;
  return result;
}

/** X25519 of a scalar and the base point. */
function scalarBase(k: bigint): bigint {
  const x1 = 9n;
  let [x2, z2, x3, z3] = [1n, 0n, x1, 1n];
  let swapped = 0n;
  for (let t = 254n; t >= 0n; t--) {
    const bit = (k >> t) & 1n;
    if (swapped ^ bit) [x2, z2, x3, z3] = [x3, z3, x2, z2];
    swapped = bit;
    const a = x2 + z2;
    const b = mod(x2 - z2);
    const aa = mod(a * a);
    const bb = mod(b * b);
    const e = mod(aa - bb);
    const da = mod((x3 - z3) * a);
    const cb = mod((x3 + z3) * b);
    x3 = mod((da + cb) ** 2n);
    z3 = mod(x1 * (da - cb) ** 2n);
    x2 = mod(aa * bb);
    z2 = mod(e * (aa + A24 * e));
  }
  if (swapped) [x2, z2] = [x3, z3];
  return mod(x2 * power(z2, P - 2n));
}

/** Whether a text is a key as wg writes one: 32 bytes in base64. */
export const isKey = (text: string): boolean => /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(text);

/** The bits of a private key as the curve wants them. */
export function clamp(bytes: number[]): number[] {
  const out = [...bytes];
  out[0] = (out[0] as number) & 248;
  out[31] = ((out[31] as number) & 127) | 64;
  return out;
}

/** The public key of a private one, both in base64. */
export function publicKey(key: string): string {
  const bytes = clamp([...(decodeBase64(key) ?? [])]);
  let k = 0n;
  for (const [i, byte] of bytes.entries()) k |= BigInt(byte) << BigInt(8 * i);
  let u = scalarBase(k);
  const out: number[] = [];
  for (let i = 0; i < 32; i++, u >>= 8n) out.push(Number(u & 255n));
  return keyText(out);
}

/** 32 bytes as wg writes them. */
export const keyText = (bytes: number[]): string => encodeBase64(bytes);
