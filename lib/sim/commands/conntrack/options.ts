/** conntrack's command line. */

import { bitsOf, type Ip, parseIp } from '../../addr/ip.ts';
import { PROTO_NAMES } from '../../linux/conntrack/format.ts';
import { TCP_STATES } from '../../linux/conntrack/tcp.ts';
import { maskLength } from '../../linux/netfilter/head.ts';

/** Wrong usage: exit status 2 with advice. */
export class UsageError extends Error {
  /** What was said before. */
  notes = '';
}

/** Known and not modelled. */
export class NotModelled extends Error {}

export interface AddressFilter {
  ip: Ip;
  len: number;
}

export interface Query {
  op: string;
  table: string;
  family: 4 | 6 | null;
  proto: number | null;
  /** `orig-src`, `orig-dst`, `reply-src`, `reply-dst`, `src-nat`, `dst-nat`, `any-nat`; null for "any". */
  addresses: Map<string, AddressFilter | null>;
  ports: Map<string, number>;
  /** Ports behind the addresses of -n, -g and -j. */
  natPorts: Map<string, number>;
  icmp: Map<string, number>;
  state: string | null;
  status: string[];
  mark: { value: number; mask: number } | null;
  zone: number | null;
  timeout: number | null;
  output: Set<string>;
  events: Set<string>;
  zero: boolean;
  /** What goes to stderr before the answer. */
  notes: string[];
  /** Letters of the options given. */
  given: Set<string>;
}

const COMMANDS = 'LGDIUEFCSAVh';
/** Commands that a table may follow; one that hangs on the letter is taken and forgotten (get_optional_arg()). */
const TABLED = 'LGDIUEFCA';
const LONG: [string, string][] = [
  ['dump', 'L'],
  ['create', 'I'],
  ['add', 'A'],
  ['delete', 'D'],
  ['update', 'U'],
  ['get', 'G'],
  ['flush', 'F'],
  ['event', 'E'],
  ['count', 'C'],
  ['counter', 'C'],
  ['stats', 'S'],
  ['version', 'V'],
  ['help', 'h'],
  ['src', 's'],
  ['dst', 'd'],
  ['orig-src', 's'],
  ['orig-dst', 'd'],
  ['reply-src', 'r'],
  ['reply-dst', 'q'],
  ['protonum', 'p'],
  ['timeout', 't'],
  ['status', 'u'],
  ['zero', 'z'],
  ['event-mask', 'e'],
  ['family', 'f'],
  ['src-nat', 'n'],
  ['dst-nat', 'g'],
  ['any-nat', 'j'],
  ['mark', 'm'],
  ['output', 'o'],
  ['buffer-size', 'b'],
  ['zone', 'w'],
  ['orig-zone', '1'],
  ['reply-zone', '2'],
  ['mask-src', '{'],
  ['mask-dst', '}'],
  ['tuple-src', '['],
  ['tuple-dst', ']'],
  ['label', 'l'],
  ['secmark', 'c'],
  ['id', 'i'],
];
/** Options of one protocol, known once -p was read. */
const PORT_OPTIONS: Record<string, string> = {
  sport: 'orig-sport',
  dport: 'orig-dport',
  'orig-port-src': 'orig-sport',
  'orig-port-dst': 'orig-dport',
  'reply-port-src': 'reply-sport',
  'reply-port-dst': 'reply-dport',
};
const TABLES = ['expect', 'conntrack', 'dying', 'unconfirmed'];
const STATUS = 'ASSURED SEEN_REPLY UNSET FIXED_TIMEOUT UNREPLIED SRC_NAT DST_NAT OFFLOAD HW_OFFLOAD'.split(' ');
const OUTPUT = 'xml extended timestamp id ktimestamp labels userspace save'.split(' ');
const EVENTS = 'ALL NEW UPDATES DESTROY'.split(' ');

/** parse_parameter(): words between commas, in either case and as short as one likes; the first that fits counts. */
function parameters(text: string, known: readonly string[]): string[] {
  const words = text.split(',');
  return words.map((word, i) => {
    const found = word === '' ? undefined : known.find((k) => k.toLowerCase().startsWith(word.toLowerCase()));
    if (found === undefined) throw new UsageError(`Bad parameter \`${words.slice(i).join(',')}'`);
    return found;
  });
}
const VALUED = 'sdrqpfutembow12{}[]lci';
const OPTIONAL = 'njg';
const SIDES: Record<string, string> = {
  s: 'orig-src',
  d: 'orig-dst',
  r: 'reply-src',
  q: 'reply-dst',
  n: 'src-nat',
  g: 'dst-nat',
  j: 'any-nat',
};
/** The order in which a command's options are looked through, each with the name that is printed (optflags[]). */
const NAMES: readonly [letter: string, name: string][] = [
  ['s', 'src'],
  ['d', 'dst'],
  ['r', 'reply-src'],
  ['q', 'reply-dst'],
  ['p', 'protonum'],
  ['t', 'timeout'],
  ['u', 'status'],
  ['z', 'zero'],
  ['e', 'event-mask'],
  ['m', 'mark'],
  ['i', 'id'],
  ['f', 'family'],
  ['n', 'src-nat'],
  ['g', 'dst-nat'],
  ['o', 'output'],
  ['c', 'secmark'],
  ['b', 'buffer-size'],
  ['j', 'any-nat'],
  ['w', 'zone'],
  ['[', 'tuple-src'],
  [']', 'tuple-dst'],
];

