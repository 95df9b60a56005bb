/** traceroute 2.1.2's command line (its own CLIF parser): errors exit 2. */
import { parseIp } from '../../addr/ip.ts';

export interface Options {
  family: 4 | 6 | null;
  numeric: boolean;
  method: 'default' | 'icmp' | 'tcp' | 'udp';
  first: number;
  maxHops: number;
  queries: number;
  simultaneous: number;
  port: number | null;
  /** Seconds, and factors of an answer from the same and from a later hop. */
  wait: { max: number; here: number; near: number };
  sendWait: number;
  device: string;
  source: string;
  tos: number;
  dontFragment: boolean;
  mark: number;
  host: string;
  length: number | null;
  /** --mtu: probes shrink to what the path takes. */
  mtu: boolean;
  /** --back: how many hops the answers seem to come. */
  back: boolean;
  /** -r: only hosts on a connected network. */
  onLink: boolean;
  sport: number | null;
  /** -O info: what flags a TCP answer had. */
  info: boolean;
}

export type Parsed =
  | { ok: true; options: Options }
  | { ok: false; kind: 'error' | 'help' | 'tcpHelp' | 'version' | 'notModelled'; text: string };

const FLAGS: Record<string, string> = {
  '4': '',
  '6': '',
  d: '',
  F: '',
  I: '',
  T: '',
  U: '',
  D: '',
  n: '',
  r: '',
  e: '',
  A: '',
  V: '',
};
const VALUES: Record<string, string> = {
  f: 'first_ttl',
  g: 'gate,...',
  i: 'device',
  m: 'max_ttl',
  N: 'squeries',
  p: 'port',
  t: 'tos',
  l: 'flow_label',
  w: 'MAX,HERE,NEAR',
  q: 'nqueries',
  s: 'src_addr',
  z: 'sendwait',
  M: 'name',
  O: 'OPTS,...',
  P: 'prot',
};
const LONG: Record<string, string> = {
  'dont-fragment': 'F',
  first: 'f',
  gateway: 'g',
  icmp: 'I',
  tcp: 'T',
  interface: 'i',
  'max-hops': 'm',
  'sim-queries': 'N',
  port: 'p',
  tos: 't',
  flowlabel: 'l',
  wait: 'w',
  queries: 'q',
  source: 's',
  sendwait: 'z',
  extensions: 'e',
  'as-path-lookups': 'A',
  module: 'M',
  options: 'O',
  sport: 'sport',
  fwmark: 'fwmark',
  udp: 'U',
  dccp: 'D',
  protocol: 'P',
  mtu: 'mtu',
  back: 'back',
  version: 'V',
  help: 'help',
  debug: 'd',
};
const NOT_MODELLED = ['D', 'A', 'g', 'P'];

const fail = (text: string): Parsed => ({ ok: false, kind: 'error', text });

/** Reads argv without the name. */
export function parseOptions(args: readonly string[]): Parsed {
  const o: Options = {
    family: null,
    numeric: false,
    method: 'default',
    first: 1,
    maxHops: 30,
    queries: 3,
    simultaneous: 16,
    port: null,
    wait: { max: 5, here: 3, near: 10 },
    sendWait: 0,
    device: '',
    source: '',
    tos: 0,
    dontFragment: false,
    mark: 0,
    host: '',
    length: null,
    mtu: false,
    back: false,
    onLink: false,
    sport: null,
    info: false,
  };
  const positional: { text: string; at: number }[] = [];
  if (args.length === 0) return { ok: false, kind: 'help', text: '' };
  let ended = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const at = i + 1;
    if (ended || !arg.startsWith('-') || arg === '-') {
      positional.push({ text: arg, at });
      continue;
    }
    if (arg === '--') {
      ended = true;
      continue;
    }
    if (arg.startsWith('--')) {
      const [name = '', value] = arg.slice(2).split(/=(.*)/s);
      const key = LONG[name];
      if (!key) {
        const given = value === undefined ? `${name}'` : `${name}=${value}' (with arg \`${value}')`;
        return fail(`Bad option \`--${given} (argc ${at})`);
      }
      const takes = VALUES[key] ?? (key === 'sport' || key === 'fwmark' ? 'num' : undefined);
      if (takes && value === undefined)
        return fail(`Option \`--${name}' (argc ${at}) requires an argument: \`--${name}=${takes}'`);
      const failed = set(o, key, value ?? '', `--${name}`, at);
      if (failed) return failed;
      continue;
    }
    const first = arg[1] as string;
    if (first in VALUES) {
      const value = arg.length > 2 ? arg.slice(2) : args[++i];
      if (value === undefined)
        return fail(`Option \`-${first}' (argc ${at}) requires an argument: \`-${first} ${VALUES[first]}'`);
      const failed = set(o, first, value, `-${first}`, i + 1);
      if (failed) return failed;
      continue;
    }
    for (const letter of arg.slice(1)) {
      if (letter in VALUES)
        return fail(`Option \`-${letter}' (argc ${at}) requires an argument: \`-${letter} ${VALUES[letter]}'`);
      if (!(letter in FLAGS)) return fail(`Bad option \`-${letter}' (argc ${at})`);
      const failed = set(o, letter, '', `-${letter}`, at);
      if (failed) return failed;
    }
  }
  return positionals(o, positional);
}

