/** Brace expansion: the first step, on the text of a word. */

/** Words one word may become. */
const MAX_WORDS = 10_000;

/** The words that `{a,b}` and `{1..5}` in a word's text make; just the word when there is nothing to expand. */
export function expandBraces(text: string): string[] {
  const out: string[] = [];
  expand('', text, out);
  return out;
}

function expand(prefix: string, text: string, out: string[]): void {
  for (let i = 0; i < text.length; i++) {
    i = skipQuoted(text, i);
    if (text[i] === '$' && text[i + 1] === '{') {
      i = closing(text, i + 1);
      continue;
    }
    if (text[i] !== '{') continue;
    const end = closing(text, i);
    if (end >= text.length) continue;
    const options = alternatives(text.slice(i + 1, end));
    if (!options) continue;
    const before = prefix + text.slice(0, i);
    const tails: string[] = [];
    expand('', text.slice(end + 1), tails);
    for (const option of options) {
      const middles: string[] = [];
      expand('', option, middles);
      for (const middle of middles) {
        for (const tail of tails) {
          if (out.length >= MAX_WORDS) return;
          out.push(before + middle + tail);
        }
      }
    }
    return;
  }
  if (out.length < MAX_WORDS) out.push(prefix + text);
}

/** Steps over a quoted run or an escape that begins at `i`; `i` itself when there is none. */
function skipQuoted(text: string, i: number): number {
  const c = text[i];
  if (c === '\\') return Math.min(i + 2, text.length);
  if (c !== "'" && c !== '"' && c !== '`') return i;
  let end = i + 1;
  while (end < text.length && text[end] !== c) end += c !== "'" && text[end] === '\\' ? 2 : 1;
  return Math.min(end + 1, text.length) >= text.length ? text.length : skipQuoted(text, end + 1);
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const next = skipQuoted(text, i);
    if (next !== i) {
      i = next - 1;
      continue;
    }
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  return text.length;
}

function alternatives(inner: string): string[] | null {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < inner.length; i++) {
    const next = skipQuoted(inner, i);
    if (next !== i) {
      i = next - 1;
      continue;
    }
    if (inner[i] === '{') depth++;
    else if (inner[i] === '}') depth--;
    else if (inner[i] === ',' && depth === 0) {
      parts.push(inner.slice(start, i));
      start = i + 1;
    }
  }
  if (parts.length > 0) return [...parts, inner.slice(start)];
  return sequence(inner);
}

function sequence(inner: string): string[] | null {
  const numbers = /^(-?\d{1,15})\.\.(-?\d{1,15})(?:\.\.(-?\d{1,9}))?$/.exec(inner);
  const letters = /^([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?\d{1,9}))?$/.exec(inner);
  const m = numbers ?? letters;
  if (!m) return null;
  const value = (s: string) => (numbers ? Number(s) : s.charCodeAt(0));
  const [, fromText = '', toText = '', stepText] = m;
  const from = value(fromText);
  const to = value(toText);
  const step = Math.abs(Number(stepText ?? 1)) || 1;
  const padded = numbers && [fromText, toText].some((s) => /^-?0\d/.test(s));
  const width = padded ? Math.max(fromText.length, toText.length) : 0;
  const out: string[] = [];
  for (let n = from; from <= to ? n <= to : n >= to; n += from <= to ? step : -step) {
    if (out.length >= MAX_WORDS) break;
    if (numbers) out.push(n < 0 ? `-${String(-n).padStart(width - 1, '0')}` : String(n).padStart(width, '0'));
    else out.push(String.fromCharCode(n));
  }
  return out;
}
