/** UTF-8 without TextEncoder: the engine's strings are JS strings, its sizes are bytes. */

/** Length of `text` in UTF-8 bytes. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (isRaw(code)) continue;
    bytes += code < 0x800 ? 1 : 2;
    if (code >= 0xd800 && code < 0xdc00 && isLow(text.charCodeAt(i + 1))) {
      // Four bytes for the pair: two units, two more.
      i++;
    }
  }
  return bytes;
}

/**
 * Bytes that are no UTF-8 stand in text as the lone surrogates U+DC80 … U+DCFF (PEP 383), so that binary files keep
 * their bytes.
 */
const isRaw = (code: number): boolean => code >= 0xdc80 && code < 0xdd00;

const isLow = (code: number): boolean => code >= 0xdc00 && code < 0xe000;

/** The UTF-8 bytes of `text`; a lone surrogate that is no raw byte becomes U+FFFD. */
export function utf8Encode(text: string): number[] {
  const out: number[] = [];
  for (const char of text) {
    let code = char.codePointAt(0) as number;
    if (isRaw(code)) {
      out.push(code & 0xff);
      continue;
    }
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
    if (code < 0x80) out.push(code);
    else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return out;
}

/** Text from UTF-8 bytes; what is not UTF-8 becomes U+FFFD, or stays as raw bytes (see above). */
export function utf8Decode(bytes: readonly number[], raw = false): string {
  let out = '';
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i] as number;
    const more =
      first < 0x80
        ? 0
        : first >= 0xc2 && first < 0xe0
          ? 1
          : first >= 0xe0 && first < 0xf0
            ? 2
            : first >= 0xf0 && first < 0xf5
              ? 3
              : -1;
    let code = more <= 0 ? first : first & (0x3f >> more);
    let ok = more >= 0;
    for (let k = 1; k <= more && ok; k++) {
      const next = bytes[i + k];
      ok = next !== undefined && (next & 0xc0) === 0x80;
      if (ok) code = (code << 6) | ((next as number) & 63);
    }
    ok &&=
      code < 0x110000 &&
      !(code >= 0xd800 && code < 0xe000) &&
      !(more === 2 && code < 0x800) &&
      !(more === 3 && code < 0x10000);
    out += ok ? String.fromCodePoint(code) : raw ? String.fromCharCode(0xdc00 + first) : '\ufffd';
    i += ok ? more + 1 : 1;
  }
  return out;
}

/** What a file holds, from its bytes (one char a byte). */
export const bytesToText = (bytes: string): string =>
  /^[\x00-\x7f]*$/.test(bytes)
    ? bytes
    : utf8Decode(
        Array.from(bytes, (ch) => ch.charCodeAt(0)),
        true,
      );

/** The bytes of a file's text, one char a byte. */
export function textToBytes(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  const bytes = utf8Encode(text);
  let out = '';
  for (let i = 0; i < bytes.length; i += 4096) out += String.fromCharCode(...bytes.slice(i, i + 4096));
  return out;
}

/** Raw bytes shown as a UTF-8 terminal shows them: U+FFFD. */
export const showRaw = (text: string): string => text.replace(/(?<![\ud800-\udbff])[\udc80-\udcff]/g, '\ufffd');
