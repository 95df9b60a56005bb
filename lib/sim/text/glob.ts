/** Shell patterns as fnmatch(3) and bash's extglob read them. A backslash takes a character's meaning away. */

type Token =
  | { kind: 'char'; char: string }
  | { kind: 'any' }
  | { kind: 'star' }
  | { kind: 'set'; negated: boolean; ranges: [string, string][]; classes: string[] }
  | { kind: 'group'; op: string; alternatives: Token[][] };

export interface GlobOptions {
  /** Letters match whatever their case. */
  ignoreCase?: boolean;
  /** `?(…) *(…) +(…) @(…) !(…)` are patterns. On by default, as inside bash. */
  extglob?: boolean;
}

/** Steps one match may take: patterns beyond it do not match. */
const BUDGET = 200_000;

/** Whether the whole of `text` matches `pattern`. */
export function globMatch(pattern: string, text: string, options: GlobOptions = {}): boolean {
  if (options.ignoreCase) return compileGlob(pattern.toLowerCase(), options)(text.toLowerCase());
  return compileGlob(pattern, options)(text);
}

/** A matcher for many texts. */
export function compileGlob(pattern: string, options: GlobOptions = {}): (text: string) => boolean {
  const tokens = tokenize(pattern, options.extglob ?? true, { at: 0 }, false)[0] as Token[];
  return (text) => {
    const budget = { left: BUDGET };
    return match(tokens, 0, text, 0, text.length, budget);
  };
}

/** Whether `pattern` has an unescaped pattern character. */
export function hasGlob(pattern: string): boolean {
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i] as string;
    if (c === '\\') i++;
    else if (c === '*' || c === '?') return true;
    else if (c === '[' && pattern.indexOf(']', i + 1) > 0) return true;
    else if ('+@!'.includes(c) && pattern[i + 1] === '(') return true;
  }
  return false;
}

/** Text that matches itself literally. */
export const escapeGlob = (text: string): string => text.replace(/[\\*?[\]+@!()|]/g, '\\$&');

/** The pattern without its escapes. */
export const unescapeGlob = (pattern: string): string => pattern.replace(/\\(.)/gs, '$1');

function tokenize(p: string, ext: boolean, at: { at: number }, inGroup: boolean): Token[][] {
  const alternatives: Token[][] = [[]];
  while (at.at < p.length) {
    const out = alternatives[alternatives.length - 1] as Token[];
    const c = p[at.at] as string;
    if (inGroup && c === ')') break;
    at.at++;
    if (inGroup && c === '|') alternatives.push([]);
    else if (c === '\\' && at.at < p.length) out.push({ kind: 'char', char: p[at.at++] as string });
    else if (ext && '?*+@!'.includes(c) && p[at.at] === '(' && closes(p, at.at)) {
      at.at++;
      const inner = tokenize(p, ext, at, true);
      at.at++;
      out.push({ kind: 'group', op: c, alternatives: inner });
    } else if (c === '*') {
      if (out[out.length - 1]?.kind !== 'star') out.push({ kind: 'star' });
    } else if (c === '?') out.push({ kind: 'any' });
    else if (c === '[') {
      const set = readSet(p, at.at);
      if (set) {
        out.push(set.token);
        at.at = set.end;
      } else out.push({ kind: 'char', char: c });
    } else out.push({ kind: 'char', char: c });
  }
  return alternatives;
}

function closes(p: string, open: number): boolean {
  let depth = 0;
  for (let i = open; i < p.length; i++) {
    if (p[i] === '\\') i++;
    else if (p[i] === '(') depth++;
    else if (p[i] === ')' && --depth === 0) return true;
  }
  return false;
}

