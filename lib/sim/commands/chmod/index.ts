import type { Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption } from '../files.ts';
import { printErr } from '../io.ts';
import { optionDocs } from '../options.ts';
import { treeOf } from '../tree.ts';
import { parseMode } from './mode.ts';

function* run(proc: Proc): Program {
  // `chmod -x file`: a mode, not an option.
  const at = proc.argv.findIndex((a, i) => i > 0 && /^-[rwxXst]+$/.test(a));
  if (at > 0 && !proc.argv.slice(1, at).some((a) => /^[^-]/.test(a))) proc.argv[at] = `a${proc.argv[at]}`;
  const parsed = yield* coreutilsOptions(proc, {
    short: 'Rvcf',
    long: { recursive: 'R', verbose: 'v', changes: 'c', quiet: 'f', silent: 'f' },
  });
  if (typeof parsed === 'number') return parsed;
  const [mode, ...paths] = parsed.operands;
  if (mode === undefined || paths.length === 0) {
    yield* printErr(
      `chmod: missing operand${mode === undefined ? '' : ` after '${mode}'`}\nTry 'chmod --help' for more information.\n`,
    );
    return 1;
  }
  const change = parseMode(mode);
  if (!change) {
    yield* printErr(`chmod: invalid mode: ‘${mode}’\nTry 'chmod --help' for more information.\n`);
    return 1;
  }
  const vfs = vfsOf(proc);
  let status = 0;
  for (const path of paths.flatMap((p) => (hasOption(parsed, 'R') ? treeOf(proc, p) : [p]))) {
    const stat = vfs.stat(path);
    const done = stat.ok ? vfs.chmod(path, change(stat.value.mode, stat.value.type === 'dir')) : stat;
    if (done.ok) continue;
    status = 1;
    yield* printErr(
      stat.ok
        ? `chmod: changing permissions of '${path}': ${strerror(done.errno)}\n`
        : `chmod: cannot access '${path}': ${strerror(done.errno)}\n`,
    );
  }
  return status;
}

export const command = defineCommand({
  name: 'chmod',
  dir: '/usr/bin',
  summary: 'change permission bits',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-R -f'),
  run,
});
