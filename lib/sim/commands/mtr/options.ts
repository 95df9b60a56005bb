/** mtr 0.95's command line. */
import { shortOptions } from '../../text/shortopts.ts';
import { HELP } from './help.ts';

export interface MtrOptions {
  family: 4 | 6 | null;
  method: 'icmp' | 'udp' | 'tcp';
  output: 'report' | 'json' | 'xml' | 'csv' | null;
  wide: boolean;
  cycles: number;
  numeric: boolean;
  /** -b: addresses beside names. */
  both: boolean;
  /** Field letters in their order. */
  fields: string;
  first: number;
  max: number;
  unknown: number;
  port: number | null;
  size: number;
  /** Seconds. */
  interval: number;
  grace: number;
  tos: number;
  mark: number;
  pattern: number;
  device: string;
  source: string;
  hosts: string[];
}

export type Parsed =
  | { ok: true; options: MtrOptions }
  | { ok: false; stdout?: string; stderr?: string; exit: number }
  | { ok: false; notModelled: string };

const LONG: Record<string, string> = {
  filename: 'F:',
  udp: 'u',
  tcp: 'T',
  sctp: 'S',
  interface: 'I:',
  address: 'a:',
  'first-ttl': 'f:',
  'max-ttl': 'm:',
  'max-unknown': 'U:',
  port: 'P:',
  localport: 'L:',
  psize: 's:',
  bitpattern: 'B:',
  interval: 'i:',
  gracetime: 'G:',
  tos: 'Q:',
  mpls: 'e',
  timeout: 'Z:',
  mark: 'M:',
  report: 'r',
  'report-wide': 'w',
  'report-cycles': 'c:',
  json: 'j',
  xml: 'x',
  csv: 'C',
  raw: 'l',
  split: 'p',
  curses: 't',
  displaymode: ':',
  'no-dns': 'n',
  'show-ips': 'b',
  order: 'o:',
  ipinfo: 'y:',
  aslookup: 'z',
  help: 'h',
  version: 'v',
};
const SHORT = '46uTSI:a:f:m:U:P:L:s:B:i:G:Q:eZ:M:rwc:jxClptnbo:y:zhvF:';
export const FIELDS = ' LDRSNBAWVGJMXI';

class Wrong extends Error {}

/** strtonum_or_err(). */
function integer(text: string): number {
  if (!/^\s*[+-]?\d+$/.test(text)) throw new Wrong(`invalid argument: '${text}'`);
  return Number(text);
}

function positive(text: string): number {
  const n = Number(text);
  if (!(n > 0)) throw new Wrong('wait time must be positive');
  return n;
}

function apply(o: MtrOptions, letter: string, value: string): Parsed | null {
  const flags = new Map<string, () => void>([
    [
      '4',
      () => {
        o.family = 4;
      },
    ],
    [
      '6',
      () => {
        o.family = 6;
      },
    ],
    [
      'u',
      () => {
        o.method = 'udp';
      },
    ],
    [
      'T',
      () => {
        o.method = 'tcp';
        o.port ??= 80;
      },
    ],
    [
      'I',
      () => {
        o.device = value;
      },
    ],
    [
      'a',
      () => {
        o.source = value;
      },
    ],
    [
      'f',
      () => {
        o.first = Math.max(1, integer(value));
      },
    ],
    [
      'm',
      () => {
        o.max = Math.max(1, Math.min(30, integer(value)));
      },
    ],
    [
      'U',
      () => {
        o.unknown = Math.max(1, integer(value));
      },
    ],
    [
      'P',
      () => {
        o.port = integer(value);
        if (o.port < 1 || o.port > 65535) throw new Wrong(`Illegal port number: ${value}`);
      },
    ],
    [
      's',
      () => {
        o.size = integer(value);
      },
    ],
    [
      'B',
      () => {
        o.pattern = integer(value) & 255;
      },
    ],
    [
      'i',
      () => {
        o.interval = positive(value);
      },
    ],
    [
      'G',
      () => {
        o.grace = positive(value);
      },
    ],
    [
      'Q',
      () => {
        o.tos = integer(value) & 255;
      },
    ],
    [
      'M',
      () => {
        o.mark = integer(value);
      },
    ],
    [
      'r',
      () => {
        o.output ??= 'report';
      },
    ],
    [
      'w',
      () => {
        o.output ??= 'report';
        o.wide = true;
      },
    ],
    [
      'c',
      () => {
        o.cycles = integer(value);
      },
    ],
    [
      'j',
      () => {
        o.output = 'json';
      },
    ],
    [
      'x',
      () => {
        o.output = 'xml';
      },
    ],
    [
      'C',
      () => {
        o.output = 'csv';
      },
    ],
    [
      'n',
      () => {
        o.numeric = true;
      },
    ],
    [
      'b',
      () => {
        o.both = true;
      },
    ],
    [
      'o',
      () => {
        const bad = [...value].find((letter) => !FIELDS.includes(letter));
        if (bad !== undefined) throw new Wrong(`Unknown field identifier: ${bad}`);
        o.fields = value;
      },
    ],
    ['e', () => {}],
    ['Z', () => {}],
  ]);
  const flag = flags.get(letter);
  if (!flag) {
    if (letter === 'h') return { ok: false, stdout: HELP, exit: 0 };
    if (letter === 'v') return { ok: false, stdout: 'mtr 0.95\n', exit: 0 };
    return { ok: false, notModelled: `mtr ${letter.length === 1 ? '-' : '--'}${letter}` };
  }
  flag();
  return null;
}

/** Turns `--report-cycles 5` into `-c5`; an unknown long option is an error. */
function shorten(args: readonly string[]): { args: string[]; error: string } {
  const out: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (!word.startsWith('--') || word === '--') {
      out.push(word);
      continue;
    }
    const [name = '', glued] = word.slice(2).split(/=(.*)/s);
    const starts = Object.keys(LONG).filter((key) => key.startsWith(name));
    const key = LONG[name] ?? (starts.length === 1 ? LONG[starts[0] as string] : undefined);
    if (!key) return { args: out, error: `mtr: unrecognized option '${word}'\n` };
    if (!key.endsWith(':')) out.push(`-${key}`);
    else {
      const value = glued ?? args[++i];
      if (value === undefined) return { args: out, error: `mtr: option '${word}' requires an argument\n` };
      // The display mode is of the screen, which reports do not have.
      if (key !== ':') out.push(`-${key.slice(0, -1)}${value}`);
    }
  }
  return { args: out, error: '' };
}

/** Reads argv, the name first. */
export function parseOptions(argv: readonly string[]): Parsed {
  const o: MtrOptions = {
    family: null,
    method: 'icmp',
    output: null,
    wide: false,
    cycles: 10,
    numeric: false,
    both: false,
    fields: 'LS NABWV',
    first: 1,
    max: 30,
    unknown: 12,
    port: null,
    size: 64,
    interval: 1,
    grace: 5,
    tos: 0,
    mark: 0,
    pattern: 0,
    device: '',
    source: '',
    hosts: [],
  };
  const plain = shorten(argv.slice(1));
  const words = shortOptions(['mtr', ...plain.args], SHORT);
  const error = plain.error || words.error;
  if (error) return { ok: false, stderr: error + HELP, exit: 1 };
  try {
    for (const [letter, value] of words.options) {
      const end = apply(o, letter, value);
      if (end) return end;
    }
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { ok: false, stderr: `mtr: ${error.message}\n`, exit: 1 };
  }
  if (o.first > o.max) o.first = o.max;
  o.hosts = words.args.length > 0 ? words.args : ['localhost'];
  return { ok: true, options: o };
}