function positionals(o: Options, list: { text: string; at: number }[]): Parsed {
  const [host, length, extra] = list;
  if (!host) return fail('Specify "host" missing argument.');
  o.host = host.text;
  if (length) {
    if (!/^(?:0[xX][0-9a-fA-F]+|\d+)$/.test(length.text))
      return fail(`Cannot handle "packetlen" cmdline arg \`${length.text}' on position 2 (argc ${length.at})`);
    o.length = Number(length.text);
  }
  if (extra) return fail(`Extra arg \`${extra.text}' (position 3, argc ${extra.at})`);
  return range(o);
}

function range(o: Options): Parsed {
  if (o.first < 1 || o.first > o.maxHops) return fail('first hop out of range');
  if (o.maxHops > 255) return fail('max hops cannot be more than 255');
  if (o.queries < 1 || o.queries > 10) return fail('no more than 10 probes per hop');
  if (o.wait.max < 0 || o.wait.here < 0 || o.wait.near < 0)
    return fail('bad wait specifications `' + `${o.wait.max},${o.wait.here},${o.wait.near}' used`);
  if (o.length !== null && o.length > 65000) return fail(`too big packetlen ${o.length} specified`);
  return { ok: true, options: o };
}

function set(o: Options, key: string, value: string, name: string, at: number): Parsed | null {
  if (key === 'help') return { ok: false, kind: 'help', text: '' };
  if (key === 'V') return { ok: false, kind: 'version', text: '' };
  if (NOT_MODELLED.includes(key)) return { ok: false, kind: 'notModelled', text: `traceroute ${name}` };
  const bad = fail(`Cannot handle \`${name}' option with arg \`${value}' (argc ${at})`);
  const whole = /^(?:0[xX][0-9a-fA-F]+|\d+)$/.test(value) ? Number(value) : null;
  const real = /^\d*\.?\d+$|^\d+\.$/.test(value) ? Number(value) : null;
  switch (key) {
    case '4':
    case '6':
      o.family = Number(key) as 4 | 6;
      return null;
    case 'n':
      o.numeric = true;
      return null;
    case 'F':
      o.dontFragment = true;
      return null;
    case 'I':
    case 'T':
    case 'U':
      o.method = ({ I: 'icmp', T: 'tcp', U: 'udp' } as const)[key];
      return null;
    case 'M':
      if (!['default', 'icmp', 'tcp', 'udp'].includes(value)) return fail(`Unknown traceroute module ${value}`);
      o.method = value as Options['method'];
      return null;
    case 'i':
      o.device = value;
      return null;
    case 's':
      if (parseIp(value) === null)
        return fail(
          `${value}: Name or service not known\nCannot handle \`-s' option with arg \`${value}' (argc ${at})`,
        );
      o.source = value;
      return null;
    case 'w': {
      const parts = value.split(',').map(Number);
      if (parts.length > 3 || parts.some((n) => Number.isNaN(n)) || value === '') return bad;
      o.wait = { max: parts[0] as number, here: parts[1] ?? 0, near: parts[2] ?? 0 };
      return null;
    }
    case 'z':
      if (real === null) return bad;
      o.sendWait = real >= 10 ? real / 1000 : real;
      return null;
    case 'd':
    case 'e':
      return null;
    case 'mtu':
      o.mtu = o.dontFragment = true;
      o.simultaneous = 1;
      return null;
    case 'back':
      o.back = true;
      return null;
    case 'r':
      o.onLink = true;
      return null;
    case 'O':
      for (const option of value.split(',')) {
        if (option === 'info') o.info = true;
        else if (option === 'help' && o.method === 'tcp') return { ok: false, kind: 'tcpHelp', text: '' };
        else if (option !== 'syn') return { ok: false, kind: 'notModelled', text: `traceroute -O ${option}` };
      }
      return null;
  }
  if (whole === null) return bad;
  const numbers = new Map<string, (n: number) => void>([
    ['f', (n) => (o.first = n)],
    ['m', (n) => (o.maxHops = n)],
    ['q', (n) => (o.queries = n)],
    ['N', (n) => (o.simultaneous = Math.max(1, n))],
    ['p', (n) => (o.port = n & 0xffff)],
    ['t', (n) => (o.tos = n & 255)],
    ['fwmark', (n) => (o.mark = n)],
    ['l', () => 0],
    [
      'sport',
      (n) => {
        o.sport = n & 0xffff;
        o.simultaneous = 1;
      },
    ],
  ]);
  numbers.get(key)?.(whole);
  return null;
}
