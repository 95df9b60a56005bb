/** Errors as nft prints them: the line they stand in, with marks under the place. */
import type { NftError } from './cursor.ts';
import type { JsonError } from './json-fields.ts';

/** A text that was read, and the file it came from; null for the command line. */
export interface Source {
  text: string;
  file: string | null;
  /** Where it stands in the whole input: files that include others are read as one. */
  start: number;
}

/** One error. */
export function errorText(e: NftError, source: { text: string; file: string | null }): string {
  const more = e.more ? oneError(e.more, source) : '';
  return oneError(e, source) + more;
}

function oneError(e: NftError, source: { text: string; file: string | null }): string {
  const { text, file } = source;
  const { start, end } = e.span;
  if (start < 0) return `netlink: Error: ${e.message}\n`;
  const at = Math.min(start, text.length);
  const ended = start >= text.length;
  let begin = text.lastIndexOf('\n', at - 1) + 1;
  const row = text.slice(0, at).split('\n').length;
  const column = at - begin + 1;
  // Behind the last line end nft has no line to show but the last one.
  if (ended && text.endsWith('\n') && begin > 0) begin = text.lastIndexOf('\n', begin - 2) + 1;
  const stop = text.indexOf('\n', begin);
  const line = text.slice(begin, stop < 0 ? text.length : stop);
  const last = end >= 2 ? text.lastIndexOf('\n', end - 2) + 1 : 0;
  const lastColumn = Math.max(column, end - Math.max(last, text.lastIndexOf('\n', at - 1) + 1));
  const where = file === null ? '' : `${file}:${row}:${column}-${lastColumn}: `;
  const marks: string[] = [];
  const put = (from: number, to: number, ch: string) => {
    for (let i = from; i < to; i++) marks[i] = ch;
  };
  if (e.also) put(e.also.start - begin, Math.min(e.also.end - begin, line.length), '~');
  const from = ended ? 0 : at - begin;
  put(from, Math.max(from + 1, from + (lastColumn - column + 1)), '^');
  let under = '';
  for (let i = 0; i < marks.length; i++) under += marks[i] ?? (line[i] === '\t' ? '\t' : ' ');
  return `${where}Error: ${e.message}\n${line}\n${under}\n`;
}

/** An error that stands nowhere in what was read. */
export const internalText = (message: string): string => `internal:0:0-0: Error: ${message}\n\n`;

/** What nft says of a JSON document it refuses: where a column is known, it is one of the first line. */
export function refusedText(e: JsonError, text: string, file: string | null): string {
  const line = text.split('\n')[0] ?? '';
  const placed = (message: string, column: number): string => {
    const where = file === null ? '' : `${file}:1:${column}-${column}: `;
    return `${where}Error: ${message}\n${line}\n${'^'.padStart(column)}\n`;
  };
  return e.all.map((r) => (r.column === undefined ? internalText(r.text) : placed(r.text, r.column))).join('');
}
