import type { Proc, Program } from '../../kernel/process.ts';
import { execInPlace, findProgram } from '../../shell/program.ts';
import { defineCommand } from '../contract.ts';
import { printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

export const command = defineCommand({
  name: 'su',
  dir: '/usr/bin',
  summary: 'run a shell as another user',
  images: ['node'],
  options: optionDocs('-c=COMMAND'),
  notModelled: ['users other than root'],
  *run(proc: Proc): Program {
    const args = proc.argv.slice(1);
    const at = args.indexOf('-c');
    const command = at >= 0 ? args.splice(at, 2)[1] : undefined;
    const user = args.find((a) => !a.startsWith('-')) ?? 'root';
    if (user !== 'root') {
      yield* printErr(`su: user ${user} does not exist or the user entry does not contain all the required fields\n`);
      return 1;
    }
    const found = findProgram(proc, command === undefined ? ['bash'] : ['bash', '-c', command]);
    return found.ok ? yield* execInPlace(proc, found) : 127;
  },
});
