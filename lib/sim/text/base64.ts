const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 of bytes (RFC 4648), padded. */
export function encodeBase64(bytes: readonly number[]): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = [bytes[i], bytes[i + 1], bytes[i + 2]];
    const n = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    out += `${ALPHABET[n >> 18]}${ALPHABET[(n >> 12) & 63]}${b === undefined ? '=' : ALPHABET[(n >> 6) & 63]}${c === undefined ? '=' : ALPHABET[n & 63]}`;
  }
  return out;
}

/** Bytes of base64 text, line breaks ignored; null when it is not base64. */
export function decodeBase64(text: string): number[] | null {
  const clean = text.replace(/\s/g, '').replace(/=+$/, '');
  const out: number[] = [];
  let bits = 0;
  let n = 0;
  for (const c of clean) {
    const v = ALPHABET.indexOf(c);
    if (v < 0) return null;
    n = ((n << 6) | v) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push((n >> bits) & 255);
    }
  }
  return out;
}
