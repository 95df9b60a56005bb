/** The command line of ss(8): options, socket tables and states. */

import type { Socket, TcpState } from '../../linux/types.ts';
import { Exit, notModelledExit } from '../../text/iproute.ts';
import { parseFilter, type Test } from './filter.ts';
import { USAGE } from './usage.ts';

/** The tables of sockets: the ones the model has, and those that are always empty here. */
const INET = ['tcp', 'mptcp', 'udp', 'dccp', 'sctp', 'raw'] as const;
const UNIX = ['unix_dgram', 'unix_stream', 'unix_seqpacket'] as const;
const VSOCK = ['vsock_stream', 'vsock_dgram'] as const;
const PACKET = ['packet_raw', 'packet_dgram'] as const;
const TABLES = [...INET, ...UNIX, ...PACKET, 'netlink', ...VSOCK, 'tipc', 'xdp'] as const;
export type Table = (typeof TABLES)[number];

export interface Options {
  numeric: boolean;
  processes: boolean;
  summary: boolean;
  header: boolean;
  kill: boolean;
  timers: boolean;
  families: Set<4 | 6>;
  tables: Set<Table>;
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

const LONG: Readonly<Record<string, string>> = {
  numeric: 'n',
  resolve: 'r',
  all: 'a',
  listening: 'l',
  options: 'o',
  extended: 'e',
  memory: 'm',
  processes: 'p',
  threads: 'T',
  info: 'i',
  summary: 's',
  bpf: 'b',
  events: 'E',
  context: 'Z',
  contexts: 'z',
  net: 'N',
  ipv4: '4',
  ipv6: '6',
  packet: '0',
  tcp: 't',
  mptcp: 'M',
  sctp: 'S',
  udp: 'u',
  dccp: 'd',
  raw: 'w',
  unix: 'x',
  family: 'f',
  kill: 'K',
  'no-header': 'H',
  oneline: 'O',
  query: 'A',
  socket: 'A',
  diag: 'D',
  filter: 'F',
  help: 'h',
  version: 'V',
};
/** Long options without a letter: a table of their own, or something the model lacks. */
const LONG_ONLY: Readonly<Record<string, string>> = {
  tipc: 'tipc',
  vsock: 'vsock',
  xdp: 'xdp',
  tos: '',
  cgroup: '',
  tipcinfo: '',
  'inet-sockopt': '',
};

const QUERIES: Readonly<Record<string, readonly Table[]>> = {
  all: TABLES,
  inet: INET,
  unix: UNIX,
  packet: PACKET,
  vsock: VSOCK,
  u_dgr: ['unix_dgram'],
  u_str: ['unix_stream'],
  u_seq: ['unix_seqpacket'],
  p_raw: ['packet_raw'],
  p_dgr: ['packet_dgram'],
  ...Object.fromEntries(TABLES.map((t) => [t, [t]])),
};

/** What `-f` picks, and the states it shows by itself. */
const FAMILIES: Readonly<Record<string, { tables: readonly Table[]; states: readonly string[] }>> = {
  inet: { tables: INET, states: DEFAULT },
  inet6: { tables: INET, states: DEFAULT },
  unix: { tables: UNIX, states: [...DEFAULT, 'UNCONN'] },
  link: { tables: PACKET, states: ['UNCONN'] },
  netlink: { tables: ['netlink'], states: ['UNCONN'] },
  vsock: { tables: VSOCK, states: DEFAULT },
  tipc: { tables: ['tipc'], states: DEFAULT },
  xdp: { tables: ['xdp'], states: ['UNCONN'] },
};

/** The tables a letter adds, and the states it shows by itself. */
const PICKS: Readonly<Record<string, { tables: readonly Table[]; states: readonly string[] }>> = {
  t: { tables: ['tcp'], states: DEFAULT },
  M: { tables: ['mptcp'], states: DEFAULT },
  S: { tables: ['sctp'], states: DEFAULT },
  d: { tables: ['dccp'], states: DEFAULT },
  u: { tables: ['udp'], states: ['ESTAB'] },
  w: { tables: ['raw'], states: ['ESTAB'] },
};
const FAMILY_LETTERS: Readonly<Record<string, string>> = { '4': 'inet', '6': 'inet6', x: 'unix', '0': 'link' };

const usage = (message: string): Exit => new Exit(255, `ss: ${message}\n${USAGE}`);

/** Takes the words of a command line into options, one letter at a time. */
class Reader {
  readonly opts: Options = {
    numeric: false,
    processes: false,
    summary: false,
    header: true,
    kill: false,
    timers: false,
    families: new Set(),
    tables: new Set(),
    states: new Set(),
    netns: null,
    help: false,
    version: false,
    test: null,
  };
  all = false;
  listening = false;
  queried = false;
  /** The tables a family stands for, taken when nothing names a table. */
  readonly ofFamilies = new Set<Table>();

