/** How many cells text takes in the terminal: xterm's own table (Unicode 6), so that the cursor stands where it thinks. */

const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** Inclusive ranges of wide characters. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3040, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x2fffd],
  [0x30000, 0x3fffd],
];

/** Cells of one code point: 0, 1 or 2. */
export function charWidth(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  if (code < 32 || (code >= 0x7f && code < 0xa0)) return 0;
  if (code < 0x300) return 1;
  if (ZERO.test(char)) return 0;
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** Cells of a text without control sequences. */
export function textWidth(text: string): number {
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** Where the cursor stands after `text` written from `start`. A full row leaves the column at `cols`. */
export function place(text: string, cols: number, start = { row: 0, col: 0 }): { row: number; col: number } {
  let { row, col } = start;
  for (const char of text) {
    const width = charWidth(char);
    if (col + width > cols) {
      row++;
      col = 0;
    }
    col += width;
  }
  return { row, col };
}
