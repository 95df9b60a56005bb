/** tc(8) of iproute2 6.1.0: queueing disciplines, classes and filters of devices. */
import type { Proc, Program } from '../../kernel/process.ts';
import { getNode } from '../../shell/vfs/tree.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { batchLines, Exit, incomplete, matches, notModelledExit } from '../../text/iproute.ts';
import { defineCommand } from '../contract.ts';
import { print, printErr, readAll } from '../io.ts';
import { actions } from './action.ts';
import { classObject } from './class.ts';
import type { Tc } from './context.ts';
import { filter } from './filter.ts';
import { USAGE } from './help.ts';
import { qdisc } from './qdisc.ts';

/** Reads the options before the object; null when one of them was all. */
function parseOptions(tc: Tc, argv: readonly string[]): string[] | null {
  const words = [...argv];
  while (words[0]?.startsWith('-')) {
    const opt = (words.shift() as string).replace(/^--/, '-');
    const is = (name: string) => opt.length > 1 && matches(opt, name);
    if (is('-statistics') || is('-stats')) tc.opts.stats = true;
    else if (is('-details')) tc.opts.details = true;
    else if (is('-oneline')) tc.opts.oneline = true;
    else if (is('-json')) tc.opts.json = true;
    else if (is('-pretty')) tc.opts.pretty = true;
    else if (is('-force')) tc.opts.force = true;
    else if (is('-batch')) {
      const name = words.shift();
      if (name === undefined) throw incomplete();
      tc.opts.batch = name;
    } else if (is('-Version')) {
      tc.out += 'tc utility, iproute2-6.1.0, libbpf 1.1.2\n';
      return null;
    } else if (is('-netns')) {
      const name = words.shift() ?? '';
      const node = getNode(tc.proc.root, `/run/netns/${name}`);
      const ns = node?.type === 'netns' ? tc.world.netns.get(node.netns) : undefined;
      if (!ns) throw new Exit(255, `Cannot open network namespace "${name}": No such file or directory\n`);
      tc.ns = ns;
    } else if (is('-help')) throw new Exit(0, USAGE.tc);
    else if (is('-raw') || is('-Numeric')) continue;
    else if (is('-graph')) throw notModelledExit('tc -graph');
    else if (['-color', '-names', '-nm', '-conf', '-cf', '-brief', '-timestamp'].some(is))
      throw notModelledExit(`tc ${opt}`);
    else throw new Exit(255, `Option "${opt}" is unknown, try "tc -help".\n`);
  }
  return words;
}

function perform(tc: Tc, words: readonly string[]): number {
  const [object, ...rest] = words;
  if (object === undefined) throw new Exit(0, USAGE.tc);
  if (matches(object, 'qdisc')) return qdisc(tc, rest);
  if (matches(object, 'class')) return classObject(tc, rest);
  if (matches(object, 'filter')) return filter(tc, rest);
  if (matches(object, 'actions')) return actions(tc, rest);
  if (matches(object, 'monitor') && matches(rest[0] ?? '', 'help'))
    throw new Exit(255, 'Usage: tc [-timestamp [-tshort] monitor\n');
  if (['monitor', 'exec', 'chain'].some((o) => matches(object, o))) throw notModelledExit(`tc ${object}`);
  if (matches(object, 'help')) throw new Exit(0, USAGE.tc);
  throw new Exit(255, `Object "${object}" is unknown, try "tc help".\n`);
}

/** Wrong arguments end the program at once, in a batch too: iproute2 calls exit(). */
const ends = (error: Exit): boolean => /^(Error: (argument|duplicate|either)|Command line is not)/.test(error.stderr);

/** Runs one command line, and tells what it collected even when it ends early. */
function* runOne(tc: Tc, words: readonly string[]): Program {
  let status: number;
  let end: Exit | null = null;
  try {
    status = perform(tc, words);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    status = error.status;
    tc.err += error.stderr;
    if (tc.opts.batch !== null && ends(error)) end = error;
  }
  yield* print(tc.out);
  yield* printErr(tc.err);
  tc.out = '';
  tc.err = '';
  if (end) throw new Exit(end.status);
  return status;
}

function* runBatch(tc: Tc, name: string): Program {
  let text: string;
  if (name === '-') text = yield* readAll();
  else {
    const file = vfsOf(tc.proc).readFile(name);
    if (!file.ok) {
      const why = file.errno === 'ENOENT' ? 'No such file or directory' : 'Permission denied';
      yield* printErr(`Cannot open file "${name}" for reading: ${why}\n`);
      return 1;
    }
    text = file.value;
  }
  let status = 0;
  for (const { words, number } of batchLines(text)) {
    const result = yield* runOne(tc, words);
    if (result === 0) continue;
    yield* printErr(`Command failed ${name}:${number}\n`);
    status = 1;
    if (!tc.opts.force) break;
  }
  return status;
}

function* run(proc: Proc): Program {
  const opts = { json: false, pretty: false, stats: false, details: false, oneline: false, force: false, batch: null };
  const tc: Tc = { proc, world: proc.world, ns: proc.netns, opts, out: '', err: '' };
  try {
    const words = parseOptions(tc, proc.argv.slice(1));
    if (words === null) {
      yield* print(tc.out);
      return 0;
    }
    return tc.opts.batch === null ? yield* runOne(tc, words) : yield* runBatch(tc, tc.opts.batch);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    yield* printErr(error.stderr);
    return error.status;
  }
}

export const command = defineCommand({
  name: 'tc',
  dir: '/usr/sbin',
  summary: 'Queueing disciplines, classes and filters of devices',
  images: ['node', 'netshoot'],
  options: [
    ...['-s', '-d', '-o', '-j', '-p', '-V', '-force'].map((flag) => ({ flag, modelled: true })),
    { flag: '-n', value: 'NETNS', modelled: true },
    { flag: '-batch', value: 'FILE', modelled: true },
    ...['-color', '-names', '-conf', '-brief', '-graph'].map((flag) => ({ flag, modelled: false })),
  ],
  notModelled: [
    ...['fq_codel', 'fq', 'sfq', 'prio', 'red', 'cake', 'hfsc', 'mq'].map((kind) => `tc qdisc add root ${kind}`),
    'tc class add hfsc',
    ...['matchall', 'basic', 'flower', 'fw', 'bpf'].map((kind) => `tc filter add ${kind}`),
    'tc filter add u32 match ip6',
    'tc filter add u32 action police',
    'tc filter show block',
    'tc filter show chain',
    'tc actions add',
    'tc chain',
    'tc monitor',
    'tc exec',
  ],
  run,
});