  family(name: string): void {
    if (name === 'help') {
      this.opts.help = true;
      return;
    }
    const found = FAMILIES[name];
    if (!found) throw usage(`"${name}" is invalid family`);
    if (name === 'inet') this.opts.families.add(4);
    if (name === 'inet6') this.opts.families.add(6);
    for (const t of found.tables) this.ofFamilies.add(t);
    for (const s of found.states) this.opts.states.add(s);
  }

  query(list: string): void {
    if (!this.queried) {
      this.queried = true;
      this.opts.tables.clear();
      for (const s of DEFAULT) this.opts.states.add(s);
    }
    for (const part of list.split(',')) {
      const gone = part.startsWith('!');
      const tables = QUERIES[gone ? part.slice(1) : part];
      if (!tables) throw usage(`"${part}" is illegal socket table id`);
      for (const t of tables) gone ? this.opts.tables.delete(t) : this.opts.tables.add(t);
    }
    if (this.opts.tables.size === 0) throw new Exit(0, 'ss: no socket tables to show with such filter.\n');
  }

  take(letter: string, value: () => string): void {
    const { opts } = this;
    const pick = PICKS[letter];
    const family = FAMILY_LETTERS[letter];
    if (pick) {
      for (const t of pick.tables) opts.tables.add(t);
      for (const s of pick.states) opts.states.add(s);
    } else if (family) this.family(family);
    else if (letter === 'n' || letter === 'r') opts.numeric = letter === 'n' || opts.numeric;
    else if (letter === 'a') this.all = true;
    else if (letter === 'l') this.listening = true;
    else if (letter === 'p') opts.processes = true;
    else if (letter === 's') opts.summary = true;
    else if (letter === 'H') opts.header = false;
    else if (letter === 'K') opts.kill = true;
    else if (letter === 'N') opts.netns = value();
    else if (letter === 'h') opts.help = true;
    else if (letter === 'V' || letter === 'v') opts.version = true;
    else if (letter === 'f') this.family(value());
    else if (letter === 'A') this.query(value());
    else if (letter === 'Z' || letter === 'z') throw new Exit(1, 'ss: SELinux is not enabled.\n');
    else if (letter === 'F') {
      if (value() === '-') throw notModelledExit('ss -F -');
      throw new Exit(255, 'fopen filter file: No such file or directory\n');
    } else if (letter === 'D') throw notModelledExit(`ss -D ${value()}`);
    else if (letter === 'o') opts.timers = true;
    else if ('emiETb'.includes(letter)) throw notModelledExit(`ss -${letter}`);
    else if (letter !== 'O') throw usage(`invalid option -- '${letter}'`);
  }

  long(word: string, next: () => string | undefined): void {
    const [name = '', value] = word.slice(2).split('=');
    const letter = LONG[name];
    const only = LONG_ONLY[name];
    if (letter) {
      this.take(letter, () => {
        const text = value ?? next();
        if (text === undefined) throw usage(`option '--${name}' requires an argument`);
        return text;
      });
    } else if (only) this.family(only);
    else if (only === '') throw notModelledExit(`ss --${name}`);
    else throw usage(`unrecognized option '${word}'`);
  }
}

/** Reads a command line. Ends the program for what ss refuses or the model lacks. */
export function parseOptions(argv: readonly string[], ifindex: (name: string) => number | null): Options {
  const reader = new Reader();
  const { opts } = reader;
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === '--') {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (word.startsWith('--')) reader.long(word, () => argv[++i]);
    else if (word.startsWith('-') && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        let used = false;
        const letter = word[at] as string;
        reader.take(letter, () => {
          used = true;
          const text = word.slice(at + 1) || argv[++i];
          if (text === undefined) throw usage(`option requires an argument -- '${letter}'`);
          return text;
        });
        if (used || opts.help || opts.version) break;
      }
    } else words.push(word);
    if (opts.help || opts.version) return opts;
  }
  const bare = opts.tables.size === 0 && reader.ofFamilies.size === 0;
  if (opts.tables.size === 0) for (const t of bare ? TABLES : reader.ofFamilies) opts.tables.add(t);
  if (reader.all) opts.states = new Set(ALL);
  else if (reader.listening) opts.states = new Set(['LISTEN', 'UNCONN']);
  else if (bare) opts.states = new Set(DEFAULT);
  const rest = pickStates(words, opts);
  opts.test = parseFilter(rest, ifindex);
  return opts;
}

/** The leading `state NAME` and `exclude NAME`; the words after them. */
function pickStates(words: readonly string[], opts: Options): string[] {
  const rest = [...words];
  let picked = false;
  while (rest[0] === 'state' || rest[0] === 'exclude' || rest[0] === 'excl') {
    const [verb, name] = rest.splice(0, 2);
    if (name === undefined) throw new Exit(255, 'Command line is not complete. Try option "help"\n');
    const states = STATE_WORDS[name];
    if (!states) throw new Exit(255, `ss: wrong state name: ${name}\n`);
    if (verb === 'state') opts.states = new Set([...(picked ? opts.states : []), ...states]);
    else opts.states = new Set([...(picked ? opts.states : ALL)].filter((s) => !states.includes(s)));
    picked = true;
  }
  return rest;
}
