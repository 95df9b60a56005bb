import type { Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption, lastOption } from '../files.ts';
import { print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, {
    short: 'finTt:uv',
    notModelled: ['i', 'u'],
    long: { force: 'f', 'no-clobber': 'n', 'target-directory=': 't', 'no-target-directory': 'T', verbose: 'v' },
  });
  if (typeof parsed === 'number') return parsed;
  const operands = [...parsed.operands];
  const target = lastOption(parsed, 't') ?? operands.pop();
  if (target === undefined || operands.length === 0) {
    const [only] = parsed.operands;
    yield* printErr(
      `mv: missing ${only === undefined ? 'file operand' : `destination file operand after '${only}'`}\nTry 'mv --help' for more information.\n`,
    );
    return 1;
  }
  const vfs = vfsOf(proc);
  const into = vfs.isDir(target) && !hasOption(parsed, 'T');
  if (operands.length > 1 && !into) {
    yield* printErr(
      vfs.exists(target)
        ? `mv: target '${target}' is not a directory\n`
        : `mv: target '${target}': No such file or directory\n`,
    );
    return 1;
  }
  let status = 0;
  for (const source of operands) {
    const to = into ? `${target.replace(/\/+$/, '')}/${source.replace(/\/+$/, '').replace(/^.*\//, '')}` : target;
    const from = vfs.lstat(source);
    const there = vfs.stat(to);
    let message: string | null = null;
    if (!from.ok) message = `cannot stat '${source}': ${strerror(from.errno)}`;
    else if (there.ok && there.value.node === from.value.node) message = `'${source}' and '${to}' are the same file`;
    else if (there.ok && hasOption(parsed, 'n')) continue;
    else if (there.ok && there.value.type === 'dir' && from.value.type !== 'dir')
      message = `cannot overwrite directory '${to}' with non-directory`;
    else {
      const done = vfs.rename(source, to);
      if (!done.ok)
        message =
          done.errno === 'EINVAL'
            ? `cannot move '${source}' to a subdirectory of itself, '${to}'`
            : `cannot move '${source}' to '${to}': ${strerror(done.errno)}`;
      else if (hasOption(parsed, 'v')) yield* print(`renamed '${source}' -> '${to}'\n`);
    }
    if (message === null) continue;
    yield* printErr(`mv: ${message}\n`);
    status = 1;
  }
  return status;
}

export const command = defineCommand({
  name: 'mv',
  dir: '/usr/bin',
  summary: 'move and rename files',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-f -n -t=DIR -T -v ! -i -u'),
  run,
});
