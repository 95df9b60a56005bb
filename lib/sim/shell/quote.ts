/** Quoting text so that a shell reads it back. */

/** As `${x@Q}` and `set` do: single quotes. */
export const quoteForReuse = (text: string): string =>
  /[\x00-\x1f\x7f]/.test(text) ? ansiC(text) : `'${text.replace(/'/g, "'\\''")}'`;

/** Only where needed: `set -x`, `alias`, `declare`. */
export const quoteIfNeeded = (text: string): string =>
  text !== '' && /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : quoteForReuse(text);

/** As `printf %q` does: backslashes. */
export function quoteBackslash(text: string): string {
  if (text === '') return "''";
  if (/[\x00-\x1f\x7f]/.test(text)) return ansiC(text);
  return text.replace(/[^A-Za-z0-9_@%+=:,./-]/g, (c) => (c.charCodeAt(0) > 127 ? c : `\\${c}`));
}

/** As `declare -p` does: double quotes. */
export const quoteDouble = (text: string): string =>
  /[\x00-\x1f\x7f]/.test(text) ? ansiC(text) : `"${text.replace(/[\\"$`]/g, '\\$&')}"`;

const NAMED: Record<string, string> = {
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
  '\x1b': '\\E',
};

const ansiC = (text: string): string =>
  `$'${text.replace(/[\x00-\x1f\x7f'\\]/g, (c) => NAMED[c] ?? (c === "'" || c === '\\' ? `\\${c}` : `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`))}'`;
