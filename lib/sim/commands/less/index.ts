import type { Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { defineCommand } from '../contract.ts';
import { readInput } from '../files.ts';
import { notModelled, print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

export const command = defineCommand({
  name: 'less',
  aliases: ['more'],
  dir: '/usr/bin',
  summary: 'show a file: all at once, without keys',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-F -R -X -S -N'),
  notModelled: ['paging: the whole file is printed, as it is into a pipe'],
  *run(proc: Proc): Program {
    const name = (proc.argv[0] ?? '').replace(/^.*\//, '');
    const args = proc.argv.slice(1);
    const option = args.find((a) => /^-./.test(a) && !/^-[FRXSEe]+$/.test(a));
    if (option !== undefined) return yield* notModelled(`${name} ${option}`);
    const files = args.filter((a) => !/^-./.test(a));
    let status = 0;
    for (const path of files.length > 0 ? files : ['-']) {
      const got = yield* readInput(proc, path);
      if ('text' in got) yield* print(got.text);
      else if (name === 'less') yield* print(`${path}: ${strerror(got.errno)}\n`);
      else {
        yield* printErr(`more: cannot open ${path}: ${strerror(got.errno)}\n`);
        status = 1;
      }
    }
    return status;
  },
});
