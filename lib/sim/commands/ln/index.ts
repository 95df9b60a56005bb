import type { Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption } from '../files.ts';
import { print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, {
    short: 'sfnTv',
    long: { symbolic: 's', force: 'f', 'no-dereference': 'n', 'no-target-directory': 'T', verbose: 'v' },
  });
  if (typeof parsed === 'number') return parsed;
  const { operands } = parsed;
  if (operands.length === 0) {
    yield* printErr("ln: missing file operand\nTry 'ln --help' for more information.\n");
    return 1;
  }
  const vfs = vfsOf(proc);
  const symbolic = hasOption(parsed, 's');
  const last = operands.length === 1 ? '.' : (operands[operands.length - 1] as string);
  const sources = operands.length === 1 ? operands : operands.slice(0, -1);
  const link = vfs.lstat(last);
  const into =
    vfs.isDir(last) && !hasOption(parsed, 'T') && !(hasOption(parsed, 'n') && link.ok && link.value.type === 'symlink');
  if (sources.length > 1 && !into) {
    yield* printErr(`ln: target '${last}' is not a directory\n`);
    return 1;
  }
  let status = 0;
  for (const source of sources) {
    const path = into
      ? `${last.replace(/\/+$/, '')}/${source.replace(/\/+$/, '').replace(/^.*\//, '')}`.replace(/^\.\//, './')
      : last;
    const there = vfs.lstat(path);
    if (hasOption(parsed, 'f') && there.ok && there.value.type !== 'dir') vfs.unlink(path);
    const done = symbolic ? vfs.symlink(source, path) : vfs.link(source, path);
    if (done.ok) {
      if (hasOption(parsed, 'v')) yield* print(`'${path}' ${symbolic ? '->' : '=>'} '${source}'\n`);
      continue;
    }
    status = 1;
    const from = !symbolic && !vfs.lstat(source).ok;
    const shown = into ? path.replace(/^\.\//, './') : path;
    yield* printErr(
      from
        ? `ln: failed to access '${source}': ${strerror(done.errno)}\n`
        : `ln: failed to create ${symbolic ? 'symbolic' : 'hard'} link '${shown}': ${strerror(done.errno)}\n`,
    );
  }
  return status;
}

export const command = defineCommand({
  name: 'ln',
  dir: '/usr/bin',
  summary: 'make links',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-s -f -n -T -v'),
  run,
});
