import type { Proc, Program } from '../../kernel/process.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption } from '../files.ts';
import { print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

/** What the kernel says of its build; this one carries no date. */
const KERNEL_BUILD = '#1 SMP PREEMPT_DYNAMIC';

export const command = defineCommand({
  name: 'uname',
  dir: '/usr/bin',
  summary: 'system information',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-a -s -n -r -v -m -p -i -o'),
  *run(proc: Proc): Program {
    const parsed = yield* coreutilsOptions(proc, {
      short: 'asnrvmpio',
      long: {
        all: 'a',
        'kernel-name': 's',
        nodename: 'n',
        'kernel-release': 'r',
        machine: 'm',
        'kernel-version': 'v',
        processor: 'p',
        'hardware-platform': 'i',
        'operating-system': 'o',
      },
    });
    if (typeof parsed === 'number') return parsed;
    if (parsed.operands.length > 0) {
      yield* printErr(`uname: extra operand ‘${parsed.operands[0]}’\nTry 'uname --help' for more information.\n`);
      return 1;
    }
    const fields: [string, string][] = [
      ['s', 'Linux'],
      ['n', proc.hostname],
      ['r', proc.host.kernel],
      ['v', KERNEL_BUILD],
      ['m', 'x86_64'],
      ['p', 'unknown'],
      ['i', 'unknown'],
      ['o', 'GNU/Linux'],
    ];
    const all = hasOption(parsed, 'a');
    const wanted = fields.filter(([k]) =>
      all ? k !== 'p' && k !== 'i' : parsed.options.length === 0 ? k === 's' : hasOption(parsed, k),
    );
    yield* print(`${wanted.map(([, v]) => v).join(' ')}\n`);
    return 0;
  },
});
