/** Traps: commands for EXIT, ERR and signals. */
import type { Io } from '../../kernel/process.ts';
import { parseSource } from '../parse.ts';
import type { Shell } from '../state.ts';
import { execStatements } from './list.ts';

/** Runs the EXIT trap, once, and answers the shell's last status. */
export function* runExitTrap(shell: Shell): Io<number> {
  const command = shell.traps.get('EXIT');
  if (command === undefined || command === '') return shell.status;
  shell.traps.delete('EXIT');
  const { status } = shell;
  shell.flow = null;
  yield* runTrap(shell, command);
  return (shell.flow as { kind: string } | null)?.kind === 'exit' ? shell.status : status;
}

/** Runs a trap's command; `$?` stays as it was. */
export function* runTrap(shell: Shell, command: string): Io<void> {
  const { status, source, pos } = shell;
  shell.source = { text: command, line: 1 };
  yield* execStatements(shell, parseSource(command).script.commands);
  if (!shell.flow) shell.status = status;
  shell.source = source;
  shell.pos = pos;
}
