import type { Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { parseMode } from '../chmod/mode.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption, lastOption } from '../files.ts';
import { print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, { short: 'm:pvZ', long: { 'mode=': 'm', parents: 'p', verbose: 'v' } });
  if (typeof parsed === 'number') return parsed;
  if (parsed.operands.length === 0) {
    yield* printErr("mkdir: missing operand\nTry 'mkdir --help' for more information.\n");
    return 1;
  }
  const modeText = lastOption(parsed, 'm');
  const change = modeText === undefined ? null : parseMode(modeText);
  if (modeText !== undefined && !change) {
    yield* printErr(`mkdir: invalid mode '${modeText}'\n`);
    return 1;
  }
  const vfs = vfsOf(proc);
  let status = 0;
  for (const path of parsed.operands) {
    const made: string[] = [];
    let errno: string | null = null;
    if (hasOption(parsed, 'p')) {
      const parts = path.split('/').filter((p) => p !== '');
      for (let i = 1; i <= parts.length && !errno; i++) {
        const prefix = (path.startsWith('/') ? '/' : '') + parts.slice(0, i).join('/');
        if (vfs.isDir(prefix)) continue;
        const done = vfs.mkdir(prefix);
        if (done.ok) made.push(prefix);
        else errno = done.errno;
      }
    } else {
      const done = vfs.mkdir(path.replace(/(?<=.)\/+$/, ''));
      if (done.ok) made.push(path);
      else errno = done.errno;
    }
    if (errno) {
      yield* printErr(`mkdir: cannot create directory ‘${path}’: ${strerror(errno)}\n`);
      status = 1;
      continue;
    }
    if (change && made.length > 0) vfs.chmod(path, change(0o777, true));
    if (hasOption(parsed, 'v')) for (const m of made) yield* print(`mkdir: created directory '${m}'\n`);
  }
  return status;
}

export const command = defineCommand({
  name: 'mkdir',
  dir: '/usr/bin',
  summary: 'make directories',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-m=MODE -p -v'),
  run,
});