/** Options each command takes besides those of protocols; C, F and S take none. */
const TAKES: Record<string, string> = {
  L: 'sdrqpuzmfngocjw12{}l',
  I: 'sdrqptumfngow12',
  A: 'sdrqptumfngow12',
  U: 'sdrqptumfngoiw12{}',
  D: 'sdrqptumfngoiw12{}lcj',
  G: 'sdrqpufmngowic12{}ztjl',
  E: 'sdrqpemfngocbjw12{}lu',
};

function parseAddress(text: string): AddressFilter {
  const [host = '', mask] = text.split('/');
  const ip = parseIp(host);
  if (ip === null) throw new UsageError(`Invalid IP address \`${host}'`);
  const bits = bitsOf(ip);
  if (mask === undefined) return { ip, len: bits };
  if (!/^\d+$/.test(mask) || Number(mask) > bits) throw new UsageError('Invalid netmask');
  return { ip, len: Number(mask) };
}

/** Without a file of label names. */
const NO_LABELS = 'nfct_labelmap_new: No such file or directory\n';

function unknownLabel(name: string): UsageError {
  const error = new UsageError(`unknown label '${name}'`);
  error.notes = NO_LABELS;
  return error;
}

/** `ADDR[:PORT]` of --src-nat and --dst-nat. */
function natAddress(q: Query, letter: string, text: string): AddressFilter {
  const m = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(text);
  if (!m) return parseAddress(text);
  q.natPorts.set(letter, Number(m[3]));
  return parseAddress(m[1] ?? m[2] ?? '');
}

const strtoul = (text: string): number => {
  const m = /^\s*(0x[0-9a-fA-F]+|\d+)/.exec(text);
  return m ? Number(m[1]) : 0;
};

function parseProto(text: string): number {
  const named = Object.entries(PROTO_NAMES).find(([, name]) => name === text);
  const number = named ? Number(named[0]) : /^\d+$/.test(text) ? Number(text) : null;
  if (number === null || number > 255) throw new UsageError(`\`${text}' unsupported protocol`);
  return number;
}

/** Reads the words after the program's name. Throws {@link UsageError}. */
export function readQuery(argv: readonly string[]): Query {
  const q: Query = {
    op: '',
    table: 'conntrack',
    family: null,
    proto: null,
    addresses: new Map(),
    ports: new Map(),
    natPorts: new Map(),
    icmp: new Map(),
    state: null,
    status: [],
    mark: null,
    zone: null,
    timeout: null,
    output: new Set(),
    events: new Set(),
    zero: false,
    notes: [],
    given: new Set(),
  };
  const { given } = q;
  let i = 0;
  const next = (word: string): string => {
    const value = argv[i++];
    if (value === undefined) throw new UsageError(`option \`${word}' requires an argument`);
    return value;
  };
  const setCommand = (letter: string, last: boolean) => {
    if (q.op !== '') throw new UsageError('Invalid commands combination');
    q.op = letter;
    const table = argv[i];
    if (last && !'Vh'.includes(letter) && table !== undefined && table[0] !== '-') {
      i++;
      const named = TABLES.find((t) => t.startsWith(table));
      if (named === undefined) throw new UsageError(`unknown type \`${table}'`);
      q.table = named;
    }
  };
  const take = (letter: string, word: string, inline: string | null, last = true): void => {
    if (COMMANDS.includes(letter)) {
      setCommand(letter, last);
      return;
    }
    if (OPTIONAL.includes(letter)) {
      const follows = argv[i];
      const value = inline ?? (follows !== undefined && follows[0] !== '-' ? argv[i++] : undefined);
      q.addresses.set(SIDES[letter] as string, value === undefined ? null : natAddress(q, letter, value));
      given.add(letter);
      return;
    }
    if (letter === 'z') {
      given.add(letter);
      q.zero = true;
      return;
    }
    const value = inline ?? next(word);
    given.add(letter);
    option(q, letter, value);
  };
  while (i < argv.length) {
    const word = argv[i++] as string;
    if (word === '-R' || word === '--load-file') throw new NotModelled('conntrack -R');
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      const inline = equals < 0 ? null : word.slice(equals + 1);
      if (protocolOption(q, name, () => inline ?? next(word))) continue;
      const exact = LONG.find(([l]) => l === name);
      const found = exact ? [exact] : LONG.filter(([l]) => l.startsWith(name));
      if (found.length !== 1) throw new UsageError(`unknown option \`${word}'`);
      take((found[0] as [string, string])[1], word, inline);
    } else if (word.length > 1 && word[0] === '-') {
      for (let j = 1; j < word.length; j++) {
        const letter = word[j] as string;
        if (!(COMMANDS + VALUED + OPTIONAL + 'z').includes(letter))
          throw new UsageError(`unknown option \`-${letter}'`);
        const rest = word.slice(j + 1);
        const inline = rest !== '' && (VALUED + OPTIONAL + TABLED).includes(letter) ? rest : null;
        take(letter, `-${letter}`, inline, rest === '');
        if (inline !== null) break;
      }
    }
    // Other words are passed over: getopt_long leaves them for last, and nobody reads them.
  }
  const takes = TAKES[q.op] ?? '';
  const illegal = NAMES.find(([letter]) => given.has(letter) && !takes.includes(letter));
  if (illegal) throw new UsageError(`Illegal option \`--${illegal[1]}' with this command`);
  if (given.has('i')) throw new NotModelled('conntrack --id');
  for (const [mask, letter, name] of [
    ['{', 's', 'src'],
    ['}', 'd', 'dst'],
  ] as const)
    if (given.has(mask) && !given.has(letter)) throw new UsageError(`Can't use --mask-${name} without --${name}`);
  if (q.op === 'D' && q.table.startsWith('e') && !given.has('s'))
    throw new UsageError("You need to supply the `--src' option for this command");
  return q;
}

