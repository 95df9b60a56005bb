import type { FileDesc, Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption, install, tryPrint } from '../files.ts';
import { printErr, read } from '../io.ts';
import { optionDocs } from '../options.ts';

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, { short: 'aip', long: { append: 'a', 'ignore-interrupts': 'i' } });
  if (typeof parsed === 'number') return parsed;
  let status = 0;
  const outputs: { path: string; fd: number }[] = [];
  for (const path of parsed.operands) {
    const file = vfsOf(proc).open(path, hasOption(parsed, 'a') ? 'a' : 'w');
    if (file.ok) outputs.push({ path, fd: install(proc, file.value as FileDesc) });
    else {
      yield* printErr(`tee: ${path}: ${strerror(file.errno)}\n`);
      status = 1;
    }
  }
  for (let chunk = yield* read(); chunk !== null; chunk = yield* read()) {
    yield* tryPrint(chunk);
    for (const output of [...outputs]) {
      const errno = yield* tryPrint(chunk, output.fd);
      if (!errno) continue;
      yield* printErr(`tee: ${output.path}: ${strerror(errno)}\n`);
      outputs.splice(outputs.indexOf(output), 1);
      status = 1;
    }
  }
  return status;
}

export const command = defineCommand({
  name: 'tee',
  dir: '/usr/bin',
  summary: 'copy standard input to files',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-a -i'),
  run,
});
