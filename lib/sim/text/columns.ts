/** Names in columns, filled downwards, as ls and completion lists print them. */

/** Screen columns a text takes: wide characters (CJK, emoji) take two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) {
    const c = char.codePointAt(0) as number;
    const wide =
      (c >= 0x1100 && c <= 0x115f) ||
      (c >= 0x2e80 && c <= 0xa4cf) ||
      (c >= 0xac00 && c <= 0xd7a3) ||
      (c >= 0xf900 && c <= 0xfaff) ||
      (c >= 0xfe30 && c <= 0xfe6f) ||
      (c >= 0xff00 && c <= 0xff60) ||
      (c >= 0xffe0 && c <= 0xffe6) ||
      (c >= 0x1f300 && c <= 0x1faff) ||
      (c >= 0x20000 && c <= 0x3fffd);
    width += c < 32 || (c >= 0x300 && c <= 0x36f) ? 0 : wide ? 2 : 1;
  }
  return width;
}

/** Lines of `items` in as many columns as fit `width`; `widths` are what each takes on the screen (colours left out). */
export function inColumns(items: readonly string[], width: number, widths = items.map(displayWidth)): string {
  if (items.length === 0) return '';
  for (let rows = 1; rows < items.length; rows++) {
    const columns = Math.ceil(items.length / rows);
    const sizes: number[] = [];
    for (let c = 0; c < columns; c++)
      sizes.push(Math.max(...widths.slice(c * rows, (c + 1) * rows)) + (c < columns - 1 ? 2 : 0));
    if (sizes.reduce((a, b) => a + b, 0) > width) continue;
    let out = '';
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const i = c * rows + r;
        if (i >= items.length) break;
        const last = c === columns - 1 || i + rows >= items.length;
        out += last ? items[i] : items[i] + ' '.repeat((sizes[c] as number) - (widths[i] as number));
      }
      out += '\n';
    }
    return out;
  }
  return items.map((s) => `${s}\n`).join('');
}
