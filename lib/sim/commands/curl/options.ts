/** curl 7.88.1's command line: what is modelled of it. */

export interface Options {
  urls: string[];
  silent: boolean;
  showError: boolean;
  verbose: boolean;
  include: boolean;
  head: boolean;
  fail: boolean;
  location: boolean;
  maxRedirs: number;
  /** File of each URL in turn, from -o, or the name in the URL, from -O. */
  outputs: (string | null)[];
  writeOut: string;
  /** Seconds, 0 for none. */
  maxTime: number;
  connectTimeout: number;
  method: string;
  headers: string[];
  /** -d pieces: `@FILE` reads a file unless `literal`; `strip` leaves its newlines out. */
  data: { text: string; strip: boolean; literal: boolean }[] | null;
  get: boolean;
  agent: string;
  referer: string;
  user: string;
  cookie: string;
  family: 4 | 6 | null;
  resolve: { host: string; port: number; ips: string[] }[];
  iface: string;
  dumpHeader: string;
  http10: boolean;
  noProgress: boolean;
  /** --local-port: first and last; null for any. */
  localPort: { low: number; high: number } | null;
  connectTo: { host: string; port: number | null; toHost: string; toPort: number | null }[];
  retry: number;
  /** Seconds; 0 for one that doubles. */
  retryDelay: number;
  retryRefused: boolean;
  retryAll: boolean;
  failWithBody: boolean;
  /** What stdio holds back of standard output where that is no terminal. */
  held: { text: string };
}

export type Parsed =
  | { ok: true; options: Options }
  | { ok: false; kind: 'error' | 'help' | 'version' | 'notModelled'; text: string };

/** Short option letters by long name; a colon marks those that take a value. */
const LONG: Record<string, string> = {
  silent: 's',
  'show-error': 'S',
  verbose: 'v',
  include: 'i',
  head: 'I',
  fail: 'f',
  location: 'L',
  'max-redirs:': 'max-redirs',
  'output:': 'o',
  'remote-name': 'O',
  'write-out:': 'w',
  'max-time:': 'm',
  'connect-timeout:': 'connect-timeout',
  'request:': 'X',
  'header:': 'H',
  'data:': 'd',
  'data-ascii:': 'd',
  'data-raw:': 'data-raw',
  'data-binary:': 'data-binary',
  get: 'G',
  'user-agent:': 'A',
  'referer:': 'e',
  'user:': 'u',
  'cookie:': 'b',
  ipv4: '4',
  ipv6: '6',
  'resolve:': 'resolve',
  'interface:': 'interface',
  'dump-header:': 'D',
  'http1.0': '0',
  'http1.1': 'http1.1',
  insecure: 'k',
  'no-progress-meter': 'no-progress-meter',
  'url:': 'url',
  'no-keepalive': 'ignored',
  'no-buffer': 'N',
  compressed: 'ignored',
  globoff: 'g',
  'progress-bar': '#',
  help: 'h',
  version: 'V',
  'noproxy:': 'ignored',
  'local-port:': 'local-port',
  'connect-to:': 'connect-to',
  'retry:': 'retry',
  'retry-delay:': 'retry-delay',
  'retry-max-time:': 'retry-max-time',
  'retry-connrefused': 'retry-connrefused',
  'retry-all-errors': 'retry-all-errors',
  'fail-with-body': 'fail-with-body',
  'tcp-nodelay': 'ignored',
  'keepalive-time:': 'ignored',
  'path-as-is': 'ignored',
};
const VALUES = 'owmXHdAeubDCEFhKPQrtTUxYyz';
const FLAGS = 'sSviIfLOG460kN#gVqajJlnpRBM:';
const NOT_MODELLED = 'CEFKPQrtTUxYyzajJlnpRBM';
/** Long options curl has that are not modelled; any other name is unknown. */
const KNOWN = [
  'cacert',
  'cert',
  'key',
  'form',
  'parallel',
  'proxy',
  'socks5',
  'http2',
  'upload-file',
  'limit-rate',
  'range',
  'data-urlencode',
  'json',
  'unix-socket',
  'trace',
  'trace-ascii',
  'cookie-jar',
  'next',
  'create-dirs',
  'dns-servers',
  'tlsv1.2',
  'tlsv1.3',
  'continue-at',
  'config',
  'output-dir',
  'remote-header-name',
  'stderr',
  'request-target',
  'http2-prior-knowledge',
  'doh-url',
  'happy-eyeballs-timeout-ms',
  'rate',
];

