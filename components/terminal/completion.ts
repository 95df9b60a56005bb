/** What Tab does with the candidates that the shell gave. */
import { textWidth } from './width.ts';

export interface Completed {
  text: string;
  cursor: number;
  /** Candidates to show, when the line did not get longer. */
  list: string[];
}

function commonPrefix(words: readonly string[]): string {
  let prefix = words[0] ?? '';
  for (const word of words) while (!word.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix;
}

/** The line after Tab: one candidate is put in whole, several as far as they agree. Null when there is none. */
export function applyCompletion(
  text: string,
  cursor: number,
  from: number,
  candidates: readonly string[],
): Completed | null {
  if (candidates.length === 0 || from > cursor) return null;
  const only = candidates.length === 1 ? (candidates[0] as string) : null;
  const word =
    only === null
      ? commonPrefix(candidates)
      : only + (/[/=:@]$/.test(only) || /^\s/.test(text.slice(cursor)) ? '' : ' ');
  const grew = only !== null || word.length > cursor - from;
  if (!grew) return { text, cursor, list: [...candidates] };
  return { text: text.slice(0, from) + word + text.slice(cursor), cursor: from + word.length, list: [] };
}

const MAX_LISTED = 200;

/** Candidates in columns, filled from top to bottom, as `ls` does. */
export function inColumns(words: readonly string[], cols: number, more: (count: number) => string): string {
  const shown = words.slice(0, MAX_LISTED).map((w) => w.slice(w.lastIndexOf('/', w.length - 2) + 1));
  const width = Math.max(...shown.map(textWidth)) + 2;
  const perRow = Math.max(1, Math.floor(cols / width));
  const rows = Math.ceil(shown.length / perRow);
  const lines = Array.from({ length: rows }, (_, row) =>
    shown
      .filter((_, i) => i % rows === row)
      .map((w) => w + ' '.repeat(width - textWidth(w)))
      .join('')
      .trimEnd(),
  );
  if (words.length > MAX_LISTED) lines.push(more(words.length - MAX_LISTED));
  return `${lines.join('\n')}\n`;
}
