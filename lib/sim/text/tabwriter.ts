/** Columns as Go's text/tabwriter aligns them for kubectl: at least 6 wide, 3 blanks between; the last cell of a line is not padded. */
const MIN_WIDTH = 6;
const PADDING = 3;

/** Width of a text in a terminal: code points, as tabwriter counts them. */
const widthOf = (text: string): number => [...text].length;

/**
 * Rows of cells as lines. A column's width is that of its block: neighbouring lines that have the column.
 * With `remembered`, a column is at least as wide as it was the last time. */
export function alignColumns(
  rows: readonly (readonly string[])[],
  minWidth = MIN_WIDTH,
  padding = PADDING,
  remembered?: number[],
): string {
  const widths: number[][] = rows.map(() => []);
  const longest = rows.reduce((n, row) => Math.max(n, row.length), 0);
  for (let column = 0; column < longest - 1; column++) {
    for (let start = 0; start < rows.length; ) {
      // A cell is part of a column when something follows it on its line.
      if ((rows[start] as readonly string[]).length <= column + 1) {
        start++;
        continue;
      }
      let end = start;
      let width = minWidth;
      while (end < rows.length && (rows[end] as readonly string[]).length > column + 1) {
        width = Math.max(width, widthOf((rows[end] as readonly string[])[column] as string) + padding);
        end++;
      }
      if (remembered) width = remembered[column] = Math.max(width, remembered[column] ?? 0);
      for (let i = start; i < end; i++) (widths[i] as number[])[column] = width;
      start = end;
    }
  }
  return rows
    .map(
      (row, i) =>
        `${row.map((cell, c) => (c === row.length - 1 ? cell : cell + ' '.repeat(Math.max(0, ((widths[i] as number[])[c] ?? 0) - widthOf(cell))))).join('')}\n`,
    )
    .join('');
}
