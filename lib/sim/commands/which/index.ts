import type { Proc, Program } from '../../kernel/process.ts';
import { lookPath } from '../../shell/program.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { getopt } from '../../text/getopt.ts';
import { defineCommand } from '../contract.ts';
import { print, printErr } from '../io.ts';

export const command = defineCommand({
  name: 'which',
  dir: '/usr/bin',
  summary: 'locate a program',
  images: ['node', 'netshoot', 'busybox'],
  options: [{ flag: '-a', modelled: true }],
  *run(proc: Proc): Program {
    let status = 0;
    const { options, operands, error } = getopt(proc.argv.slice(1), { short: '+a' });
    const wrong = /-- '(.)'/.exec(error ?? '');
    if (error !== undefined) {
      yield* printErr(`Illegal option -${wrong?.[1] ?? '-'}\nUsage: /usr/bin/which [-a] args\n`);
      return 2;
    }
    const every = options.length > 0;
    for (const name of operands) {
      const at = name.includes('/') ? vfsOf(proc).stat(name) : null;
      const path = at
        ? at.ok && (at.value.mode & 0o111) !== 0 && at.value.type === 'file'
          ? name
          : null
        : lookPath(proc, name, proc.env.get('PATH') ?? '');
      if (path === null) status = 1;
      else if (!every || at) yield* print(`${path}\n`);
      else {
        for (const dir of (proc.env.get('PATH') ?? '').split(':')) {
          const one = lookPath(proc, name, dir);
          if (one !== null) yield* print(`${one}\n`);
        }
      }
    }
    return operands.length > 0 ? status : 1;
  },
});
