/** Lists: statements one after another, `&&`, `||`, `&`. */

import { printErr } from '../../commands/io.ts';
import type { Io } from '../../kernel/process.ts';
import type { AndOr, PipelineNode, Statement } from '../parse.ts';
import { errorPrefix, type Shell, ShellError } from '../state.ts';
import { execBackground } from './jobs.ts';
import { execNode } from './node.ts';
import { runTrap } from './trap.ts';

/** Runs statements until one leaves the list (exit, break, return). Answers the last status. */
export function* execStatements(shell: Shell, statements: readonly Statement[]): Io<number> {
  for (const statement of statements) {
    if (shell.options.has('noexec') && !shell.interactive) break;
    yield* execStatement(shell, statement);
    if (shell.flow) break;
  }
  return shell.status;
}

/** Runs statements as a condition: set -e does not act on them. */
export function* execCondition(shell: Shell, statements: readonly Statement[]): Io<number> {
  shell.guarded++;
  const status = yield* execStatements(shell, statements);
  shell.guarded--;
  return status;
}

function* execStatement(shell: Shell, statement: Statement): Io<void> {
  // Each statement is a system call's worth: endless loops stay interruptible and bounded.
  yield { op: 'sleep', us: 0 };
  if (shell.interrupted) {
    shell.interrupted = false;
    shell.status = 130;
    shell.flow = { kind: 'abandon' };
    return;
  }
  if (shell.pendingSignals.length > 0) yield* deliverSignals(shell);
  shell.pos = statement.pos;
  if (statement.background) {
    yield* execBackground(shell, statement);
    return;
  }
  if (statement.command.type === 'AndOr') yield* execAndOr(shell, statement.command);
  else yield* execChecked(shell, statement.command);
}

function* deliverSignals(shell: Shell): Io<void> {
  for (const signal of shell.pendingSignals.splice(0)) {
    const command = shell.traps.get(signal);
    if (command) yield* runTrap(shell, command);
  }
}

/** Runs a list that need not be a statement of its own: the body of a background job. */
export function* execCommand(shell: Shell, command: AndOr | PipelineNode): Io<number> {
  if (command.type === 'AndOr') yield* execAndOr(shell, command);
  else yield* execChecked(shell, command);
  return shell.status;
}

function* execAndOr(shell: Shell, list: AndOr): Io<void> {
  for (let i = 0; i < list.commands.length; i++) {
    const operator = list.operators[i - 1];
    if (operator === '&&' && shell.status !== 0) continue;
    if (operator === '||' && shell.status === 0) continue;
    const command = list.commands[i] as PipelineNode;
    const last = i === list.commands.length - 1;
    if (last) yield* execChecked(shell, command);
    else {
      shell.guarded++;
      yield* execGuarded(shell, command);
      shell.guarded--;
    }
    if (shell.flow) return;
  }
}

/** Runs a pipeline and lets `set -e` and the ERR trap act on its failure. */
function* execChecked(shell: Shell, node: PipelineNode): Io<void> {
  yield* execGuarded(shell, node);
  if (shell.status === 0 || shell.guarded > 0 || shell.flow) return;
  if (node.type === 'Pipeline' && node.prefixes.some((p) => p.type === 'Negation')) return;
  const command = shell.traps.get('ERR');
  // Functions do not inherit the trap.
  if (command && (shell.calls.length === 0 || shell.options.has('errtrace'))) yield* runTrap(shell, command);
  if (shell.options.has('errexit') && !shell.flow) shell.flow = { kind: 'exit' };
}

/** Runs a node; what an expansion finds wrong ends the command, or the shell. */
function* execGuarded(shell: Shell, node: PipelineNode): Io<void> {
  const { guarded } = shell;
  try {
    shell.status = yield* execNode(shell, node);
  } catch (error) {
    if (!(error instanceof ShellError)) throw error;
    shell.guarded = guarded;
    yield* reportError(shell, error);
  }
}

/** Prints an error's message and leaves the command, or a script. */
export function* reportError(shell: Shell, error: ShellError): Io<void> {
  if (error.message !== '') yield* printErr(`${errorPrefix(shell)}${error.message}\n`);
  // An interactive shell goes back to its prompt with 1.
  shell.status = shell.interactive && error.status === 127 ? 1 : error.status;
  if (error.fatal) shell.flow = shell.interactive ? { kind: 'abandon' } : { kind: 'exit' };
}
