/** The command line of ss(8): options, states and the filter expression. */
import type { Ip } from '../../addr/ip.ts';
import { servicePort } from '../../linux/resolve/services.ts';
import type { Socket, TcpState } from '../../linux/types.ts';
import { Exit, notModelledExit } from '../../text/iproute.ts';

export type Test =
  | { kind: 'and' | 'or'; of: Test[] }
  | { kind: 'not'; of: Test }
  | { kind: 'end'; side: 'local' | 'peer'; ip: Ip | null; port: number | null; equal: boolean };

export interface Options {
  numeric: boolean;
  processes: boolean;
  summary: boolean;
  header: boolean;
  family: 0 | 4 | 6;
  kinds: Set<Socket['kind']>;
  states: Set<string>;
  netns: string | null;
  help: boolean;
  version: boolean;
  test: Test | null;
}

const STATE_NAMES: Readonly<Record<TcpState, string>> = {
  ESTABLISHED: 'ESTAB',
  SYN_SENT: 'SYN-SENT',
  SYN_RECV: 'SYN-RECV',
  FIN_WAIT1: 'FIN-WAIT-1',
  FIN_WAIT2: 'FIN-WAIT-2',
  TIME_WAIT: 'TIME-WAIT',
  CLOSE: 'UNCONN',
  CLOSE_WAIT: 'CLOSE-WAIT',
  LAST_ACK: 'LAST-ACK',
  LISTEN: 'LISTEN',
  CLOSING: 'CLOSING',
};

/** A socket's state as ss names it. */
export const stateName = (s: Socket): string => (s.tcp ? STATE_NAMES[s.tcp.state] : s.remote ? 'ESTAB' : 'UNCONN');

const ALL = Object.values(STATE_NAMES);
const without = (...gone: string[]): string[] => ALL.filter((s) => !gone.includes(s));
const CONNECTED = without('UNCONN', 'LISTEN');
const DEFAULT = without('LISTEN', 'UNCONN', 'TIME-WAIT', 'SYN-RECV');

const STATE_WORDS: Readonly<Record<string, readonly string[]>> = {
  established: ['ESTAB'],
  estab: ['ESTAB'],
  'syn-sent': ['SYN-SENT'],
  'syn-recv': ['SYN-RECV'],
  'fin-wait-1': ['FIN-WAIT-1'],
  'fin-wait-2': ['FIN-WAIT-2'],
  'time-wait': ['TIME-WAIT'],
  closed: ['UNCONN'],
  unconnected: ['UNCONN'],
  'close-wait': ['CLOSE-WAIT'],
  'last-ack': ['LAST-ACK'],
  listening: ['LISTEN'],
  listen: ['LISTEN'],
  closing: ['CLOSING'],
  all: ALL,
  connected: CONNECTED,
  synchronized: CONNECTED.filter((s) => s !== 'SYN-SENT'),
  bucket: ['SYN-RECV', 'TIME-WAIT'],
  big: without('SYN-RECV', 'TIME-WAIT'),
};

export const USAGE = `Usage: ss [ OPTIONS ]
       ss [ OPTIONS ] [ FILTER ]
`;

const LONG: Readonly<Record<string, string>> = {
  numeric: 'n',
  all: 'a',
  listening: 'l',
  processes: 'p',
  summary: 's',
  tcp: 't',
  udp: 'u',
  raw: 'w',
  ipv4: '4',
  ipv6: '6',
  'no-header': 'H',
  oneline: 'O',
  help: 'h',
  version: 'V',
  net: 'N',
  extended: 'e',
  memory: 'm',
  info: 'i',
  options: 'o',
  unix: 'x',
  kill: 'K',
  resolve: 'r',
  family: 'f',
};

