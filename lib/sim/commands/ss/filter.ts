/** The filter expression of ss(8): ssfilter.y, its words split at blanks. */
import { type Ip, parseIp } from '../../addr/ip.ts';
import { servicePort } from '../../linux/resolve/services.ts';
import type { SockAddr, Socket } from '../../linux/types.ts';
import { Exit, notModelledExit } from '../../text/iproute.ts';
import { USAGE } from './usage.ts';

type Compare = '=' | '!=' | '<' | '>' | '<=' | '>=';
export type Test =
  | { kind: 'and' | 'or'; of: Test[] }
  | { kind: 'not'; of: Test }
  | { kind: 'host'; side: 'local' | 'peer'; ip: Ip | null; bits: number; port: number | null }
  | { kind: 'port'; side: 'local' | 'peer'; port: number; compare: Compare }
  | { kind: 'dev'; index: number }
  | { kind: 'mark'; mark: number; mask: number };

/** What a test looks at. */
export interface Seen {
  local: SockAddr;
  remote: SockAddr;
  dev: number;
  mark: number;
}

const ANY: SockAddr = { ip: 0, port: 0 };
export const seen = (s: Socket): Seen => ({ local: s.local, remote: s.remote ?? ANY, dev: s.dev, mark: s.mark });

const OPERATORS: Readonly<Record<string, Compare>> = {
  '=': '=',
  '==': '=',
  eq: '=',
  '!=': '!=',
  ne: '!=',
  neq: '!=',
  '<': '<',
  lt: '<',
  '>': '>',
  gt: '>',
  '<=': '<=',
  le: '<=',
  leq: '<=',
  '>=': '>=',
  ge: '>=',
  geq: '>=',
};
const AND = ['&', '&&', 'and'];
const OR = ['|', '||', 'or'];
const NOT = ['!', 'not'];
const KEYWORDS = ['src', 'dst', 'sport', 'dport', 'dev', 'fwmark', 'cgroup', 'autobound'];
const SPECIAL = new Set([...AND, ...OR, ...NOT, '(', ')', ...KEYWORDS, ...Object.keys(OPERATORS)]);

const compared = (a: number, b: number, compare: Compare): boolean => {
  switch (compare) {
    case '=':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
  }
};

function inPrefix(ip: Ip, prefix: Ip, bits: number): boolean {
  if (typeof ip !== typeof prefix) return false;
  const shift = BigInt((typeof ip === 'bigint' ? 128 : 32) - bits);
  return BigInt(ip) >> shift === BigInt(prefix) >> shift;
}

export function passes(s: Seen, test: Test): boolean {
  switch (test.kind) {
    case 'and':
      return test.of.every((t) => passes(s, t));
    case 'or':
      return test.of.some((t) => passes(s, t));
    case 'not':
      return !passes(s, test.of);
    case 'dev':
      return s.dev === test.index;
    case 'mark':
      return (s.mark & test.mask) >>> 0 === test.mark;
    case 'port':
      return compared(s[test.side === 'local' ? 'local' : 'remote'].port, test.port, test.compare);
    case 'host': {
      const at = s[test.side === 'local' ? 'local' : 'remote'];
      return (test.ip === null || inPrefix(at.ip, test.ip, test.bits)) && (test.port === null || at.port === test.port);
    }
  }
}

const syntaxError = (): Exit =>
  new Exit(255, `ss: bison bellows (while parsing filter): "syntax error!" Sorry.\n${USAGE}`);
const badAddress = (text = ''): Exit => new Exit(1, `${text}Cannot parse dst/src address.\n`);

function portOf(text: string): number {
  const port = /^-?(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : servicePort(text)?.port;
  if (port === undefined) throw badAddress(`Error: "${text}" does not look like a port.\n`);
  return port;
}

/** parse_hostcond(): `ADDR`, `ADDR/LEN`, `ADDR:PORT`, `[ADDR]:PORT`, `:PORT`, with a family before it. */
function host(word: string, side: 'local' | 'peer'): Test {
  if (/^(unix|netlink|vsock|tipc):/.test(word)) throw notModelledExit(`ss filter ${word}`);
  if (word.startsWith('link:')) throw badAddress();
  const text = word.replace(/^inet6?:/, '');
  const bracketed = /^\[([^\]]*)\](\/\d+)?(?::(.*))?$/.exec(text);
  const colon = text.lastIndexOf(':');
  const address = bracketed ? `${bracketed[1]}${bracketed[2] ?? ''}` : colon < 0 ? text : text.slice(0, colon);
  const port = bracketed ? bracketed[3] : colon < 0 ? undefined : text.slice(colon + 1);
  const at = port && port !== '*' ? portOf(port) : null;
  if (address === '' || address === '*') return { kind: 'host', side, ip: null, bits: 0, port: at };
  const [base = '', length] = address.split('/');
  const ip = parseIp(base);
  const widest = typeof ip === 'bigint' ? 128 : 32;
  const bits = length === undefined ? widest : /^\d+$/.test(length) ? Number(length) : -1;
  if (ip === null || bits < 0 || bits > widest)
    throw badAddress(`Error: an inet prefix is expected rather than "${address}".\n`);
  return { kind: 'host', side, ip, bits, port: at };
}

