/** nft's words: what a command line or a file is cut into. */

export type TokenKind = 'word' | 'number' | 'quoted' | 'symbol' | 'newline' | 'eof';
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

const PATTERNS: [TokenKind, RegExp][] = [
  ['quoted', /"[^"\n]*"\*?/y],
  ['word', /(?:[0-9a-fA-F]{0,4}:){2,7}(?:[0-9a-fA-F]{1,4}|\d+\.\d+\.\d+\.\d+)?/y],
  ['word', /\d{1,3}(?:\.\d{1,3}){3}/y],
  ['word', /(?:\d+[dhms]{1,2})+(?![A-Za-z0-9])/y],
  ['number', /0x[0-9a-fA-F]+|\d+(?![A-Za-z])/y],
  ['word', /[A-Za-z_.\\][A-Za-z0-9/_.\\-]*\*?/y],
  ['symbol', /==|!=|<=|>=|<<|>>|\$|[{}();:,./@<>=&|^!*-]/y],
];

/** Cuts a text up. Null for characters that nft's scanner does not know. */
export function tokenize(text: string): Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const c = text[at] as string;
    if (c === ' ' || c === '\t') {
      at++;
      continue;
    }
    if (c === '\\' && text[at + 1] === '\n') {
      at += 2;
      continue;
    }
    if (c === '#') {
      while (at < text.length && text[at] !== '\n') at++;
      continue;
    }
    if (c === '\n') {
      tokens.push({ kind: 'newline', text: c, start: at, end: ++at });
      continue;
    }
    // A lone dot joins the parts of a concatenation.
    if (c === '.' && !/[A-Za-z0-9]/.test(text[at + 1] ?? '')) {
      tokens.push({ kind: 'symbol', text: c, start: at, end: ++at });
      continue;
    }
    let hit = false;
    for (const [kind, pattern] of PATTERNS) {
      pattern.lastIndex = at;
      const found = pattern.exec(text)?.[0];
      if (found === undefined || found === '') continue;
      tokens.push({ kind, text: found, start: at, end: at + found.length });
      at += found.length;
      hit = true;
      break;
    }
    if (!hit) return null;
  }
  tokens.push({ kind: 'eof', text: '', start: at, end: at + 1 });
  return tokens;
}

const SYMBOL_NAMES: Record<string, string> = {
  '}': "'}'",
  '{': "'{'",
  '(': "'('",
  ')': "')'",
  ',': 'comma',
  '.': '.',
  ':': 'colon',
  ';': 'semicolon',
};
const KEYWORDS = new Set(
  (
    'accept drop return jump goto continue counter log reject masquerade snat dnat redirect limit meta ct ip ip6 tcp udp th icmp icmpv6 ' +
    'iif oif iifname oifname mark fib numgen vmap map set chain table rule element handle comment type hook priority policy ' +
    'flags add delete list insert flush create replace destroy to prefix level rate over burst saddr daddr sport dport state status'
  ).split(' '),
);

/** How bison names a token in its errors; null when the model does not know. */
export function tokenName(t: Token): string | null {
  if (t.kind === 'newline') return 'newline';
  if (t.kind === 'eof') return 'end of file';
  if (t.kind === 'number') return 'number';
  if (t.kind === 'quoted') return 'quoted string';
  if (t.kind === 'symbol') return SYMBOL_NAMES[t.text] ?? null;
  if (KEYWORDS.has(t.text)) return t.text;
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(t.text) ? 'string' : null;
}
