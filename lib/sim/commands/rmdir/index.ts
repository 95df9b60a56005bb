import type { Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption } from '../files.ts';
import { printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, { short: 'pv', long: { parents: 'p', verbose: 'v' } });
  if (typeof parsed === 'number') return parsed;
  if (parsed.operands.length === 0) {
    yield* printErr("rmdir: missing operand\nTry 'rmdir --help' for more information.\n");
    return 1;
  }
  let status = 0;
  for (const operand of parsed.operands) {
    for (
      let path = operand;
      path !== '' && path !== '/';
      path = hasOption(parsed, 'p') ? path.slice(0, Math.max(0, path.lastIndexOf('/'))) : ''
    ) {
      const done = vfsOf(proc).rmdir(path);
      if (done.ok) continue;
      yield* printErr(`rmdir: failed to remove '${path}': ${strerror(done.errno)}\n`);
      status = 1;
      break;
    }
  }
  return status;
}

export const command = defineCommand({
  name: 'rmdir',
  dir: '/usr/bin',
  summary: 'remove empty directories',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-p'),
  run,
});