/** A word where none of the keywords is due: it is read as what the keyword before it takes, and refused after. */
function stray(word: string): never {
  host(word, 'local');
  throw syntaxError();
}

class Parser {
  constructor(
    private readonly words: string[],
    private readonly ifindex: (name: string) => number | null,
  ) {}

  whole(): Test | null {
    if (this.words.length === 0) return null;
    const test = this.or();
    if (this.words.length > 0) throw syntaxError();
    return test;
  }

  private next(set: readonly string[]): boolean {
    if (!set.includes(this.words[0] ?? '')) return false;
    this.words.shift();
    return true;
  }

  private or(): Test {
    const of = [this.and()];
    while (this.next(OR)) of.push(this.and());
    return of.length === 1 ? (of[0] as Test) : { kind: 'or', of };
  }

  private and(): Test {
    const of = [this.one()];
    while (this.words.length > 0 && this.words[0] !== ')' && !OR.includes(this.words[0] as string)) {
      this.next(AND);
      of.push(this.one());
    }
    return of.length === 1 ? (of[0] as Test) : { kind: 'and', of };
  }

  private one(): Test {
    const word = this.words.shift();
    if (word === undefined) throw syntaxError();
    if (word === '(') {
      const inner = this.or();
      if (this.words.shift() !== ')') throw syntaxError();
      return inner;
    }
    if (NOT.includes(word)) return { kind: 'not', of: this.one() };
    if (!SPECIAL.has(word)) return stray(word);
    if (word === 'autobound') throw notModelledExit('ss filter autobound');
    if (!KEYWORDS.includes(word)) throw syntaxError();
    return this.condition(word);
  }

  private condition(word: string): Test {
    const compare = OPERATORS[this.words[0] ?? ''];
    if (compare) this.words.shift();
    const target = this.words.shift();
    if (target === undefined || SPECIAL.has(target)) throw syntaxError();
    const side = word === 'sport' || word === 'src' ? 'local' : 'peer';
    if (word.endsWith('port'))
      return { kind: 'port', side, port: portOf(target.replace(/^.*:/, '')), compare: compare ?? '=' };
    if (compare && compare !== '=' && (compare !== '!=' || side === 'local' || word === 'dst')) throw syntaxError();
    if (word === 'src' || word === 'dst') return host(target, side);
    const test = word === 'dev' ? this.dev(target) : word === 'fwmark' ? mark(target) : cgroup(target);
    return compare === '!=' ? { kind: 'not', of: test } : test;
  }

  private dev(name: string): Test {
    const index = this.ifindex(name);
    if (index === null) throw new Exit(1, 'Cannot parse device.\n');
    return { kind: 'dev', index };
  }
}

function mark(text: string): Test {
  const [value = '', mask = '0xffffffff'] = text.split('/');
  const number = (t: string): number => (/^(0x[0-9a-f]+|\d+)$/i.test(t) ? Number(t) : Number.NaN);
  if (Number.isNaN(number(value)) || Number.isNaN(number(mask))) throw new Exit(1, `Cannot parse mark ${text}.\n`);
  return { kind: 'mark', mark: number(value), mask: number(mask) };
}

function cgroup(text: string): never {
  throw notModelledExit(`ss filter cgroup ${text}`);
}

/** Reads an expression. Ends the program for what ss refuses or the model lacks. */
export function parseFilter(words: readonly string[], ifindex: (name: string) => number | null): Test | null {
  return new Parser(
    words.flatMap((w) => w.split(/[ \t]+/)).filter((w) => w !== ''),
    ifindex,
  ).whole();
}
