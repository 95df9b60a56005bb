/** What the pattern operators of `${…}` do to a value. */
import { compileGlob } from '../../text/glob.ts';

/** Characters of a value that patterns are tried on: longer values stay as they are. */
const MAX_LENGTH = 20_000;

/** `#`, `##`, `%`, `%%`: the shortest or longest match at an end is cut off. */
export function removePattern(value: string, pattern: string, operator: '#' | '##' | '%' | '%%'): string {
  if (value.length > MAX_LENGTH) return value;
  const matches = compileGlob(pattern);
  const n = value.length;
  for (let k = 0; k <= n; k++) {
    const size = operator.length === 1 ? k : n - k;
    if (operator[0] === '#' ? matches(value.slice(0, size)) : matches(value.slice(n - size))) {
      return operator[0] === '#' ? value.slice(size) : value.slice(0, n - size);
    }
  }
  return value;
}

/** `/`, `//`, `/#`, `/%`: the longest matches are replaced. */
export function replacePattern(value: string, pattern: string, by: string, operator: '/' | '//' | '/#' | '/%'): string {
  if (value.length > MAX_LENGTH || pattern === '')
    return operator === '/#' ? by + value : operator === '/%' ? value + by : value;
  const matches = compileGlob(pattern);
  const longest = (from: number): number => {
    for (let to = value.length; to > from; to--) if (matches(value.slice(from, to))) return to;
    return -1;
  };
  if (operator === '/%') {
    for (let from = 0; from <= value.length; from++) if (matches(value.slice(from))) return value.slice(0, from) + by;
    return value;
  }
  let out = '';
  let at = 0;
  while (at < value.length) {
    const to = longest(at);
    if (to > at) {
      out += by;
      at = to;
      if (operator !== '//') return out + value.slice(at);
    } else if (operator === '/#') return value;
    else out += value[at++];
  }
  return out;
}

/** `^`, `^^`, `,`, `,,`: letters that match change their case. */
export function changeCase(value: string, pattern: string, operator: '^' | '^^' | ',' | ',,'): string {
  const matches = compileGlob(pattern);
  const change = (c: string) => (!matches(c) ? c : operator[0] === '^' ? c.toUpperCase() : c.toLowerCase());
  const chars = [...value];
  return chars.map((c, i) => (i > 0 && operator.length === 1 ? c : change(c))).join('');
}
