/** ipvsadm-save and ipvsadm-restore, Debian's scripts around `ipvsadm -S` and `-R`. */
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { defineCommand } from '../contract.ts';
import { printErr, readAll } from '../io.ts';
import { runIpvsadm } from '../ipvsadm/index.ts';

function* save(proc: Proc, words: readonly string[]): Io<number> {
  if (words.some((w) => w.startsWith('-') && w !== '-n')) {
    yield* printErr(
      'ipvsadm-save: Script to save the IPVS table to stdout.\nWith the -n option, prints out the table in numeric format.\n',
    );
    return 1;
  }
  return yield* runIpvsadm(proc, words.includes('-n') ? ['-S', '-n'] : ['-S']);
}

/** The table is emptied before it is read. */
function* restore(proc: Proc): Io<number> {
  const lines = (yield* readAll()).split('\n').filter((line) => !line.startsWith('#'));
  const cleared = yield* runIpvsadm(proc, ['-C']);
  return cleared || (yield* runIpvsadm(proc, ['-R'], `${lines.join('\n')}\n`));
}

export const command = defineCommand({
  name: 'ipvsadm-save',
  aliases: ['ipvsadm-restore'],
  dir: '/usr/sbin',
  summary: 'save and restore the IPVS table',
  images: ['node'],
  options: [{ flag: '-n', modelled: true }],
  *run(proc: Proc): Program {
    const restoring = proc.argv[0]?.endsWith('restore') ?? false;
    return restoring ? yield* restore(proc) : yield* save(proc, proc.argv.slice(1));
  },
});