const initial = (): Options => ({
  urls: [],
  silent: false,
  showError: false,
  verbose: false,
  include: false,
  head: false,
  fail: false,
  location: false,
  maxRedirs: 50,
  outputs: [],
  writeOut: '',
  maxTime: 0,
  connectTimeout: 0,
  method: '',
  headers: [],
  data: null,
  get: false,
  agent: 'curl/7.88.1',
  referer: '',
  user: '',
  cookie: '',
  family: null,
  resolve: [],
  iface: '',
  dumpHeader: '',
  http10: false,
  noProgress: false,
  localPort: null,
  connectTo: [],
  retry: 0,
  retryDelay: 0,
  retryRefused: false,
  retryAll: false,
  failWithBody: false,
  held: { text: '' },
});

const MORE = "curl: try 'curl --help' or 'curl --manual' for more information\n";
const fail = (text: string): Parsed => ({ ok: false, kind: 'error', text: `curl: option ${text}\n${MORE}` });

/** Reads argv without the name. */
export function parseOptions(args: readonly string[]): Parsed {
  const o = initial();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '--') {
      o.urls.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      o.urls.push(arg);
      continue;
    }
    if (arg.startsWith('--')) {
      const long = findLong(arg.slice(2));
      if (long === null) return fail(`${arg}: is unknown`);
      if (long === 'ambiguous') return fail(`${arg}: is ambiguous`);
      if (long === 'known') return { ok: false, kind: 'notModelled', text: `curl ${arg}` };
      let value = '';
      if (long.takes) {
        if (args[i + 1] === undefined) return fail(`${arg}: requires parameter`);
        value = args[++i] as string;
      }
      const failed = set(o, long.key, value, arg);
      if (failed) return failed;
      continue;
    }
    for (let at = 1; at < arg.length; at++) {
      const letter = arg[at] as string;
      let value = '';
      const takes = VALUES.includes(letter) && letter !== 'h';
      if (takes) {
        const rest = arg.slice(at + 1);
        if (rest === '' && args[i + 1] === undefined) return fail(`${arg}: requires parameter`);
        value = rest !== '' ? rest : (args[++i] as string);
        at = arg.length;
      } else if (letter !== 'h' && !FLAGS.includes(letter)) return fail(`${arg}: is unknown`);
      const failed = set(o, letter, value, arg);
      if (failed) return failed;
    }
  }
  if (o.urls.length === 0)
    return { ok: false, kind: 'error', text: args.length > 0 ? `curl: no URL specified!\n${MORE}` : MORE };
  return { ok: true, options: o };
}

function findLong(text: string): { key: string; takes: boolean } | 'known' | 'ambiguous' | null {
  const names = Object.keys(LONG);
  const exact = names.find((key) => key.replace(/:$/, '') === text);
  if (exact) return { key: LONG[exact] as string, takes: exact.endsWith(':') };
  if (KNOWN.includes(text)) return 'known';
  const starts = names.filter((key) => key.startsWith(text));
  const others = KNOWN.filter((key) => key.startsWith(text));
  if (text === '' || starts.length + others.length === 0) return null;
  if (starts.length + others.length > 1) return 'ambiguous';
  return starts[0] ? { key: LONG[starts[0]] as string, takes: starts[0].endsWith(':') } : 'known';
}

function seconds(value: string): number | null {
  return /^\d*\.?\d+$|^\d+\.$/.test(value) ? Number(value) : null;
}

