/** UTF-8 without TextEncoder: the engine's strings are JS strings, its sizes are bytes. */

/** Length of `text` in UTF-8 bytes. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    bytes += code < 0x800 ? 1 : 2;
    if (code >= 0xd800 && code < 0xdc00 && isLow(text.charCodeAt(i + 1))) {
      // Four bytes for the pair: two units, two more.
      i++;
    }
  }
  return bytes;
}

const isLow = (code: number): boolean => code >= 0xdc00 && code < 0xe000;

/** The UTF-8 bytes of `text`; a lone surrogate becomes U+FFFD. */
export function utf8Encode(text: string): number[] {
  const out: number[] = [];
  for (const char of text) {
    let code = char.codePointAt(0) as number;
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
    if (code < 0x80) out.push(code);
    else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return out;
}

/** Text from UTF-8 bytes; what is not UTF-8 becomes U+FFFD. */
export function utf8Decode(bytes: readonly number[]): string {
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
    out += ok ? String.fromCodePoint(code) : '\ufffd';
    i += ok ? more + 1 : 1;
  }
  return out;
}