function option(q: Query, letter: string, value: string): void {
  switch (letter) {
    case 's':
    case 'd':
    case 'r':
    case 'q': {
      const address = parseAddress(value);
      q.addresses.set(SIDES[letter] as string, address);
      const family = typeof address.ip === 'bigint' ? 6 : 4;
      if (q.family !== null && q.family !== family) throw new UsageError('mismatched address family');
      q.family = family;
      break;
    }
    case '{':
    case '}': {
      const mask = parseIp(value);
      const side = q.addresses.get(letter === '{' ? 'orig-src' : 'orig-dst');
      const len = mask === null ? null : maskLength(mask);
      if (len === null) throw new UsageError(`Invalid IP address \`${value}'`);
      if (side) side.len = len;
      break;
    }
    case 'l':
      throw unknownLabel(value);
    case '1':
    case '2':
      q.zone = strtoul(value);
      break;
    case 'p':
      q.proto = parseProto(value);
      break;
    case 'f':
      if (value !== 'ipv4' && value !== 'ipv6') throw new UsageError(`\`${value}' unsupported protocol`);
      q.family = value === 'ipv4' ? 4 : 6;
      break;
    case 'm': {
      const [mark = '', mask] = value.split('/');
      q.mark = { value: strtoul(mark), mask: mask === undefined ? 0xffffffff : strtoul(mask) };
      break;
    }
    case 'w':
      q.zone = strtoul(value);
      break;
    case 't':
      q.timeout = strtoul(value);
      break;
    case 'u':
      q.status.push(...parameters(value, STATUS));
      break;
    case 'o':
      for (const word of parameters(value, OUTPUT)) {
        if (word === 'labels') q.notes.push(NO_LABELS);
        q.output.add(word);
      }
      break;
    case 'e':
      for (const word of parameters(value, EVENTS)) {
        q.events.add(word);
      }
      break;
    default:
      break;
  }
}

/** `--dport` and the like, once the protocol is known. True when it was one. */
function protocolOption(q: Query, name: string, value: () => string): boolean {
  if (q.proto === 6 || q.proto === 17 || q.proto === 132 || q.proto === 33 || q.proto === 136) {
    const port = PORT_OPTIONS[name];
    if (port) {
      q.ports.set(port, strtoul(value()));
      return true;
    }
    if (name === 'state' && q.proto === 6) {
      const state = value();
      if (!TCP_STATES.includes(state) && state !== 'LISTEN' && state !== 'NONE')
        throw new UsageError(`unknown TCP state \`${state}'`);
      q.state = state;
      return true;
    }
  }
  if ((q.proto === 1 || q.proto === 58) && /^icmp(v6)?-(type|code|id)$/.test(name)) {
    q.icmp.set(name.replace(/^icmp(v6)?-/, ''), strtoul(value()));
    return true;
  }
  return false;
}
