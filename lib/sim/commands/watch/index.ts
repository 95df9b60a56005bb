import type { Proc, Program } from '../../kernel/process.ts';
import { defineCommand } from '../contract.ts';
import { isTty, notModelled, printErr, runChild } from '../io.ts';
import { optionDocs } from '../options.ts';

export const command = defineCommand({
  name: 'watch',
  dir: '/usr/bin',
  summary: 'run a program again and again',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-n=SECONDS -t -d -e'),
  *run(proc: Proc): Program {
    const args = proc.argv.slice(1);
    let interval = 2;
    let title = true;
    while (args[0]?.startsWith('-')) {
      const arg = args.shift() as string;
      const n = /^(?:-n|--interval=)(.*)$/.exec(arg);
      if (n) interval = Number(n[1] || args.shift()) || 2;
      else if (arg === '-t' || arg === '--no-title') title = false;
    }
    if (args.length === 0) {
      yield* printErr('\nUsage:\n watch [options] command\n');
      return 1;
    }
    const bash = proc.machine.commands.get('sh');
    if (!bash || !isTty(proc, 1)) return yield* notModelled('watch without a terminal');
    const command = args.join(' ');
    for (;;) {
      const head = title ? `Every ${interval.toFixed(1)}s: ${command}\n\n` : '';
      yield { op: 'write', fd: 1, data: `\x1b[H\x1b[2J${head}` };
      yield* runChild(proc, { argv: ['sh', '-c', command], main: (p) => bash.run(p) });
      yield { op: 'sleep', us: Math.max(0.1, interval) * 1e6 };
    }
  },
});
