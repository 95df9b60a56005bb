/** tc(8) of iproute2 6.1.0: what the queueing disciplines of a node's devices are. Shaping is not modelled. */
import type { Proc, Program } from '../../kernel/process.ts';
import type { World } from '../../kernel/world.ts';
import { linksByIndex } from '../../linux/link/find.ts';
import { getLink } from '../../linux/link/linkwatch.ts';
import type { Link, NetNs } from '../../linux/types.ts';
import { getNode } from '../../shell/vfs/tree.ts';
import { Args, Exit, matches, netlinkError, notModelledExit, Printer } from '../../text/iproute.ts';
import { defineCommand } from '../contract.ts';
import { print, printErr } from '../io.ts';
import { USAGE } from './help.ts';

interface Tc {
  proc: Proc;
  world: World;
  ns: NetNs;
  opts: { json: boolean; pretty: boolean; stats: boolean; details: boolean; oneline: boolean };
  out: string;
}

const PRIOMAP = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

function device(tc: Tc, name: string): Link {
  const link = getLink(tc.world, tc.ns, name);
  if (!link) throw new Exit(1, `Cannot find device "${name}"\n`);
  return link;
}

/** Kinds that the show below knows how to print. */
function printOptions(p: Printer, kind: string): void {
  p.open('options');
  if (kind === 'pfifo_fast') {
    p.js('bands', 3);
    p.js('priomap', PRIOMAP);
    p.js('multiqueue', false);
    p.fp(`bands 3 priomap ${PRIOMAP.join(' ')}`);
  } else if (kind === 'fq_codel') {
    const values: [string, number, string][] = [
      ['limit', 10240, '10240p'],
      ['flows', 1024, '1024'],
      ['quantum', 1514, '1514'],
      ['target', 4999, '5ms'],
      ['interval', 99999, '100ms'],
      ['memory_limit', 33554432, '32Mb'],
    ];
    for (const [key, value, text] of values) p.any(key, value, `${key} ${text} `);
    p.any('ecn', true, 'ecn ');
    p.any('drop_batch', 64, 'drop_batch 64 ');
  } else if (kind === 'ingress') p.fp('---------------- ');
  p.close();
}

function printQdisc(tc: Tc, p: Printer, link: Link, kind: string, root: boolean, hideDev: boolean): void {
  if (tc.opts.stats && kind === 'fq_codel') throw notModelledExit('tc -s qdisc of fq_codel');
  const handle = root ? '0:' : 'ffff:';
  p.open();
  p.any('kind', kind, `qdisc ${kind} `);
  p.any('handle', handle, `${handle} `);
  if (!hideDev) p.any('dev', link.name, `dev ${link.name} `);
  if (root) {
    p.any('root', true, 'root ');
    p.any('refcnt', 2, 'refcnt 2 ');
  } else p.any('parent', 'ffff:fff1', 'parent ffff:fff1 ');
  printOptions(p, kind);
  p.fp('\n');
  if (tc.opts.stats) {
    for (const key of ['bytes', 'packets', 'drops', 'overlimits', 'requeues', 'backlog', 'qlen']) p.js(key, 0);
    p.fp(' Sent 0 bytes 0 pkt (dropped 0, overlimits 0 requeues 0) \n backlog 0b 0p requeues 0\n');
  }
  p.close();
}

function showQdisc(tc: Tc, words: readonly string[]): number {
  const args = new Args(words);
  let dev: string | null = null;
  let only: 'root' | 'ingress' | null = null;
  for (; args.more; args.skip()) {
    if (args.word === 'dev') dev = args.next();
    else if (args.word === 'root') only = 'root';
    else if (args.word === 'ingress' || args.word === 'clsact') only = 'ingress';
    else if (args.word === 'invisible') continue;
    else if (args.word === 'handle' || args.word === 'parent') throw notModelledExit(`tc qdisc show ${args.word}`);
    else if (matches(args.word, 'help')) throw new Exit(0, USAGE.qdisc);
    else throw new Exit(255, `What is "${args.word}"? Try "tc qdisc help".\n`);
  }
  const link = dev === null ? null : device(tc, dev);
  const p = new Printer(tc.opts.json, tc.opts.oneline);
  for (const at of linksByIndex(tc.ns)) {
    if (link && at !== link) continue;
    const kind = at.qdisc ?? 'noop';
    if (kind !== 'noop' && only !== 'ingress') printQdisc(tc, p, at, kind, true, link !== null);
    if (at.ingressQdisc && only !== 'root') printQdisc(tc, p, at, at.ingressQdisc, false, link !== null);
  }
  tc.out += p.output(tc.opts.pretty);
  return 0;
}

const refused = (extack: string): Exit => new Exit(2, netlinkError({ errno: 'EINVAL', extack }));

