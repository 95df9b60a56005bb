import type { Proc, Program } from '../../kernel/process.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption } from '../files.ts';
import { notModelled, print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

export const command = defineCommand({
  name: 'uname',
  dir: '/usr/bin',
  summary: 'system information',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-s -n -r -m -o ! -a -v -p -i'),
  *run(proc: Proc): Program {
    const parsed = yield* coreutilsOptions(proc, {
      short: 'asnrvmpio',
      long: {
        all: 'a',
        'kernel-name': 's',
        nodename: 'n',
        'kernel-release': 'r',
        machine: 'm',
        'operating-system': 'o',
      },
    });
    if (typeof parsed === 'number') return parsed;
    if (parsed.operands.length > 0) {
      yield* printErr(`uname: extra operand '${parsed.operands[0]}'\nTry 'uname --help' for more information.\n`);
      return 1;
    }
    for (const key of ['a', 'v', 'p', 'i'])
      if (hasOption(parsed, key)) return yield* notModelled(`uname -${key}: the kernel's build`);
    const fields: [string, string][] = [
      ['s', 'Linux'],
      ['n', proc.hostname],
      ['r', proc.host.kernel],
      ['m', 'x86_64'],
      ['o', 'GNU/Linux'],
    ];
    const wanted = fields.filter(([k]) => (parsed.options.length === 0 ? k === 's' : hasOption(parsed, k)));
    yield* print(`${wanted.map(([, v]) => v).join(' ')}\n`);
    return 0;
  },
});
