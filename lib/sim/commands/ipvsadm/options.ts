/** ipvsadm's options as popt reads them, and which command takes which. */

/** A wrong command line: what is printed, and the exit status. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly status = 2,
  ) {
    super(message);
  }
}

/** Something ipvsadm knows and the model does not. */
export class NotThere extends Error {}

const COMMANDS: Readonly<Record<string, string>> = {
  A: 'add-service',
  E: 'edit-service',
  D: 'delete-service',
  C: 'flush',
  L: 'list',
  l: 'list',
  a: 'add-server',
  d: 'delete-server',
  e: 'edit-server',
  S: 'save',
  R: 'restore',
  Z: 'zero',
  set: 'set',
  h: 'help',
  v: 'version',
  'start-daemon': 'start-daemon',
  'stop-daemon': 'stop-daemon',
};

/** Long name → the letter (or word) it is known by; `=` takes a value, `?` may take one. */
const LONG: Readonly<Record<string, string>> = {
  'add-service': 'A',
  'edit-service': 'E',
  'delete-service': 'D',
  clear: 'C',
  list: 'L',
  zero: 'Z',
  'add-server': 'a',
  'edit-server': 'e',
  'delete-server': 'd',
  set: 'set',
  help: 'h',
  version: 'v',
  restore: 'R',
  save: 'S',
  'start-daemon': 'start-daemon=',
  'stop-daemon': 'stop-daemon=',
  'tcp-service': 't=',
  'udp-service': 'u=',
  'sctp-service': 'sctp-service=',
  'fwmark-service': 'f=',
  scheduler: 's=',
  persistent: 'p?',
  netmask: 'M=',
  'real-server': 'r=',
  masquerading: 'm',
  ipip: 'i',
  gatewaying: 'g',
  weight: 'w=',
  'u-threshold': 'x=',
  'l-threshold': 'y=',
  numeric: 'n',
  connection: 'c',
  'mcast-interface': 'mcast-interface=',
  syncid: 'syncid=',
  timeout: 'timeout',
  daemon: 'daemon',
  stats: 'stats',
  rate: 'rate',
  thresholds: 'thresholds',
  'persistent-conn': 'persistent-conn',
  nosort: 'nosort',
  sort: 'sort',
  exact: 'X',
  ipv6: '6',
  ops: 'o',
  pe: 'pe=',
  'sched-flags': 'b=',
  'mcast-group': 'mcast-group=',
  'mcast-port': 'mcast-port=',
  'mcast-ttl': 'mcast-ttl=',
  'sync-maxlen': 'sync-maxlen=',
  'tun-info': 'tun-info',
  'tun-type': 'tun-type=',
  'tun-port': 'tun-port=',
  'tun-nocsum': 'tun-nocsum',
  'tun-csum': 'tun-csum',
  'tun-remcsum': 'tun-remcsum',
};

const SHORT = new Map<string, string>([['l', '']]);
for (const spec of Object.values(LONG)) if (/^.[=?]?$/.test(spec)) SHORT.set(spec[0] as string, spec.slice(1));

/** What an option counts as, in the order in which combinations are checked. */
const KINDS: readonly [kind: string, keys: string][] = [
  ['numeric', 'n'],
  ['connection', 'c'],
  ['service-address', 't u sctp-service f'],
  ['scheduler', 's'],
  ['persistent', 'p'],
  ['netmask', 'M'],
  ['real-server', 'r'],
  ['forwarding-method', 'm i g'],
  ['weight', 'w'],
  ['u-threshold', 'x'],
  ['l-threshold', 'y'],
  ['mcast-interface', 'mcast-interface'],
  ['timeout', 'timeout'],
  ['daemon', 'daemon'],
  ['stats', 'stats'],
  ['rate', 'rate'],
  ['thresholds', 'thresholds'],
  ['persistent-conn', 'persistent-conn'],
  ['nosort', 'nosort'],
  ['syncid', 'syncid'],
  ['exact', 'X'],
  ['ops', 'o'],
  ['pe', 'pe'],
  ['sched-flags', 'b'],
  ['mcast-group', 'mcast-group'],
  ['mcast-port', 'mcast-port'],
  ['mcast-ttl', 'mcast-ttl'],
  ['sync-maxlen', 'sync-maxlen'],
  ['tun-info', 'tun-info'],
  ['tun-type', 'tun-type'],
  ['tun-port', 'tun-port'],
  ['tun-nocsum', 'tun-nocsum'],
  ['tun-csum', 'tun-csum'],
  ['tun-remcsum', 'tun-remcsum'],
];

