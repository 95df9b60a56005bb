import type { Proc, Program } from '../../kernel/process.ts';
import { findProgram } from '../../shell/program.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, printErr, runChild } from '../io.ts';
import { optionDocs } from '../options.ts';

export const command = defineCommand({
  name: 'nsenter',
  dir: '/usr/bin',
  summary: "run a program in another process's namespaces",
  images: ['node'],
  options: optionDocs('-t=PID -n --net=FILE ! -m -p -u -i -a'),
  *run(proc: Proc): Program {
    const args = proc.argv.slice(1);
    let pid: string | undefined;
    let file: string | null = null;
    let net = false;
    while (args[0]?.startsWith('-') && args[0] !== '--') {
      const arg = args.shift() as string;
      const long = /^--(net|target)(?:=(.*))?$/.exec(arg);
      if (arg === '-t' || (long?.[1] === 'target' && long[2] === undefined)) pid = args.shift();
      else if (long?.[1] === 'target') pid = long[2];
      else if (/^-t\d+$/.test(arg)) pid = arg.slice(2);
      else if (arg === '-n' || long?.[1] === 'net') {
        net = true;
        file = long?.[2] ?? null;
      } else if (/^-n./.test(arg)) {
        net = true;
        file = arg.slice(2);
      } else return yield* notModelled(`nsenter ${arg}`);
    }
    if (args[0] === '--') args.shift();
    if (!net) return yield* notModelled('nsenter without --net');
    let id: number | undefined;
    if (file !== null) {
      const at = vfsOf(proc).stat(file);
      if (!at.ok) {
        yield* printErr(`nsenter: cannot open ${file}: No such file or directory\n`);
        return 1;
      }
      id = at.value.node.type === 'netns' ? at.value.node.netns : undefined;
      if (id === undefined) {
        yield* printErr(`nsenter: reassociate to namespace 'ns/net' failed: Invalid argument\n`);
        return 1;
      }
    } else {
      if (pid === undefined) {
        yield* printErr('nsenter: no target PID specified for --net\n');
        return 1;
      }
      id = proc.host.processes.get(Number(pid))?.netns;
      if (id === undefined) {
        yield* printErr(`nsenter: cannot open /proc/${pid}/ns/net: No such file or directory\n`);
        return 1;
      }
    }
    const netns = proc.world.netns.get(id);
    const argv = args.length > 0 ? args : ['bash'];
    const found = findProgram(proc, argv);
    if (!netns || !found.ok) {
      yield* printErr(`nsenter: failed to execute ${argv[0]}: No such file or directory\n`);
      return 127;
    }
    return yield* runChild(proc, { argv: found.argv, main: found.main, netns });
  },
});
