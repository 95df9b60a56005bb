import type { Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption } from '../files.ts';
import { notModelled, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, {
    short: 'acd:fhmr:t:',
    long: { 'no-create': 'c', 'date=': 'd', 'reference=': 'r' },
  });
  if (typeof parsed === 'number') return parsed;
  for (const key of ['d', 't', 'r']) if (hasOption(parsed, key)) return yield* notModelled(`touch -${key}`);
  if (parsed.operands.length === 0) {
    yield* printErr("touch: missing file operand\nTry 'touch --help' for more information.\n");
    return 1;
  }
  const vfs = vfsOf(proc);
  let status = 0;
  for (const path of parsed.operands) {
    const there = vfs.exists(path);
    if (!there && hasOption(parsed, 'c')) continue;
    const done = there ? vfs.utimes(path, proc.world.now) : vfs.open(path, 'a');
    if (done.ok) continue;
    yield* printErr(`touch: ${there ? 'setting times of' : 'cannot touch'} '${path}': ${strerror(done.errno)}\n`);
    status = 1;
  }
  return status;
}

export const command = defineCommand({
  name: 'touch',
  dir: '/usr/bin',
  summary: 'make files, set their times',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-a -c -m ! -d -t -r'),
  run,
});
