import type { Program } from '../../kernel/process.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { batchLines, Exit, getUnsigned, matches } from '../../text/iproute.ts';
import { defineCommand } from '../contract.ts';
import { isTty, print, printErr, readAll } from '../io.ts';
import { address } from './addr.ts';
import { addrlabel } from './addrlabel.ts';
import { completeIp } from './complete.ts';
import type { Ip, IpObject, IpOptions } from './context.ts';
import { USAGE } from './help.ts';
import { link } from './link.ts';
import { maddress } from './maddr.ts';
import { monitor } from './monitor.ts';
import { neigh } from './neigh.ts';
import { netconf } from './netconf.ts';
import { netns, openNetns } from './netns.ts';
import { nexthop } from './nexthop.ts';
import { absentFamily, plainObject, xfrm } from './objects.ts';
import { route } from './route.ts';
import { rule } from './rule.ts';
import { token } from './token.ts';
import { tunnel } from './tunnel.ts';
import { tuntap } from './tuntap.ts';
import { vrf } from './vrf.ts';

const value = (usage: string, verbs: readonly string[]) => ({ usage, verbs });
const unknownWord = (word: string) => (verb: string) => new Exit(255, `Error: argument "${verb}" is wrong: ${word}\n`);

/** The objects in iproute2's order: the first that begins with the word wins. */
const OBJECTS: readonly [string, IpObject][] = [
  ['address', address],
  ['addrlabel', addrlabel],
  ['maddress', maddress],
  ['route', route],
  ['rule', rule],
  ['neighbor', neigh],
  ['neighbour', neigh],
  ['ntable', plainObject(value('ntable', ['show', 'list', 'lst', 'change', 'chg']))],
  ['ntbl', plainObject(value('ntable', ['show', 'list', 'lst', 'change', 'chg']))],
  ['link', link],
  ['l2tp', absentFamily('l2tp')],
  ['fou', absentFamily('fou')],
  ['ila', absentFamily('ila')],
  ['macsec', absentFamily('macsec')],
  ['tunnel', tunnel],
  ['tunl', tunnel],
  ['tuntap', tuntap],
  ['tap', tuntap],
  ['token', token],
  ['tcpmetrics', plainObject(value('tcp_metrics', ['show', 'lst', 'list', 'flush', 'delete', 'get']))],
  ['tcp_metrics', plainObject(value('tcp_metrics', ['show', 'lst', 'list', 'flush', 'delete', 'get']))],
  ['monitor', monitor],
  ['xfrm', xfrm],
  ['mroute', plainObject(value('mroute', ['show', 'lst', 'list']))],
  [
    'mrule',
    plainObject({
      usage: 'mrule',
      name: 'rule',
      verbs: ['list', 'lst', 'show', 'save', 'restore', 'add', 'delete', 'flush'],
    }),
  ],
  ['netns', netns],
  ['netconf', netconf],
  ['vrf', vrf],
  ['sr', plainObject({ ...value('sr', ['hmac', 'tunsrc']), usageAlone: true, unknown: unknownWord('unknown') })],
  ['nexthop', nexthop],
  ['mptcp', plainObject({ ...value('mptcp', ['endpoint', 'limits', 'monitor']), usageAlone: true })],
  [
    'ioam',
    plainObject({ ...value('ioam', ['namespace', 'schema']), usageAlone: true, unknown: unknownWord('Unknown') }),
  ],
  [
    'stats',
    plainObject({
      ...value('stats', ['show', 'set']),
      unknown: (verb) => new Exit(1, `Command "${verb}" is unknown, try "ip stats help".\n`),
    }),
  ],
];

const FAMILIES: Readonly<Record<string, IpOptions['family']>> = {
  inet: 4,
  inet6: 6,
  link: 'link',
  mpls: 'other',
  bridge: 'other',
};

