/** iptables-restore. */
import type { Io, Proc } from '../../kernel/process.ts';
import { runRestore } from '../../linux/netfilter/restore.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { notModelled, print, printErr, readAll } from '../io.ts';
import { extensionHelp, helpText } from './help.ts';
import { listText, specText } from './list.ts';
import { readOptions } from './options.ts';
import { variantOf } from './variant.ts';

const OPTIONS = { c: 0, v: 0, V: 0, t: 0, h: 0, n: 0, w: 2, W: 1, M: 1, T: 1 } as const;
const LONG = [
  ['counters', 'c'],
  ['verbose', 'v'],
  ['version', 'V'],
  ['test', 't'],
  ['help', 'h'],
  ['noflush', 'n'],
  ['modprobe', 'M'],
  ['table', 'T'],
  ['wait', 'w'],
  ['wait-interval', 'W'],
  ['ipv4', '4'],
  ['ipv6', '6'],
] as const;

const usage = (prog: string): string =>
  `Usage: ${prog} [-c] [-v] [-V] [-t] [-h] [-n] [-T table] [-M command] [-4] [-6] [file]\n` +
  [
    '--counters ',
    '--verbose ',
    '--version',
    '--test ',
    '--help ',
    '--noflush ',
    '--table=<TABLE> ',
    '--modprobe=<command> ',
    '--ipv4 ',
    '--ipv6 ',
  ]
    .map((o) => `\t   [ ${o}]\n`)
    .join('');

/** Runs `iptables-restore …`. */
export function* runRestoreProgram(proc: Proc): Io<number> {
  const v = variantOf(proc);
  const read = readOptions(proc.argv.slice(1), OPTIONS, LONG);
  if ('error' in read) {
    yield* printErr(`${v.argv0}: ${read.error}\nTry \`${v.prog} -h' for more information.\n`);
    return 1;
  }
  const { options, words } = read;
  // Known to getopt and to nothing else.
  if (options.has('4') || options.has('6')) {
    yield* printErr(`Try \`${v.prog} -h' for more information.\n`);
    return 1;
  }
  if (options.has('V')) {
    yield* print(`${v.prog} v1.8.9 (${v.label})\n`);
    return 0;
  }
  if (options.has('h')) {
    yield* printErr(usage(v.prog));
    return 0;
  }
  if (words.length > 1) {
    yield* printErr('Unknown arguments found on commandline\n');
    return 1;
  }
  let text: string;
  const file = words[0];
  if (file === undefined) text = yield* readAll();
  else {
    const got = vfsOf(proc).readFile(file);
    if (!got.ok) {
      yield* printErr(`Can't open ${file}: ${got.errno === 'ENOENT' ? 'No such file or directory' : got.errno}\n`);
      return 1;
    }
    text = got.value;
  }
  const source = { ns: proc.netns, host: proc.host, family: v.family, owner: v.owner };
  const result = runRestore(
    proc.world,
    proc.netns,
    proc.host,
    v.family,
    text,
    {
      noflush: options.has('n'),
      counters: options.has('c'),
      test: options.has('t'),
      verbose: options.has('v'),
      table: options.get('T'),
      owner: v.owner,
      prog: v.prog,
    },
    (c) => (c.op === 'L' ? listText(source, c) : specText(source, c)),
  );
  yield* print(result.stdout);
  if (result.shown?.kind === 'version') yield* print(`${v.prog} v1.8.9 (${v.label})\n`);
  if (result.shown?.kind === 'help')
    yield* print(
      helpText(`${v.prog} v1.8.9 (${v.label})`, v.prog, v.family === 'ip6') +
        extensionHelp(result.shown.matches, result.shown.target, v.family),
    );
  yield* printErr(result.stderr);
  if (result.notModelled !== undefined) return yield* notModelled(result.notModelled);
  return result.status;
}
