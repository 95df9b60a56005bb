/** Calling functions, running source text in the current shell. */

import { printErr } from '../../commands/io.ts';
import type { Io } from '../../kernel/process.ts';
import { parseSource } from '../parse.ts';
import { type Shell, ShellError, type ShellFunction } from '../state.ts';
import { syntaxMessage } from '../syntax-error.ts';
import { restoreLocals } from '../vars.ts';
import { execStatements } from './list.ts';
import { execNode } from './node.ts';

/** Functions, eval and source within each other. */
const MAX_CALLS = 150;

const nesting = (shell: Shell): number => shell.calls.length + shell.textDepth;

/** Calls a function: its arguments are the positional parameters. */
export function* callFunction(shell: Shell, fn: ShellFunction, words: readonly string[]): Io<number> {
  if (nesting(shell) >= MAX_CALLS)
    throw new ShellError(`${words[0]}: maximum function nesting level exceeded (${MAX_CALLS})`, 1);
  const { positional, source, loops, pos } = shell;
  const call = { name: words[0] as string, locals: new Map(), sourced: false };
  shell.calls.push(call);
  shell.positional = words.slice(1);
  shell.source = fn.source;
  shell.loops = 0;
  try {
    const { body } = fn;
    const status =
      body.type === 'CompoundList' ? yield* execStatements(shell, body.commands) : yield* execNode(shell, body);
    if (shell.flow?.kind !== 'return') return status;
    shell.flow = null;
    return shell.status;
  } finally {
    shell.calls.pop();
    restoreLocals(shell, call.locals);
    shell.positional = positional;
    shell.source = source;
    shell.loops = loops;
    shell.pos = pos;
  }
}

/** Runs text in this shell: eval, source. `label` stands before the line number in errors. */
export function* runText(shell: Shell, text: string, label: string, sourced = false): Io<number> {
  if (nesting(shell) >= MAX_CALLS)
    throw new ShellError(`${label}: maximum ${label} nesting level exceeded (${MAX_CALLS})`, 1);
  const { source, pos } = shell;
  const parsed = parseSource(text);
  if (parsed.errors.length > 0) {
    yield* printErr(syntaxMessage(shell, parsed.errors, { text, line: 1 }, label));
    return 2;
  }
  shell.textDepth++;
  shell.source = { text, line: label === 'eval' ? source.line : 1 };
  if (sourced) shell.calls.push({ name: 'source', locals: new Map(), sourced: true, file: label });
  shell.status = 0;
  try {
    return yield* execStatements(shell, parsed.script.commands);
  } finally {
    shell.textDepth--;
    if (sourced) {
      shell.calls.pop();
      if (shell.flow?.kind === 'return') shell.flow = null;
    }
    shell.source = source;
    shell.pos = pos;
  }
}
