/** bridge(8) of iproute2 6.1.0. */
import type { Proc, Program } from '../../kernel/process.ts';
import { getNode } from '../../shell/vfs/tree.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { Exit, matches, notModelledExit } from '../../text/iproute.ts';
import { defineCommand } from '../contract.ts';
import { print, printErr, readAll } from '../io.ts';
import type { Bridge } from './context.ts';
import { fdb } from './fdb.ts';
import { USAGE } from './help.ts';
import { link } from './link.ts';
import { mdb } from './mdb.ts';
import { vlan } from './vlan.ts';

function openNetns(b: Bridge, name: string): void {
  const node = getNode(b.proc.root, `/run/netns/${name}`);
  const ns = node?.type === 'netns' ? b.world.netns.get(node.netns) : undefined;
  if (!ns) throw new Exit(255, `Cannot open network namespace "${name}": No such file or directory\n`);
  b.ns = ns;
}

/** matches_color(): a beginning of `-color` of two letters or more, with `=always`, `=auto` or `=never` after it. */
function isColour(opt: string): boolean {
  const [name = '', when] = opt.split('=');
  return (
    name.length > 1 && matches(name, '-color') && (when === undefined || ['always', 'auto', 'never'].includes(when))
  );
}

function parseOptions(b: Bridge, words: readonly string[]): string[] {
  const { opts } = b;
  for (let i = 0; i < words.length; i++) {
    let opt = words[i] as string;
    if (!opt.startsWith('-')) return words.slice(i);
    if (opt === '--') return words.slice(i + 1);
    if (opt.startsWith('--')) opt = opt.slice(1);
    const is = (name: string) => opt.length > 1 && matches(opt, name);
    if (is('-help')) throw new Exit(255, USAGE.bridge);
    if (is('-stats') || is('-statistics')) opts.stats = true;
    else if (is('-details')) opts.details = true;
    else if (is('-oneline')) opts.oneline = true;
    else if (is('-timestamp') || opt === '-4' || opt === '-6') continue;
    else if (is('-netns')) openNetns(b, words[++i] ?? '');
    else if (isColour(opt)) opts.colours = /^-[^=]*(=always)?$/.test(opt);
    else if (is('-compressvlans')) opts.compress = true;
    else if (is('-force')) b.force = true;
    else if (is('-json')) opts.json = true;
    else if (is('-pretty')) opts.pretty = true;
    else if (is('-batch')) b.batch = words[++i] ?? '';
    else throw new Exit(255, `Option "${opt}" is unknown, try "bridge help".\n`);
  }
  return [];
}

function perform(b: Bridge, words: readonly string[]): number {
  const [object, ...rest] = words;
  if (object === undefined) throw new Exit(255, USAGE.bridge);
  if (matches(object, 'link')) return link(b, rest);
  if (matches(object, 'fdb')) return fdb(b, rest);
  if (matches(object, 'mdb')) return mdb(b, rest);
  if (matches(object, 'vlan')) return vlan(b, rest);
  if (matches(object, 'vni')) throw notModelledExit('bridge vni');
  if (matches(object, 'monitor')) throw notModelledExit('bridge monitor');
  if (matches(object, 'help')) throw new Exit(255, USAGE.bridge);
  throw new Exit(255, `Object "${object}" is unknown, try "bridge help".\n`);
}

function* run(proc: Proc): Program {
  if (proc.argv.slice(1).some((w) => /^--?V/.test(w) && matches(w.replace(/^--/, '-'), '-Version'))) {
    yield* print('bridge utility, 6.1.0\n');
    return 0;
  }
  const b: Bridge = {
    proc,
    world: proc.world,
    ns: proc.netns,
    opts: { details: false, stats: false, json: false, pretty: false, oneline: false, colours: false, compress: false },
    batch: null,
    force: false,
    out: '',
  };
  try {
    const words = parseOptions(b, proc.argv.slice(1));
    if (b.batch !== null) return yield* runBatch(b, b.batch);
    const status = perform(b, words);
    yield* print(b.out);
    return status;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    yield* print(b.out);
    yield* printErr(error.stderr);
    return error.status;
  }
}

/** `-batch FILE`: a command a line, up to the first that fails, or to the end with -force. */
function* runBatch(b: Bridge, file: string): Program {
  const opened = file === '-' ? null : vfsOf(b.proc).readFile(file);
  if (opened && !opened.ok) {
    yield* printErr(`Cannot open file "${file}" for reading: No such file or directory\n`);
    return 1;
  }
  const read = opened ? opened.value : yield* readAll();
  let status = 0;
  for (const [i, line] of read.split('\n').entries()) {
    const words = line.replace(/#.*/, '').split(/\s+/).filter(Boolean);
    if (words.length === 0) continue;
    b.out = '';
    try {
      perform(b, words);
      yield* print(b.out);
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
      yield* print(b.out);
      yield* printErr(`${error.stderr}Command failed ${file}:${i + 1}\n`);
      status = 1;
      if (!b.force) break;
    }
  }
  return status;
}

const flag = (name: string, modelled = true) => ({ flag: name, modelled });

export const command = defineCommand({
  name: 'bridge',
  dir: '/usr/sbin',
  summary: 'Bridge ports, forwarding database and VLANs',
  images: ['node', 'netshoot'],
  options: [
    ...['-d', '-s', '-o', '-j', '-p', '-V'].map((f) => flag(f)),
    { flag: '-n', value: 'NETNS', modelled: true },
    flag('-compressvlans'),
    flag('-color'),
    flag('-force'),
    { flag: '-batch', value: 'FILE', modelled: true },
  ],
  notModelled: ['bridge monitor', 'bridge vni'],
  run,
  complete: ({ words, word }) =>
    (words.length === 1
      ? ['fdb', 'link', 'mdb', 'vlan']
      : ['add', 'append', 'del', 'replace', 'set', 'show', 'dev']
    ).filter((w) => w.startsWith(word)),
});