function set(o: Options, key: string, value: string, shown: string): Parsed | null {
  if (key === 'h') return { ok: false, kind: 'help', text: '' };
  if (key === 'V') return { ok: false, kind: 'version', text: '' };
  if (key.length === 1 && NOT_MODELLED.includes(key)) return { ok: false, kind: 'notModelled', text: `curl -${key}` };
  const piece = (strip: boolean, literal: boolean) => {
    o.data = [...(o.data ?? []), { text: value, strip, literal }];
  };
  const flags = new Map<string, () => void>([
    ['s', () => (o.silent = true)],
    ['S', () => (o.showError = true)],
    ['v', () => (o.verbose = true)],
    ['i', () => (o.include = true)],
    ['I', () => (o.head = true)],
    ['f', () => (o.fail = true)],
    ['L', () => (o.location = true)],
    ['O', () => o.outputs.push(null)],
    ['G', () => (o.get = true)],
    ['4', () => (o.family = 4)],
    ['6', () => (o.family = 6)],
    ['0', () => (o.http10 = true)],
    ['no-progress-meter', () => (o.noProgress = true)],
    ['o', () => o.outputs.push(value)],
    ['w', () => (o.writeOut = value)],
    ['X', () => (o.method = value)],
    ['H', () => o.headers.push(value)],
    ['A', () => (o.agent = value)],
    ['e', () => (o.referer = value)],
    ['u', () => (o.user = value)],
    ['b', () => (o.cookie = value)],
    ['D', () => (o.dumpHeader = value)],
    ['interface', () => (o.iface = value)],
    ['url', () => o.urls.push(value)],
    ['retry-connrefused', () => (o.retryRefused = true)],
    ['retry-all-errors', () => (o.retryAll = true)],
    ['fail-with-body', () => (o.failWithBody = true)],
    ['d', () => piece(true, false)],
    ['data-binary', () => piece(false, false)],
    ['data-raw', () => piece(false, true)],
  ]);
  flags.get(key)?.();
  if (key === 'm' || key === 'connect-timeout') {
    const time = seconds(value);
    if (time === null) return fail(`${shown}: expected a proper numerical parameter`);
    if (key === 'm') o.maxTime = time;
    else o.connectTimeout = time;
  }
  if (key === 'max-redirs') {
    if (!/^-?\d+$/.test(value)) return fail(`${shown}: expected a proper numerical parameter`);
    o.maxRedirs = Number(value);
  }
  if (key === 'retry' || key === 'retry-delay') {
    if (!/^\d+$/.test(value)) return fail(`${shown}: expected a proper numerical parameter`);
    if (key === 'retry') o.retry = Number(value);
    else o.retryDelay = Number(value);
  }
  if (key === 'local-port') {
    const m = /^(\d+)(?: *- *(\d+))?$/.exec(value);
    const low = Number(m?.[1] ?? 0);
    const high = Number(m?.[2] ?? low);
    if (!m || low < 1 || high > 65535 || high < low) return fail(`${shown}: is badly used here`);
    o.localPort = { low, high };
  }
  if (key === 'connect-to') {
    const m = /^(\[[^\]]*\]|[^:]*):(\d*):(\[[^\]]*\]|[^:]*):?(\d*)$/.exec(value);
    if (m)
      o.connectTo.push({
        host: (m[1] as string).replace(/^\[|\]$/g, ''),
        port: m[2] ? Number(m[2]) : null,
        toHost: (m[3] as string).replace(/^\[|\]$/g, ''),
        toPort: m[4] ? Number(m[4]) : null,
      });
  }
  if (key === 'resolve') {
    const m = /^[+-]?([^:]+):(\d+):(.+)$/.exec(value);
    if (m)
      o.resolve.push({
        host: m[1] as string,
        port: Number(m[2]),
        ips: (m[3] as string).split(',').map((ip) => ip.replace(/^\[|\]$/g, '')),
      });
  }
  return null;
}
