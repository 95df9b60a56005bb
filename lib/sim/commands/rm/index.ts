import type { Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption } from '../files.ts';
import { print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';
import { treeOf } from '../tree.ts';

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, {
    short: 'dfiIrRv',
    long: { dir: 'd', force: 'f', recursive: 'r', verbose: 'v', 'interactive?': 'i' },
    notModelled: ['i', 'I'],
  });
  if (typeof parsed === 'number') return parsed;
  const force = hasOption(parsed, 'f');
  const recursive = hasOption(parsed, 'r') || hasOption(parsed, 'R');
  if (parsed.operands.length === 0) {
    if (force) return 0;
    yield* printErr("rm: missing operand\nTry 'rm --help' for more information.\n");
    return 1;
  }
  const vfs = vfsOf(proc);
  let status = 0;
  for (const path of parsed.operands) {
    const fail = function* (message: string) {
      status = 1;
      yield* printErr(`rm: ${message}\n`);
    };
    const at = vfs.lstat(path);
    if (!at.ok) {
      if (!(force && (at.errno === 'ENOENT' || at.errno === 'ENOTDIR')))
        yield* fail(`cannot remove '${path}': ${strerror(at.errno)}`);
      continue;
    }
    const dir = at.value.type === 'dir';
    if (dir && !recursive && !hasOption(parsed, 'd')) {
      yield* fail(`cannot remove '${path}': Is a directory`);
      continue;
    }
    if (dir && at.value.path === '/') {
      yield* fail(
        `it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe`,
      );
      continue;
    }
    if (dir && /(?:^|\/)\.{1,2}\/*$/.test(path)) {
      yield* fail(`refusing to remove '.' or '..' directory: skipping '${path}'`);
      continue;
    }
    for (const p of dir && recursive ? treeOf(proc, path, true) : [path]) {
      const kind = vfs.lstat(p);
      const done = kind.ok && kind.value.type === 'dir' ? vfs.rmdir(p) : vfs.unlink(p);
      if (!done.ok) yield* fail(`cannot remove '${p}': ${strerror(done.errno)}`);
      else if (hasOption(parsed, 'v'))
        yield* print(`removed ${kind.ok && kind.value.type === 'dir' ? 'directory ' : ''}'${p}'\n`);
    }
  }
  return status;
}

export const command = defineCommand({
  name: 'rm',
  dir: '/usr/bin',
  summary: 'remove files',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-d -f -r -R -v ! -i'),
  run,
});
