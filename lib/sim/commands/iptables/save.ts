/** iptables-save. */
import type { Io, Proc } from '../../kernel/process.ts';
import { ensureIptables, TABLE_NAMES } from '../../linux/netfilter/tables.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { print, printErr } from '../io.ts';
import { saveText, Unread } from './list.ts';
import { unread } from './main.ts';
import { readOptions } from './options.ts';
import { legacyWarning, variantOf } from './variant.ts';

const OPTIONS = { c: 0, d: 0, t: 1, M: 1, f: 1, V: 0 } as const;
const LONG = [
  ['counters', 'c'],
  ['version', 'V'],
  ['dump', 'd'],
  ['table', 't'],
  ['modprobe', 'M'],
  ['file', 'f'],
] as const;

/** Runs `iptables-save …`. */
export function* runSave(proc: Proc): Io<number> {
  const v = variantOf(proc);
  const read = readOptions(proc.argv.slice(1), OPTIONS, LONG);
  if ('error' in read) {
    yield* printErr(`${v.argv0}: ${read.error}\nLook at manual page \`${v.prog}.8' for more information.\n`);
    return 1;
  }
  const { options, words } = read;
  if (options.has('V')) {
    yield* print(`${v.prog} v1.8.9 (${v.label})\n`);
    return 0;
  }
  if (words.length > 0) {
    yield* printErr('Unknown arguments found on commandline\n');
    return 1;
  }
  const table = options.get('t') ?? null;
  if (table !== null && !TABLE_NAMES.includes(table)) {
    yield* printErr(
      v.owner === 'nft'
        ? `Table \`${table}' does not exist\n`
        : `${v.prog} v1.8.9 (legacy): Cannot initialize: Table does not exist (do you need to insmod?)\n`,
    );
    return 1;
  }
  // The legacy front end makes the table it is asked for.
  if (table !== null && v.owner === 'iptables') ensureIptables(proc.netns, v.family, table, v.owner);
  let text: string;
  try {
    text = saveText(
      proc.world,
      { ns: proc.netns, host: proc.host, family: v.family, owner: v.owner },
      table,
      options.has('c'),
      v.prog,
    );
  } catch (error) {
    if (!(error instanceof Unread)) throw error;
    yield* printErr(legacyWarning(proc, v, '-save'));
    return yield* unread(proc, v, error);
  }
  const file = options.get('f');
  if (file !== undefined) {
    const wrote = vfsOf(proc).writeFile(file, text);
    if (!wrote.ok) {
      yield* printErr(
        `Failed to open file, error: ${wrote.errno === 'ENOENT' ? 'No such file or directory' : wrote.errno}\n`,
      );
      return 1;
    }
  }
  yield* printErr(legacyWarning(proc, v, '-save'));
  if (file === undefined) yield* print(text);
  return 0;
}
