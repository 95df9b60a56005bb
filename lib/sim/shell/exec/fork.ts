/** Subshells: processes that run a copy of the shell's state. */
import type { SpawnOptions } from '../../kernel/machine.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import type { Statement } from '../parse.ts';
import { forkShell, type Shell, type Source } from '../state.ts';
import { execStatements } from './list.ts';
import { runExitTrap } from './trap.ts';

/** Starts a subshell that runs `body`; null when no process can be made. */
export function fork(
  shell: Shell,
  options: Omit<SpawnOptions, 'argv' | 'parent' | 'main'>,
  body: (child: Shell) => Program,
): Proc | null {
  return shell.proc.machine.spawn({
    ...options,
    argv: [...shell.proc.argv],
    parent: shell.proc,
    main: (proc) => {
      const child = forkShell(shell, proc);
      return (function* (): Program {
        child.status = yield* body(child);
        return yield* runExitTrap(child);
      })();
    },
  });
}

/** A subshell over statements. */
export function runSubshell(
  shell: Shell,
  statements: readonly Statement[],
  source: Source,
  options: Omit<SpawnOptions, 'argv' | 'parent' | 'main'>,
): Proc | null {
  return fork(shell, options, function* (child) {
    child.source = source;
    return yield* execStatements(child, statements);
  });
}