const blankOptions = (): IpOptions => ({
  family: 0,
  stats: 0,
  details: 0,
  brief: false,
  json: false,
  pretty: false,
  oneline: false,
  numeric: false,
  resolve: false,
  human: false,
  iec: false,
  colour: false,
  timestamp: 'none',
  all: false,
  force: false,
  batch: null,
});

/** matches_color(): `-c[olor][=always|auto|never]`. */
function colourOption(ip: Ip, opt: string): boolean {
  const [word = '', when] = opt.split('=', 2);
  if (word.length < 2 || !matches(word, '-color')) return false;
  if (when === undefined || when === 'always') ip.opts.colour = true;
  else if (when === 'auto') ip.opts.colour = isTty(ip.proc, 1);
  else if (when === 'never') ip.opts.colour = false;
  else return false;
  return true;
}

/** Reads the options before the object; answers the words left. */
function parseOptions(ip: Ip, words: readonly string[]): string[] {
  const { opts } = ip;
  let i = 0;
  const value = (): string => {
    const word = words[++i];
    if (word === undefined) throw new Exit(255, USAGE.ip);
    return word;
  };
  for (; i < words.length; i++) {
    let opt = words[i] as string;
    if (opt === '--') {
      i++;
      break;
    }
    if (!opt.startsWith('-')) break;
    if (opt === '-') throw new Exit(255, USAGE.ip);
    if (opt.startsWith('--')) opt = opt.slice(1);
    const is = (...names: string[]) => opt.length > 1 && names.some((name) => matches(opt, name));
    if (is('-loops')) value();
    else if (is('-family')) {
      const name = value();
      if (name === 'help') throw new Exit(255, USAGE.ip);
      const family = FAMILIES[name];
      if (family === undefined) throw new Exit(255, `Error: argument "${name}" is wrong: invalid protocol family\n`);
      opts.family = family;
    } else if (opt === '-4') opts.family = 4;
    else if (opt === '-6') opts.family = 6;
    else if (opt === '-0') opts.family = 'link';
    else if (opt === '-M' || opt === '-B') opts.family = 'other';
    else if (is('-human', '-human-readable')) opts.human = true;
    else if (is('-iec')) opts.iec = true;
    else if (is('-stats', '-statistics')) opts.stats++;
    else if (is('-details')) opts.details++;
    else if (is('-resolve')) opts.resolve = true;
    else if (is('-oneline')) opts.oneline = true;
    else if (is('-timestamp')) opts.timestamp = opts.timestamp === 'short' ? 'short' : 'long';
    else if (is('-tshort')) opts.timestamp = 'short';
    else if (is('-Version')) throw new Exit(0, '');
    else if (is('-force')) opts.force = true;
    else if (is('-batch')) opts.batch = value();
    else if (is('-brief')) opts.brief = true;
    else if (is('-json')) opts.json = true;
    else if (is('-pretty')) opts.pretty = true;
    else if (is('-rcvbuf')) {
      const size = value();
      if (getUnsigned(size) === null) throw new Exit(255, `Invalid rcvbuf size '${size}'\n`);
    } else if (colourOption(ip, opt)) continue;
    else if (is('-help')) throw new Exit(255, USAGE.ip);
    else if (is('-netns')) ip.ns = openNetns(ip, value());
    else if (is('-Numeric')) opts.numeric = true;
    else if (is('-all')) opts.all = true;
    else throw new Exit(255, `Option "${opt}" is unknown, try "ip -help".\n`);
  }
  return words.slice(i);
}

function* perform(ip: Ip, words: readonly string[]): Generator<never, number, unknown> | Program {
  const [object = '', ...rest] = words;
  if (matches(object, 'help')) throw new Exit(255, USAGE.ip);
  const found = OBJECTS.find(([name]) => matches(object, name));
  if (!found) throw new Exit(1, `Object "${object}" is unknown, try "ip help".\n`);
  const result = found[1](ip, rest);
  return typeof result === 'number' ? result : yield* result;
}

