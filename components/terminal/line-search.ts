/** Reverse search in the history: readline's ^R. */
export interface Search {
  query: string;
  /** Place in the history of what is shown; its length when nothing is yet. */
  at: number;
  failed: boolean;
  /** The line before the search began: what ^G gives back. */
  saved: { text: string; cursor: number };
}

/** The newest line at or before `from` that contains the query; the cursor stands on the match. */
export function findBackward(
  history: readonly string[],
  query: string,
  from: number,
): { text: string; cursor: number; at: number } | null {
  for (let at = Math.min(from, history.length - 1); at >= 0; at--) {
    const text = history[at] as string;
    const cursor = text.lastIndexOf(query);
    if (cursor >= 0) return { text, cursor, at };
  }
  return null;
}

/** What readline shows in place of the prompt. */
export const searchPrompt = (search: Search): string =>
  `(${search.failed ? 'failed ' : ''}reverse-i-search)\`${search.query}': `;
