import type { Io, Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { compareVersions } from '../../text/version-sort.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions } from '../files.ts';
import { isTty, notModelled, print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';
import { type Entry, listing, type Style } from './print.ts';

const SPEC = {
  short: 'aAbBcCdDfFgGhHiIklLmnNopqQrRsStTuUvwxXZ1',
  long: {
    all: 'a',
    'almost-all': 'A',
    directory: 'd',
    classify: 'F',
    'human-readable': 'h',
    inode: 'i',
    'numeric-uid-gid': 'n',
    reverse: 'r',
    recursive: 'R',
    'color?': 'color',
    'group-directories-first': 'first',
    'no-group': 'G',
    size: 's',
    'full-time': 'full-time',
    'sort=': 'sort',
    'time-style=': 'time-style',
  },
};
const UNMODELLED = [
  'b',
  'B',
  'c',
  'D',
  'I',
  'm',
  'q',
  'Q',
  's',
  'T',
  'u',
  'w',
  'X',
  'Z',
  'i',
  'full-time',
  'sort',
  'time-style',
];

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, SPEC, 2);
  if (typeof parsed === 'number') return parsed;
  const keys = new Set(parsed.options.map((o) => o.key));
  for (const key of UNMODELLED) if (keys.has(key)) return yield* notModelled(`ls ${key.length > 1 ? '--' : '-'}${key}`);
  const tty = isTty(proc, 1);
  const colour = parsed.options.findLast((o) => o.key === 'color');
  const style: Style = {
    long: keys.has('l') || keys.has('n') || keys.has('g') || keys.has('o'),
    numeric: keys.has('n'),
    human: keys.has('h'),
    owner: !keys.has('g'),
    group: !keys.has('G') && !keys.has('o'),
    classify: keys.has('F') ? 'all' : keys.has('p') ? 'dirs' : null,
    columns: !keys.has('1') && (tty || keys.has('C')) ? (tty && proc.tty ? proc.tty.cols : 80) : 0,
    colour: colour ? colour.value === undefined || colour.value === 'always' || (colour.value === 'auto' && tty) : tty,
    quote: tty,
    now: proc.world.epoch + proc.world.now / 1e6,
    epoch: proc.world.epoch,
  };
  const failures = { minor: 0, serious: 0 };
  const files: Entry[] = [];
  const dirs: Entry[] = [];
  for (const path of parsed.operands.length > 0 ? parsed.operands : ['.']) {
    const entry = entryOf(
      proc,
      path,
      path,
      style.long && !keys.has('H') && !keys.has('L') ? !path.endsWith('/') : false,
    );
    if (typeof entry === 'string') {
      failures.serious++;
      yield* printErr(`ls: cannot access '${path}': ${strerror(entry)}\n`);
    } else (entry.stat.type === 'dir' && !keys.has('d') ? dirs : files).push(entry);
  }
  const sort = sorter(keys);
  yield* print(listing(files.sort(sort), style));
  let blank = files.length > 0;
  const titled = dirs.length + files.length + failures.serious > 1 || keys.has('R');
  const queue = dirs.sort(sort).map((d) => d.name);
  let seen = 0;
  for (let path = queue.shift(); path !== undefined && seen < 5000; path = queue.shift()) {
    seen++;
    const inner = yield* listDirectory(proc, path, keys, style, titled, blank, sort);
    if (inner === null) failures.minor++;
    else if (keys.has('R')) queue.unshift(...inner);
    blank = true;
  }
  return failures.serious > 0 ? 2 : failures.minor > 0 ? 1 : 0;
}

/** Prints a directory; answers the directories within, or null when it cannot be read. */
function* listDirectory(
  proc: Proc,
  path: string,
  keys: ReadonlySet<string>,
  style: Style,
  titled: boolean,
  blank: boolean,
  sort: (a: Entry, b: Entry) => number,
): Io<string[] | null> {
  const names = vfsOf(proc).readdir(path);
  if (!names.ok) {
    yield* printErr(`ls: cannot open directory '${path}': ${strerror(names.errno)}\n`);
    return null;
  }
  const all = keys.has('a') || keys.has('f');
  const shown = names.value.filter((n) => all || keys.has('A') || !n.startsWith('.'));
  const entries: Entry[] = [];
  for (const name of all ? ['.', '..', ...shown] : shown) {
    const entry = entryOf(proc, `${path.replace(/\/+$/, '')}/${name}`, name, !keys.has('L'));
    if (typeof entry !== 'string') entries.push(entry);
  }
  entries.sort(sort);
  const total = style.long
    ? `total ${style.human ? humanTotal(entries) : entries.reduce((n, e) => n + blocks(e), 0)}\n`
    : '';
  yield* print(`${blank ? '\n' : ''}${titled ? `${path}:\n` : ''}${total}${listing(entries, style)}`);
  return entries
    .filter((e) => e.stat.type === 'dir' && e.name !== '.' && e.name !== '..')
    .map((e) => `${path.replace(/\/+$/, '')}/${e.name}`);
}

const blocks = (e: Entry): number =>
  e.stat.type === 'file' || e.stat.type === 'dir' ? Math.ceil(e.stat.size / 4096) * 4 : 0;

function humanTotal(entries: readonly Entry[]): string {
  const kib = entries.reduce((n, e) => n + blocks(e), 0);
  return kib === 0
    ? '0'
    : kib < 1024
      ? kib < 10
        ? `${kib}.0K`
        : `${kib}K`
      : `${(Math.ceil((kib / 1024) * 10) / 10).toFixed(1)}M`;
}

function entryOf(proc: Proc, path: string, name: string, link: boolean): Entry | string {
  const vfs = vfsOf(proc);
  const at = link ? vfs.lstat(path) : vfs.stat(path);
  const stat = at.ok ? at : vfs.lstat(path);
  if (!stat.ok) return stat.errno;
  const target = stat.value.node.type === 'symlink' ? stat.value.node.target : null;
  const to = target === null ? null : vfs.stat(path);
  return { name, stat: stat.value, target, targetStat: to?.ok ? to.value : null };
}

function sorter(keys: ReadonlySet<string>): (a: Entry, b: Entry) => number {
  const byName = (a: Entry, b: Entry) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  let order: (a: Entry, b: Entry) => number = byName;
  if (keys.has('U') || keys.has('f')) order = () => 0;
  else if (keys.has('t')) order = (a, b) => b.stat.mtime - a.stat.mtime || byName(a, b);
  else if (keys.has('S')) order = (a, b) => b.stat.size - a.stat.size || byName(a, b);
  else if (keys.has('v')) order = (a, b) => compareVersions(a.name, b.name);
  const directed = keys.has('r') ? (a: Entry, b: Entry) => -order(a, b) : order;
  if (!keys.has('first')) return directed;
  const isDir = (e: Entry) => (e.stat.type === 'dir' || e.targetStat?.type === 'dir' ? 0 : 1);
  return (a, b) => isDir(a) - isDir(b) || directed(a, b);
}

export const command = defineCommand({
  name: 'ls',
  dir: '/usr/bin',
  summary: 'list directories',
  images: ['node', 'netshoot', 'busybox', 'http'],
  options: optionDocs(
    '-a -A -C -d -F -g -G -h -l -L -n -o -p -r -R -S -t -U -v -1 --color=WHEN --group-directories-first ! -i -m -s -q -Q -w',
  ),
  run,
});