/** What iproute2 ends by exit(): wrong arguments. The rest returns, and a batch tells of it and may go on. */
const ends = (error: Exit): boolean => error.status === 255 || / is expected rather than /.test(error.stderr);

/** Runs one command line of `ip`, printing what it collected even when it ends early. */
function* runOne(ip: Ip, words: readonly string[]): Program {
  let status: number;
  try {
    status = yield* perform(ip, words);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    status = error.status;
    ip.err += error.stderr;
    if (ip.opts.batch !== null && ends(error)) {
      yield* emit(ip);
      throw new Exit(status);
    }
  }
  yield* emit(ip);
  return status;
}

function* emit(ip: Ip): Program {
  yield* print(ip.out);
  yield* printErr(ip.err);
  ip.out = '';
  ip.err = '';
  return 0;
}

function* runBatch(ip: Ip, name: string): Program {
  let text: string;
  if (name === '-') text = yield* readAll();
  else {
    const file = vfsOf(ip.proc).readFile(name);
    if (!file.ok) {
      yield* printErr(
        `Cannot open file "${name}" for reading: ${file.errno === 'ENOENT' ? 'No such file or directory' : 'Permission denied'}\n`,
      );
      return 1;
    }
    text = file.value;
  }
  let status = 0;
  const ns = ip.ns;
  for (const { words, number } of batchLines(text)) {
    ip.ns = ns;
    let result: number;
    try {
      result = yield* runOne(ip, words);
    } catch (error) {
      if (error instanceof Exit) return error.status;
      throw error;
    }
    if (result === 0) continue;
    yield* printErr(`Command failed ${name}:${number}\n`);
    status = 1;
    if (!ip.opts.force) break;
  }
  return status;
}

function* run(proc: Ip['proc']): Program {
  const ip: Ip = { proc, world: proc.world, host: proc.host, ns: proc.netns, opts: blankOptions(), out: '', err: '' };
  const words = proc.argv.slice(1);
  if (
    words.some(
      (w, i) =>
        /^--?V/.test(w) &&
        matches(w.replace(/^--/, '-'), '-Version') &&
        words.slice(0, i).every((x) => x.startsWith('-')),
    )
  ) {
    yield* print('ip utility, iproute2-6.1.0, libbpf 1.1.2\n');
    return 0;
  }
  let rest: string[];
  try {
    rest = parseOptions(ip, words);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    yield* printErr(error.stderr);
    return error.status;
  }
  if (ip.opts.batch !== null) return yield* runBatch(ip, ip.opts.batch);
  if (rest.length === 0) {
    yield* printErr(USAGE.ip);
    return 255;
  }
  return yield* runOne(ip, rest);
}

const flag = (name: string, modelled = true) => ({ flag: name, modelled });

export const command = defineCommand({
  name: 'ip',
  dir: '/usr/sbin',
  summary: 'Links, addresses, routes, rules, neighbours and network namespaces',
  images: ['node', 'netshoot', 'busybox'],
  options: [
    ...['-4', '-6', '-0', '-s', '-d', '-o', '-j', '-p', '-br', '-h', '-N', '-V', '-force', '-all'].map((f) => flag(f)),
    { flag: '-n', value: 'NETNS', modelled: true },
    { flag: '-family', value: 'FAMILY', modelled: true },
    { flag: '-batch', value: 'FILE', modelled: true },
    flag('-c'),
    flag('-t'),
    flag('-ts'),
    flag('ntable', false),
    flag('mroute', false),
    flag('tcp_metrics', false),
  ],
  notModelled: [
    'ip link … xdp',
    ...['route save', 'rule save', 'address save'].map((what) => `ip ${what}`),
    'ip route … encap',
    ...['ntable', 'mroute', 'mrule', 'tcp_metrics', 'sr hmac', 'mptcp endpoint', 'ioam', 'stats'].map(
      (what) => `ip ${what}`,
    ),
    ...['state add', 'policy add', 'monitor'].map((what) => `ip xfrm ${what}`),
  ],
  run,
  complete: completeIp,
});