/** Adds or removes; only what changes nothing on a packet's way is modelled: the hooks of filters. */
function changeQdisc(tc: Tc, verb: string, words: readonly string[]): number {
  const args = new Args(words);
  let dev: string | null = null;
  let place = '';
  let kind = '';
  for (; args.more; args.skip()) {
    if (args.word === 'dev') dev = args.next();
    else if (args.word === 'root' || args.word === 'ingress' || args.word === 'clsact') place ||= args.word;
    else if (args.word === 'handle') args.next();
    else if (matches(args.word, 'help')) throw new Exit(0, USAGE.qdisc);
    else {
      kind = args.word;
      break;
    }
  }
  if (dev === null && kind === '') throw new Exit(255, 'Command line is not complete. Try option "help"\n');
  if (verb !== 'del' && (kind !== '' || place === 'root' || place === ''))
    throw notModelledExit(`tc qdisc ${verb} ${kind}`.trim());
  const link = device(tc, dev ?? '');
  if (verb === 'del') {
    if (place === 'root') {
      if (link.qdisc === undefined || link.qdisc === 'noop' || link.qdisc === 'noqueue' || link.qdisc === 'pfifo_fast')
        throw refused('Cannot delete qdisc with handle of zero');
      throw notModelledExit('tc qdisc del root');
    }
    if (!link.ingressQdisc) throw refused('Cannot find specified qdisc on specified device');
    delete link.ingressQdisc;
    return 0;
  }
  if (link.ingressQdisc) throw refused('Exclusivity flag on, cannot modify');
  link.ingressQdisc = place as 'ingress' | 'clsact';
  return 0;
}

function qdisc(tc: Tc, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return showQdisc(tc, []);
  if (matches(verb, 'add')) return changeQdisc(tc, 'add', rest);
  if (matches(verb, 'change') || matches(verb, 'replace')) return changeQdisc(tc, 'replace', rest);
  if (matches(verb, 'delete')) return changeQdisc(tc, 'del', rest);
  if (matches(verb, 'link')) return changeQdisc(tc, 'link', rest);
  if (matches(verb, 'list') || matches(verb, 'show') || matches(verb, 'lst')) return showQdisc(tc, rest);
  if (matches(verb, 'help')) throw new Exit(0, USAGE.qdisc);
  throw new Exit(255, `Command "${verb}" is unknown, try "tc qdisc help".\n`);
}

/** There are no classes and no filters to show. */
function nothing(tc: Tc, object: string, words: readonly string[]): number {
  const [verb = 'show', ...rest] = words;
  if (!['show', 'list', 'lst'].some((v) => matches(verb, v))) throw notModelledExit(`tc ${object} ${verb}`);
  const at = rest.indexOf('dev');
  if (at >= 0) device(tc, rest[at + 1] ?? '');
  tc.out += new Printer(tc.opts.json).output(tc.opts.pretty);
  return 0;
}

function perform(tc: Tc, argv: readonly string[]): number {
  const words = [...argv];
  while (words[0]?.startsWith('-')) {
    const opt = (words.shift() as string).replace(/^--/, '-');
    const is = (name: string) => opt.length > 1 && matches(opt, name);
    if (is('-statistics') || is('-stats')) tc.opts.stats = true;
    else if (is('-details')) tc.opts.details = true;
    else if (is('-oneline')) tc.opts.oneline = true;
    else if (is('-json')) tc.opts.json = true;
    else if (is('-pretty')) tc.opts.pretty = true;
    else if (is('-Version')) {
      tc.out += 'tc utility, iproute2-6.1.0, libbpf 1.1.2\n';
      return 0;
    } else if (is('-netns')) {
      const name = words.shift() ?? '';
      const node = getNode(tc.proc.root, `/run/netns/${name}`);
      const ns = node?.type === 'netns' ? tc.world.netns.get(node.netns) : undefined;
      if (!ns) throw new Exit(255, `Cannot open network namespace "${name}": No such file or directory\n`);
      tc.ns = ns;
    } else if (is('-help')) throw new Exit(0, USAGE.tc);
    else if (is('-raw') || is('-Numeric') || is('-force')) continue;
    else if (['-color', '-batch', '-names', '-nm', '-conf', '-cf', '-brief', '-timestamp', '-graph'].some(is))
      throw notModelledExit(`tc ${opt}`);
    else throw new Exit(255, `Option "${opt}" is unknown, try "tc -help".\n`);
  }
  const [object, ...rest] = words;
  if (object === undefined) throw new Exit(0, USAGE.tc);
  if (matches(object, 'qdisc')) return qdisc(tc, rest);
  if (matches(object, 'class')) return nothing(tc, 'class', rest);
  if (matches(object, 'filter')) return nothing(tc, 'filter', rest);
  if (['actions', 'monitor', 'exec', 'chain'].some((o) => matches(object, o))) throw notModelledExit(`tc ${object}`);
  if (matches(object, 'help')) throw new Exit(0, USAGE.tc);
  throw new Exit(255, `Object "${object}" is unknown, try "tc help".\n`);
}

function* run(proc: Proc): Program {
  const tc: Tc = {
    proc,
    world: proc.world,
    ns: proc.netns,
    opts: { json: false, pretty: false, stats: false, details: false, oneline: false },
    out: '',
  };
  try {
    const status = perform(tc, proc.argv.slice(1));
    yield* print(tc.out);
    return status;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    yield* print(tc.out);
    yield* printErr(error.stderr);
    return error.status;
  }
}

export const command = defineCommand({
  name: 'tc',
  dir: '/usr/sbin',
  summary: 'Queueing disciplines of devices',
  images: ['node', 'netshoot'],
  options: [
    ...['-s', '-d', '-o', '-j', '-p', '-V'].map((flag) => ({ flag, modelled: true })),
    { flag: '-n', value: 'NETNS', modelled: true },
    ...['-batch', '-color', '-names', '-conf', '-brief'].map((flag) => ({ flag, modelled: false })),
  ],
  notModelled: [
    'tc qdisc add KIND',
    'tc class add',
    'tc filter add',
    'tc actions',
    'tc chain',
    'tc monitor',
    'tc exec',
  ],
  run,
});
