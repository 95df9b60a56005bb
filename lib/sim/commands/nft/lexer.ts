/** nft's words: what a command line or a file is cut into. The longest match wins, as in flex. */
import { parseIp6 } from '../../addr/ip.ts';
import { isKeyword } from './keywords.ts';

export type TokenKind = 'word' | 'number' | 'quoted' | 'asterisk' | 'symbol' | 'newline' | 'eof' | 'junk';
export interface Token {
  kind: TokenKind;
  text: string;
  start: number;
  end: number;
}

/** A place in the input. */
export interface Span {
  start: number;
  end: number;
}

const SYMBOL_WORDS: Readonly<Record<string, string>> = {
  eq: '==',
  ne: '!=',
  le: '<=',
  lt: '<',
  ge: '>=',
  gt: '>',
  lshift: '<<',
  rshift: '>>',
  xor: '^',
  and: '&',
  or: '|',
  not: '!',
};

const STRING = '[A-Za-z_.][A-Za-z0-9/_.-]*';
const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['symbol', /==|!=|<=|>=|<<|>>|[$[\]{}();:,./@<>=&|^!*+-]/y],
  ['word', /(?:[0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}/y],
  ['word', /\d{1,3}(?:\.\d{1,3}){3}/y],
  ['word', /8021ad|8021q/y],
  ['word', /(?=\d+[dhms])(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?/y],
  ['number', /0[xX][0-9a-fA-F]+|\d+/y],
  ['word', /[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}(?=[ \t\n:\-},])/y],
  ['quoted', /"[^"]*"/y],
  ['asterisk', new RegExp(`${STRING}\\\\?\\*(?:${STRING})?|\\\\\\*`, 'y')],
  ['word', new RegExp(STRING, 'y')],
];

/** The longest IPv6 address that starts here, in brackets or not. */
function ip6At(text: string, at: number): string | null {
  const open = text[at] === '[' ? 1 : 0;
  const run = /^[0-9a-fA-F:.]+/.exec(text.slice(at + open, at + open + 46))?.[0] ?? '';
  if (!run.includes(':')) return null;
  for (let n = run.length; n > 1; n--) {
    const word = run.slice(0, n);
    if (parseIp6(word) === null) continue;
    if (!open) return word;
    if (text[at + 1 + n] === ']') return `[${word}]`;
  }
  return null;
}

function one(text: string, at: number): Token {
  let best: Token = { kind: 'junk', text: text[at] as string, start: at, end: at + 1 };
  let length = 0;
  const ip6 = ip6At(text, at);
  if (ip6) {
    best = { kind: 'word', text: ip6.replace(/[[\]]/g, ''), start: at, end: at + ip6.length };
    length = ip6.length;
  }
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined || found.length <= length) continue;
    length = found.length;
    best = { kind, text: found, start: at, end: at + length };
  }
  if (best.kind === 'word' && SYMBOL_WORDS[best.text]) {
    best.kind = 'symbol';
    best.text = SYMBOL_WORDS[best.text] as string;
  }
  return best;
}

/** Cuts a text up. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const c = text[at] as string;
    if (c === ' ' || c === '\t') at++;
    else if (c === '\\' && text[at + 1] === '\n') at += 2;
    else if (c === '#') {
      // A line that holds nothing but a comment goes with its end.
      const alone = /(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, at - 200), at));
      while (at < text.length && text[at] !== '\n') at++;
      if (alone && at < text.length) at++;
    } else if (c === '\n') tokens.push({ kind: 'newline', text: c, start: at, end: ++at });
    else {
      const token = one(text, at);
      tokens.push(token);
      at = token.end;
    }
  }
  tokens.push({ kind: 'eof', text: '', start: at, end: at + 1 });
  return tokens;
}

const QUOTED_SYMBOLS = new Set(['{', '}', '(', ')', '[', ']', '|', '$', '=']);
const NAMES: Readonly<Record<string, string>> = { ',': 'comma', ':': 'colon', ';': 'semicolon' };
const CANONICAL: Readonly<Record<string, string>> = { mss: 'maxseg', noop: 'nop', 'sack-perm': 'sack-permitted' };

/** How bison names a token in its errors. */
export function tokenName(t: Token, scopes: readonly string[]): string {
  switch (t.kind) {
    case 'newline':
      return 'newline';
    case 'eof':
      return 'end of file';
    case 'number':
      return 'number';
    case 'quoted':
      return 'quoted string';
    case 'asterisk':
      return 'string with a trailing asterisk';
    case 'junk':
      return 'junk';
    case 'symbol':
      return NAMES[t.text] ?? (QUOTED_SYMBOLS.has(t.text) ? `'${t.text}'` : t.text);
    default:
      return isKeyword(t.text, scopes) ? (CANONICAL[t.text] ?? t.text) : 'string';
  }
}
