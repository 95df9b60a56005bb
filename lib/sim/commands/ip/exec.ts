/** Running another program: execvp(3) as `ip netns exec` uses it. */
import type { Program } from '../../kernel/process.ts';
import type { NetNs } from '../../linux/types.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { printErr, runChild } from '../io.ts';
import type { Ip } from './context.ts';

/** Runs `argv` in `ns` and answers its status; 1 when it cannot be started. */
export function* execProgram(ip: Ip, argv: readonly string[], ns: NetNs): Program {
  const { proc } = ip;
  const [name = ''] = argv;
  const fs = vfsOf(proc);
  const dirs = name.includes('/') ? [''] : (proc.env.get('PATH') ?? '/usr/bin:/bin').split(':').map((dir) => `${dir}/`);
  for (const dir of dirs) {
    const found = fs.stat(`${dir}${name}`);
    if (!found.ok || found.value.type !== 'file') continue;
    const { node } = found.value;
    if ((found.value.mode & 0o111) === 0) continue;
    if (node.type !== 'file') continue;
    const program = node.program === undefined ? undefined : proc.machine.commands.get(node.program);
    if (program) return yield* runChild(proc, { argv: [...argv], netns: ns, main: program.run });
    const shell = proc.machine.commands.get('bash');
    if (shell)
      return yield* runChild(proc, { argv: ['bash', found.value.path, ...argv.slice(1)], netns: ns, main: shell.run });
  }
  yield* printErr(`exec of "${name}" failed: No such file or directory\n`);
  return 1;
}
