/**
 * Draws the line being edited behind what the terminal shows. Everything from the start of the last line (its `tail`:
 * the prompt, or what a program wrote without a newline) is drawn anew each time, so output may come in between.
 */
import { stripAnsi } from './ansi.ts';
import { place } from './width.ts';

export interface Drawing {
  /** Rows between the start of the tail and the cursor. */
  row: number;
}

export interface Shown {
  tail: string;
  text: string;
  cursor: number;
}

const visible = (text: string): string => text.replace(/[\x00-\x1f\x7f]/g, ' ');

/** Goes back to where the tail begins and clears from there. */
export const erase = (drawing: Drawing): string => `${drawing.row > 0 ? `\x1b[${drawing.row}A` : ''}\r\x1b[J`;

/** What to write behind the tail: the line, and the way of the cursor to its place. */
export function draw(shown: Shown, cols: number): { output: string; drawing: Drawing } {
  const text = visible(shown.text);
  const start = place(stripAnsi(shown.tail), cols);
  const end = place(text, cols, start);
  const full = end.col === cols;
  let at = place(text.slice(0, shown.cursor), cols, start);
  const next = text.slice(shown.cursor);
  // A character that does not fit any more stands on the next row; so does the cursor.
  if (at.col >= cols || (next !== '' && place([...next][0] as string, cols, at).row > at.row))
    at = { row: at.row + 1, col: 0 };
  const endRow = full ? end.row + 1 : end.row;
  const up = endRow - at.row;
  const move = `${up > 0 ? `\x1b[${up}A` : ''}\r${at.col > 0 ? `\x1b[${at.col}C` : ''}`;
  return { output: `${text}${full ? ' \r' : ''}${move}`, drawing: { row: at.row } };
}
