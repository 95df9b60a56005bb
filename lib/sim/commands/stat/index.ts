import type { Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { type Stat, vfsOf } from '../../shell/vfs/vfs.ts';
import { expandEscapes } from '../../text/escapes.ts';
import { strftime } from '../../text/strftime.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption, lastOption } from '../files.ts';
import { notModelled, print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';
import { modeText, userName } from './mode.ts';

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, {
    short: 'Lfc:t',
    long: { dereference: 'L', 'file-system': 'f', 'format=': 'c', 'printf=': 'p', terse: 't' },
  });
  if (typeof parsed === 'number') return parsed;
  if (parsed.operands.length === 0) {
    yield* printErr("stat: missing operand\nTry 'stat --help' for more information.\n");
    return 1;
  }
  const format = lastOption(parsed, 'c') ?? lastOption(parsed, 'p');
  if (format === undefined || hasOption(parsed, 'f') || hasOption(parsed, 't'))
    return yield* notModelled('stat without -c FORMAT: inode and device numbers');
  let status = 0;
  for (const path of parsed.operands) {
    const at = hasOption(parsed, 'L') ? vfsOf(proc).stat(path) : vfsOf(proc).lstat(path);
    if (!at.ok) {
      yield* printErr(`stat: cannot statx '${path}': ${strerror(at.errno)}\n`);
      status = 1;
      continue;
    }
    const unknown = /%[^nNsafAuUgGFyYXZxzh%]/.exec(format);
    if (unknown) return yield* notModelled(`stat -c ${unknown[0]}`);
    const text = format.replace(/%(.)/g, (_, c: string) => field(c, path, at.value, proc.world.epoch));
    yield* print(hasOption(parsed, 'p') ? expandEscapes(text, false).text : `${text}\n`);
  }
  return status;
}

function field(c: string, path: string, stat: Stat, epoch: number): string {
  const seconds = epoch + Math.floor(stat.mtime / 1e6);
  const micros = stat.mtime - Math.floor(stat.mtime / 1e6) * 1e6;
  switch (c) {
    case 'n':
      return path;
    case 'N':
      return stat.node.type === 'symlink' ? `'${path}' -> '${stat.node.target}'` : `'${path}'`;
    case 's':
      return String(stat.size);
    case 'a':
      return stat.mode.toString(8);
    case 'f':
      return (
        (stat.type === 'dir'
          ? 0o040000
          : stat.type === 'symlink'
            ? 0o120000
            : stat.type === 'device'
              ? 0o020000
              : 0o100000) | stat.mode
      ).toString(16);
    case 'A':
      return modeText(stat);
    case 'u':
      return String(stat.uid);
    case 'g':
      return String(stat.gid);
    case 'U':
      return userName(stat.uid);
    case 'G':
      return userName(stat.gid, true);
    case 'h':
      return stat.node.type === 'dir'
        ? String(2 + [...stat.node.entries.values()].filter((n) => n.type === 'dir').length)
        : '1';
    case 'F':
      return stat.type === 'dir'
        ? 'directory'
        : stat.type === 'symlink'
          ? 'symbolic link'
          : stat.type === 'device'
            ? 'character special file'
            : stat.size === 0
              ? 'regular empty file'
              : 'regular file';
    case 'y':
    case 'x':
    case 'z':
      return `${strftime('%Y-%m-%d %H:%M:%S', seconds, 0)}.${String(micros * 1000).padStart(9, '0')} +0000`;
    case 'Y':
    case 'X':
    case 'Z':
      return String(seconds);
    default:
      return '%';
  }
}

export const command = defineCommand({
  name: 'stat',
  dir: '/usr/bin',
  summary: "a file's status",
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-L -c=FORMAT --printf=FORMAT ! -f -t'),
  run,
});
