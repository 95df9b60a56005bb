/** dig 9.18's command line: lookups, each with its options. */
import { type Ip, parseIp } from '../../addr/ip.ts';
import { reverseName } from '../../linux/resolve/resolve.ts';
import { DNS_TYPES } from '../../linux/resolve/wire.ts';

export interface Lookup {
  name: string;
  type: string;
  /** The @server word; empty for resolv.conf's. */
  server: string;
  /** The server came before the first name: the greeting counts its addresses. */
  serverFirst: boolean;
  port: number;
  tcp: boolean;
  search: boolean;
  short: boolean;
  cmd: boolean;
  comments: boolean;
  question: boolean;
  answer: boolean;
  authority: boolean;
  additional: boolean;
  stats: boolean;
  ttl: boolean;
  identify: boolean;
  recurse: boolean;
  ad: boolean;
  edns: boolean;
  cookie: boolean;
  ignore: boolean;
  tries: number;
  timeout: number;
  bufsize: number;
  usec: boolean;
}

export type Parsed =
  | { ok: true; lookups: Lookup[]; warnings: string }
  | { ok: false; kind: 'invalid' | 'number' | 'port' | 'fatal' | 'help' | 'version' | 'notModelled'; text: string };

const defaults = (): Lookup => ({
  serverFirst: false,
  name: '',
  type: '',
  server: '',
  port: 53,
  tcp: false,
  search: false,
  short: false,
  cmd: true,
  comments: true,
  question: true,
  answer: true,
  authority: true,
  additional: true,
  stats: true,
  ttl: true,
  identify: false,
  recurse: true,
  ad: true,
  edns: true,
  cookie: true,
  ignore: false,
  tries: 3,
  timeout: 5,
  bufsize: 1232,
  usec: false,
});

/** +keywords that set one field. */
const SWITCHES: Record<string, keyof Lookup> = {
  additional: 'additional',
  adflag: 'ad',
  answer: 'answer',
  authority: 'authority',
  cmd: 'cmd',
  comments: 'comments',
  cookie: 'cookie',
  defname: 'search',
  edns: 'edns',
  identify: 'identify',
  ignore: 'ignore',
  question: 'question',
  rdflag: 'recurse',
  recurse: 'recurse',
  search: 'search',
  stats: 'stats',
  tcp: 'tcp',
  ttlid: 'ttl',
  vc: 'tcp',
};
const OTHER = ['all', 'short', 'tries', 'timeout', 'retry', 'bufsize'];
/** Harmless ones, and ones that would need more than is modelled. */
const IGNORED = [
  'badcookie',
  'besteffort',
  'fail',
  'keepopen',
  'idnin',
  'idnout',
  'mapped',
  'ednsnegotiation',
  'crypto',
  'onesoa',
  'aaonly',
  'cl',
  'class',
];
const NOT_MODELLED = [
  'aaflag',
  'cdflag',
  'coflag',
  'dns64prefix',
  'dnssec',
  'domain',
  'ednsflags',
  'ednsopt',
  'expandaaaa',
  'expire',
  'header-only',
  'https',
  'keepalive',
  'multiline',
  'ndots',
  'nsid',
  'nssearch',
  'opcode',
  'padding',
  'qid',
  'qr',
  'raflag',
  'rrcomments',
  'showbadcookie',
  'showsearch',
  'split',
  'subnet',
  'tcflag',
  'tls',
  'trace',
  'ttlunits',
  'unknownformat',
  'yaml',
  'zflag',
];

const findKeyword = (name: string): string | null => {
  const all = [...Object.keys(SWITCHES), ...OTHER, ...IGNORED, ...NOT_MODELLED];
  return all.includes(name) ? name : (all.find((key) => key.startsWith(name)) ?? null);
};