/** Reads a command line. Ends the program for what ss refuses or the model lacks. */
export function parseOptions(argv: readonly string[], parseIp: (text: string) => Ip | null): Options {
  const opts: Options = {
    numeric: false,
    processes: false,
    summary: false,
    header: true,
    family: 0,
    kinds: new Set(),
    states: new Set(),
    netns: null,
    help: false,
    version: false,
    test: null,
  };
  let all = false;
  let listening = false;
  const words: string[] = [];
  const take = (letter: string, value: () => string): void => {
    if (letter === 'n') opts.numeric = true;
    else if (letter === 'a') all = true;
    else if (letter === 'l') listening = true;
    else if (letter === 'p') opts.processes = true;
    else if (letter === 's') opts.summary = true;
    else if (letter === 'H') opts.header = false;
    else if (letter === '4' || letter === '6') opts.family = letter === '4' ? 4 : 6;
    else if (letter === 't') opts.kinds.add('tcp');
    else if (letter === 'u') opts.kinds.add('udp');
    else if (letter === 'w') opts.kinds.add('raw').add('icmp');
    else if (letter === 'N') opts.netns = value();
    else if (letter === 'h') opts.help = true;
    else if (letter === 'V' || letter === 'v') opts.version = true;
    else if (letter === 'f') {
      const family = value();
      if (family !== 'inet' && family !== 'inet6') throw notModelledExit(`ss -f ${family}`);
      opts.family = family === 'inet' ? 4 : 6;
    } else if (letter !== 'O') {
      if ('oemixKEZzbrTDAFMSd0'.includes(letter)) throw notModelledExit(`ss -${letter}`);
      throw new Exit(255, `ss: invalid option -- '${letter}'\n${USAGE}`);
    }
  };
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word.startsWith('--') && word.length > 2) {
      const [name = '', value] = word.slice(2).split('=');
      const letter = LONG[name];
      if (!letter) throw new Exit(255, `ss: unrecognized option '${word}'\n${USAGE}`);
      take(letter, () => value ?? argv[++i] ?? '');
    } else if (word.startsWith('-') && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        let used = false;
        take(word[at] as string, () => {
          used = true;
          return word.slice(at + 1) || (argv[++i] ?? '');
        });
        if (used) break;
      }
    } else words.push(word);
  }
  if (opts.kinds.size === 0) for (const kind of ['tcp', 'udp', 'raw', 'icmp'] as const) opts.kinds.add(kind);
  const base = all ? ALL : listening ? ['LISTEN', 'UNCONN'] : DEFAULT;
  opts.states = new Set(base);
  opts.test = parseFilter(words, opts, parseIp);
  return opts;
}

function parseFilter(words: readonly string[], opts: Options, parseIp: (text: string) => Ip | null): Test | null {
  const rest = words
    .join(' ')
    .replace(/([()])/g, ' $1 ')
    .split(/\s+/)
    .filter((w) => w !== '');
  let picked = false;
  while (rest[0] === 'state' || rest[0] === 'exclude') {
    const [verb, name = ''] = rest.splice(0, 2);
    const states = STATE_WORDS[name];
    if (!states) throw new Exit(255, `ss: wrong state name: ${name}\n`);
    if (verb === 'state') opts.states = new Set([...(picked ? opts.states : []), ...states]);
    else opts.states = new Set([...(picked ? opts.states : ALL)].filter((s) => !states.includes(s)));
    picked = true;
  }
  return rest.length > 0 ? parseOr(rest, parseIp) : null;
}

function parseOr(words: string[], parseIp: (text: string) => Ip | null): Test {
  const of = [parseAnd(words, parseIp)];
  while (words[0] === 'or' || words[0] === '||' || words[0] === '|') {
    words.shift();
    of.push(parseAnd(words, parseIp));
  }
  return of.length === 1 ? (of[0] as Test) : { kind: 'or', of };
}

function parseAnd(words: string[], parseIp: (text: string) => Ip | null): Test {
  const of = [parseOne(words, parseIp)];
  while (words.length > 0 && words[0] !== ')' && !['or', '||', '|'].includes(words[0] as string)) {
    if (['and', '&&', '&'].includes(words[0] as string)) words.shift();
    of.push(parseOne(words, parseIp));
  }
  return of.length === 1 ? (of[0] as Test) : { kind: 'and', of };
}

const syntaxError = (): Exit => new Exit(255, 'ss: bison bellows (while parsing filter): "syntax error!" Sorry.\n');

function parseOne(words: string[], parseIp: (text: string) => Ip | null): Test {
  const word = words.shift();
  if (word === '(') {
    const inner = parseOr(words, parseIp);
    if (words.shift() !== ')') throw syntaxError();
    return inner;
  }
  if (word === 'not' || word === '!') return { kind: 'not', of: parseOne(words, parseIp) };
  if (word !== 'sport' && word !== 'dport' && word !== 'src' && word !== 'dst')
    throw word === undefined ? syntaxError() : notModelledExit(`ss filter ${word}`);
  let equal = true;
  const operator = words[0] ?? '';
  if (['=', '==', 'eq', '!=', 'ne', 'neq'].includes(operator)) {
    equal = !operator.startsWith('!') && !operator.startsWith('n');
    words.shift();
  } else if (/^(<|>|l[te]|g[te])/.test(operator)) throw notModelledExit(`ss filter ${operator}`);
  const side = word === 'sport' || word === 'src' ? 'local' : 'peer';
  const target = words.shift();
  if (target === undefined) throw syntaxError();
  if (word.endsWith('port')) return { kind: 'end', side, ip: null, port: portOf(target.replace(/^:/, '')), equal };
  const m = /^(?:\[(.*)\]|([^:]*))(?::(\S+))?$/.exec(target);
  const address = m?.[1] ?? m?.[2] ?? target;
  const ip = address === '*' || address === '' ? null : parseIp(address);
  if (ip === null && address !== '*' && address !== '') throw notModelledExit(`ss filter ${target}`);
  return { kind: 'end', side, ip, port: m?.[3] ? portOf(m[3]) : null, equal };
}

function portOf(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : servicePort(text)?.port;
  if (port === undefined || port > 65535)
    throw new Exit(255, `Error: an inet prefix is expected rather than ":${text}".\nCannot parse dst/src address.\n`);
  return port;
}