function readSet(p: string, start: number): { token: Token; end: number } | null {
  let i = start;
  const negated = p[i] === '!' || p[i] === '^';
  if (negated) i++;
  const ranges: [string, string][] = [];
  const classes: string[] = [];
  for (let first = true; i < p.length; first = false) {
    let c = p[i] as string;
    if (c === ']' && !first) return { token: { kind: 'set', negated, ranges, classes }, end: i + 1 };
    const named = /^\[:(\w+):\]/.exec(p.slice(i, i + 12));
    if (named) {
      classes.push(named[1] as string);
      i += named[0].length;
      continue;
    }
    if (c === '\\' && i + 1 < p.length) c = p[++i] as string;
    i++;
    if (p[i] === '-' && p[i + 1] !== undefined && p[i + 1] !== ']') {
      let to = p[i + 1] as string;
      i += 2;
      if (to === '\\' && i < p.length) to = p[i++] as string;
      ranges.push([c, to]);
    } else ranges.push([c, c]);
  }
  return null;
}

/** Whether `char` belongs to a POSIX class such as `alpha`. */
export function inClass(name: string, char: string): boolean {
  switch (name) {
    case 'alpha':
      return /[A-Za-z]/.test(char);
    case 'digit':
      return char >= '0' && char <= '9';
    case 'alnum':
      return /[A-Za-z0-9]/.test(char);
    case 'upper':
      return char >= 'A' && char <= 'Z';
    case 'lower':
      return char >= 'a' && char <= 'z';
    case 'space':
      return /[ \t\n\v\f\r]/.test(char);
    case 'blank':
      return char === ' ' || char === '\t';
    case 'punct':
      return /[!-/:-@[-`{-~]/.test(char);
    case 'xdigit':
      return /[0-9A-Fa-f]/.test(char);
    case 'cntrl':
      return char < ' ' || char === '\x7f';
    case 'print':
      return char >= ' ' && char !== '\x7f';
    case 'graph':
      return char > ' ' && char !== '\x7f';
    case 'word':
      return /\w/.test(char);
    default:
      return false;
  }
}

function one(token: Token, char: string): boolean {
  if (token.kind === 'char') return token.char === char;
  if (token.kind === 'any') return true;
  if (token.kind !== 'set') return false;
  const within =
    token.ranges.some(([from, to]) => char >= from && char <= to) || token.classes.some((c) => inClass(c, char));
  return within !== token.negated;
}

function match(
  tokens: readonly Token[],
  from: number,
  text: string,
  start: number,
  end: number,
  budget: { left: number },
): boolean {
  let t = from;
  let i = start;
  let starAt = -1;
  let starText = 0;
  for (;;) {
    if (budget.left-- <= 0) return false;
    const token = tokens[t];
    if (!token && i === end) return true;
    if (token?.kind === 'group') {
      if (matchGroup(token, tokens, t, text, i, end, budget)) return true;
    } else if (token?.kind === 'star') {
      starAt = t++;
      starText = i;
      continue;
    } else if (token && i < end && one(token, text[i] as string)) {
      t++;
      i++;
      continue;
    }
    if (starAt < 0 || starText >= end) return false;
    t = starAt + 1;
    i = ++starText;
  }
}

function matchGroup(
  group: Token & { kind: 'group' },
  tokens: readonly Token[],
  at: number,
  text: string,
  i: number,
  end: number,
  budget: { left: number },
): boolean {
  const rest = (from: number) => match(tokens, at + 1, text, from, end, budget);
  const { op, alternatives } = group;
  if (op === '!') {
    for (let to = end; to >= i; to--) {
      if (!alternatives.some((a) => match(a, 0, text, i, to, budget)) && rest(to)) return true;
    }
    return false;
  }
  if ((op === '?' || op === '*') && rest(i)) return true;
  for (let to = i; to <= end; to++) {
    if (budget.left <= 0) return false;
    if (!alternatives.some((a) => match(a, 0, text, i, to, budget))) continue;
    if (rest(to)) return true;
    const again = op === '*' || op === '+';
    if (again && to > i && matchGroup(group, tokens, at, text, to, end, budget)) return true;
  }
  return false;
}