/** Applies `+keyword`. Answers an error, or null. */
function plus(l: Lookup, word: string): Extract<Parsed, { ok: false }> | null {
  const [raw = '', value = ''] = word.slice(1).split(/=(.*)/s);
  const off = raw.startsWith('no') && raw.length > 2;
  const key = findKeyword(off ? raw.slice(2) : raw);
  if (key === null || raw === '') return { ok: false, kind: 'invalid', text: word };
  if (NOT_MODELLED.includes(key)) return { ok: false, kind: 'notModelled', text: `dig ${word}` };
  const field = SWITCHES[key];
  if (field !== undefined) (l as unknown as Record<string, boolean>)[field] = !off;
  if (key === 'all') l.cmd = l.comments = l.question = l.answer = l.authority = l.additional = l.stats = !off;
  if (key === 'short') {
    l.short = !off;
    if (l.short) l.cmd = l.comments = l.question = l.authority = l.additional = l.stats = false;
  }
  if (!['tries', 'timeout', 'retry', 'bufsize'].includes(key)) return null;
  if (!/^\d+$/.test(value))
    return { ok: false, kind: 'number', text: `${key === 'timeout' ? 'timeout' : key} '${value}'` };
  const number = Number(value);
  if (key === 'tries') l.tries = Math.min(Math.max(1, number), 100);
  if (key === 'retry') l.tries = Math.min(number + 1, 100);
  if (key === 'timeout') l.timeout = Math.min(Math.max(1, number), 3600);
  if (key === 'bufsize') l.bufsize = Math.min(number, 65535);
  return null;
}

const typeOf = (word: string): string | null => {
  const upper = word.toUpperCase();
  return Object.hasOwn(DNS_TYPES, upper) && upper !== 'OPT' ? upper : null;
};

/** Reads argv without the name. */
export function parseArgs(args: readonly string[]): Parsed {
  const global = defaults();
  const lookups: Lookup[] = [];
  let current = global;
  let warnings = '';
  let classSeen = false;
  let family = '';
  const begin = (name: string, type: string): void => {
    current = { ...global, name, type: type || global.type };
    lookups.push(current);
  };
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (word.startsWith('@')) {
      current.server = word.slice(1);
      current.serverFirst = lookups.length === 0;
      continue;
    }
    if (word.startsWith('+')) {
      const failed = plus(current, word);
      if (failed) return failed;
      continue;
    }
    if (word.startsWith('-') && word.length > 1) {
      const letter = word[1] as string;
      if (letter === 'h') return { ok: false, kind: 'help', text: '' };
      if (letter === 'v') return { ok: false, kind: 'version', text: '' };
      if (letter === '4' || letter === '6') {
        if (family !== '' && family !== letter)
          return { ok: false, kind: 'fatal', text: 'only one of -4 and -6 allowed' };
        family = letter;
        continue;
      }
      if (letter === 'r' || letter === 'm') continue;
      if (letter === 'u') {
        current.usec = true;
        continue;
      }
      if (!'bcfkpqtxy'.includes(letter)) return { ok: false, kind: 'invalid', text: word };
      const value = word.length > 2 ? word.slice(2) : args[++i];
      if (value === undefined) return { ok: false, kind: 'invalid', text: word };
      if ('bfky'.includes(letter)) return { ok: false, kind: 'notModelled', text: `dig -${letter}` };
      if (letter === 'p') {
        if (!/^\d+$/.test(value)) return { ok: false, kind: 'port', text: value };
        current.port = Number(value) & 0xffff;
      }
      if (letter === 'q') begin(value, '');
      if (letter === 't') {
        const type = typeOf(value);
        if (type) current.type = type;
        else warnings += `;; Warning, ignoring invalid type ${value}\n`;
      }
      if (letter === 'x') {
        const ip = parseIp(value);
        begin(ip === null ? `${value.split('.').reverse().join('.')}.in-addr.arpa.` : reverseName(ip as Ip), 'PTR');
      }
      continue;
    }
    const type = typeOf(word);
    if (type) {
      if (current.type !== '' && current !== global) warnings += ';; Warning, extra type option\n';
      current.type = type;
    } else if (word.toUpperCase() === 'IN' && !classSeen) classSeen = true;
    else begin(word, '');
  }
  if (lookups.length === 0) lookups.push({ ...global, name: '.', type: global.type || 'NS' });
  for (const lookup of lookups) lookup.type ||= 'A';
  return { ok: true, lookups, warnings };
}