const SERVICE = 'scheduler persistent netmask ops pe sched-flags';
const SERVER = 'forwarding-method weight u-threshold l-threshold tun-type tun-port tun-nocsum tun-csum tun-remcsum';
/** By command: what it needs, what it may have, and of what it may have one. */
const RULES: Readonly<Record<string, [need: string, may: string, one: string]>> = {
  'add-service': ['service-address', SERVICE, ''],
  'edit-service': ['service-address', SERVICE, ''],
  'delete-service': ['service-address', '', ''],
  list: [
    '',
    'numeric stats rate thresholds persistent-conn nosort exact tun-info',
    'connection service-address timeout daemon',
  ],
  'add-server': ['service-address real-server', SERVER, ''],
  'edit-server': ['service-address real-server', SERVER, ''],
  'delete-server': ['service-address real-server', '', ''],
  save: ['', 'numeric', ''],
  zero: ['', 'service-address', ''],
  'start-daemon': ['mcast-interface', 'syncid mcast-group mcast-port mcast-ttl sync-maxlen', ''],
  'stop-daemon': ['', 'syncid', ''],
};

/** Adds an option's kind to those seen; twice is wrong. */
export function note(seen: Set<string>, key: string): void {
  const kind = KINDS.find(([, keys]) => keys.split(' ').includes(key))?.[0];
  if (kind === undefined) return;
  if (seen.has(kind)) throw new Refused(`multiple '${kind}' options specified`);
  seen.add(kind);
}

/** Whether a command may have the options it was given: generic_opt_check(). */
export function checkOptions(command: string, seen: ReadonlySet<string>): void {
  const [need, may, one] = (RULES[command] ?? ['', '', '']).map((list) => list.split(' ')) as [
    string[],
    string[],
    string[],
  ];
  let last = '';
  for (const [kind] of KINDS) {
    if (!seen.has(kind)) {
      if (need.includes(kind))
        throw new Refused(`You need to supply the '${kind}' option for the '${command}' command`);
    } else if (one.includes(kind)) {
      if (last !== '')
        throw new Refused(`The option '${kind}' conflicts with the '${last}' option in the '${command}' command`);
      last = kind;
    } else if (!need.includes(kind) && !may.includes(kind))
      throw new Refused(`Illegal '${kind}' option with the '${command}' command`);
  }
}

/** One option: its key, its value where it has one, and the word it stood in. */
export interface Opt {
  key: string;
  value: string | null;
  word: string;
}

export interface Words {
  options: Opt[];
  operands: string[];
  /** What popt says of the first wrong word. */
  error: string | null;
}

/** Reads words as popt does: it stops at the first wrong option. */
export function readWords(words: readonly string[]): Words {
  const result: Words = { options: [], operands: [], error: null };
  let at = 0;
  /** A value from the next word; undefined when there is none. */
  const next = (optional: boolean): string | null | undefined => {
    const word = words[at];
    if (optional && (word === undefined || word.startsWith('-'))) return null;
    if (word !== undefined) at++;
    return word;
  };
  const take = (spec: string, glued: string | null, word: string): boolean => {
    const key = spec.replace(/[=?]$/, '');
    const value = /[=?]$/.test(spec) ? (glued ?? next(spec.endsWith('?'))) : null;
    if (value === undefined) {
      result.error = `${word}: missing argument`;
      return false;
    }
    result.options.push({ key, value, word });
    return true;
  };
  while (at < words.length) {
    const word = words[at++] as string;
    if (word === '--') {
      result.operands.push(...words.slice(at));
      break;
    }
    if (word.length < 2 || word[0] !== '-') {
      result.operands.push(word);
      continue;
    }
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      const spec = Object.hasOwn(LONG, name) ? LONG[name] : undefined;
      if (spec === undefined) {
        result.error = `${word}: unknown option`;
        return result;
      }
      if (!take(spec, equals < 0 ? null : word.slice(equals + 1), word)) return result;
      continue;
    }
    for (let j = 1; j < word.length; j++) {
      const letter = word[j] as string;
      const kind = SHORT.get(letter);
      if (kind === undefined) {
        result.error = `${word}: unknown option`;
        return result;
      }
      const rest = word.slice(j + 1);
      const glued = kind !== '' && rest !== '' ? rest.replace(/^=/, '') : null;
      if (!take(letter + kind, glued, word)) return result;
      if (glued !== null) break;
    }
  }
  return result;
}

/** The command an option names, or undefined. */
export const commandOf = (key: string): string | undefined =>
  Object.hasOwn(COMMANDS, key) ? COMMANDS[key] : undefined;
