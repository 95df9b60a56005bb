/** GNU wget 1.21.3's command line: what is modelled of it. */

export interface Settings {
  quiet: boolean;
  brief: boolean;
  spider: boolean;
  serverResponse: boolean;
  file: string | null;
  dir: string;
  tries: number;
  /** Seconds; 0 for none. */
  connectTimeout: number;
  readTimeout: number;
  headers: string[];
  post: string | null;
  agent: string;
  maxRedirect: number;
  family: 4 | 6 | null;
  waitRetry: number;
  retryRefused: boolean;
  urls: string[];
}

export type Parsed =
  | { ok: true; settings: Settings }
  | { ok: false; status: number; text: string; notModelled?: boolean };

const LONG: Record<string, string> = {
  quiet: 'q',
  'no-verbose': 'nv',
  spider: 'spider',
  'server-response': 'S',
  'output-document=': 'O',
  'directory-prefix=': 'P',
  'tries=': 't',
  'timeout=': 'T',
  'connect-timeout=': 'connect-timeout',
  'read-timeout=': 'read-timeout',
  'dns-timeout=': 'dns-timeout',
  'header=': 'header',
  'post-data=': 'post-data',
  'user-agent=': 'U',
  'max-redirect=': 'max-redirect',
  'inet4-only': '4',
  'inet6-only': '6',
  'waitretry=': 'waitretry',
  'retry-connrefused': 'retry-connrefused',
  'no-check-certificate': 'ignored',
  'no-proxy': 'ignored',
  'no-cache': 'ignored',
  verbose: 'v',
  help: 'h',
  version: 'V',
};
const NOT_MODELLED = [
  'recursive',
  'mirror',
  'continue',
  'input-file',
  'background',
  'output-file',
  'user',
  'password',
  'post-file',
  'limit-rate',
  'page-requisites',
  'no-clobber',
  'timestamping',
  'method',
  'body-data',
  'bind-address',
  'debug',
];

const usage = (text: string): Parsed => ({
  ok: false,
  status: 2,
  text: `wget: ${text}\nUsage: wget [OPTION]... [URL]...\n\nTry \`wget --help' for more options.\n`,
});
const missing = (text: string): Parsed => ({ ok: false, status: 64, text, notModelled: true });

/** Reads argv without the name. */
export function parseSettings(args: readonly string[]): Parsed {
  const s: Settings = {
    quiet: false,
    brief: false,
    spider: false,
    serverResponse: false,
    file: null,
    dir: '',
    tries: 20,
    connectTimeout: 0,
    readTimeout: 900,
    headers: [],
    post: null,
    agent: 'Wget/1.21.3',
    maxRedirect: 20,
    family: null,
    waitRetry: 10,
    retryRefused: false,
    urls: [],
  };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (!arg.startsWith('-') || arg === '-') {
      s.urls.push(arg);
      continue;
    }
    if (arg.startsWith('--')) {
      const [name = '', inline] = arg.slice(2).split(/=(.*)/s);
      if (NOT_MODELLED.includes(name)) return missing(`wget --${name}`);
      const key =
        Object.keys(LONG).find((k) => k.replace('=', '') === name) ??
        Object.keys(LONG).find((k) => name !== '' && k.startsWith(name));
      if (key === undefined) return usage(`unrecognized option '--${name}'`);
      let value = '';
      if (key.endsWith('=')) {
        const given = inline ?? args[++i];
        if (given === undefined) return usage(`option '--${name}' requires an argument`);
        value = given;
      }
      const failed = set(s, LONG[key] as string, value);
      if (failed) return failed;
      continue;
    }
    for (let at = 1; at < arg.length; at++) {
      let letter = arg[at] as string;
      if (letter === 'n') letter += arg[++at] ?? '';
      let value = '';
      if ('OPtTU'.includes(letter)) {
        const given = arg.slice(at + 1) || args[++i];
        if (given === undefined) return usage(`option requires an argument -- '${letter}'`);
        value = given;
        at = arg.length;
      } else if ('rmcibodxkKpHLDAINe'.includes(letter) || ['nc', 'np', 'nd', 'nH'].includes(letter))
        return missing(`wget -${letter}`);
      else if (!['q', 'S', 'v', 'h', 'V', '4', '6', 'nv'].includes(letter))
        return usage(`invalid option -- '${letter}'`);
      const failed = set(s, letter, value);
      if (failed) return failed;
    }
  }
  if (s.urls.length === 0)
    return {
      ok: false,
      status: 1,
      text: "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n",
    };
  return { ok: true, settings: s };
}

/** `5`, `0.5`, `2m`. Null when it is no time. */
function period(value: string): number | null {
  const m = /^(\d*\.?\d+)([smhd]?)$/.exec(value);
  return m ? Number(m[1]) * { '': 1, s: 1, m: 60, h: 3600, d: 86400 }[m[2] as '' | 's' | 'm' | 'h' | 'd'] : null;
}

function set(s: Settings, key: string, value: string): Parsed | null {
  const flags = new Map<string, () => void>([
    ['q', () => (s.quiet = true)],
    ['nv', () => (s.brief = true)],
    ['spider', () => (s.spider = true)],
    ['S', () => (s.serverResponse = true)],
    ['O', () => (s.file = value)],
    ['P', () => (s.dir = value)],
    ['header', () => s.headers.push(value)],
    ['post-data', () => (s.post = value)],
    ['U', () => (s.agent = value)],
    ['4', () => (s.family = 4)],
    ['6', () => (s.family = 6)],
    ['retry-connrefused', () => (s.retryRefused = true)],
  ]);
  flags.get(key)?.();
  if (key === 'h' || key === 'V') return missing(`wget --${key === 'h' ? 'help' : 'version'}`);
  const timeouts: Record<string, string> = {
    T: 'timeout',
    'connect-timeout': 'connect-timeout',
    'read-timeout': 'read-timeout',
    'dns-timeout': 'dns-timeout',
    waitretry: 'waitretry',
  };
  if (timeouts[key] !== undefined) {
    const seconds = period(value);
    if (seconds === null)
      return { ok: false, status: 2, text: `wget: --${timeouts[key]}: Invalid time period ‘${value}’\n` };
    if (key === 'T' || key === 'connect-timeout') s.connectTimeout = seconds;
    if (key === 'T' || key === 'read-timeout') s.readTimeout = seconds;
    if (key === 'waitretry') s.waitRetry = seconds;
  }
  if (key === 't')
    s.tries = /^\d+$/.test(value)
      ? Number(value) || Number.POSITIVE_INFINITY
      : value === 'inf'
        ? Number.POSITIVE_INFINITY
        : 1;
  if (key === 'max-redirect') s.maxRedirect = Number(value) || 0;
  return null;
}
