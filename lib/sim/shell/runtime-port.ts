/**
 * What a shell needs to run a line: grammar, execution, completion. commands/load.ts hands it over; a prompt is shown before it has
 * been loaded, so that the first thing a learner waits for is small.
 */
import type { Io, Proc } from '../kernel/process.ts';
import type { Completion } from './complete.ts';
import type { Parsed, Statement } from './parse.ts';
import type { Shell } from './state.ts';

export interface ShellRuntime {
  parseSource(source: string): Parsed;
  execStatements(shell: Shell, statements: readonly Statement[]): Io<number>;
  runExitTrap(shell: Shell): Io<number>;
  notifyJobs(shell: Shell): Io<void>;
  complete(proc: Proc, line: string, cursor: number): Completion;
}

/** Characters of source that are parsed at once. */
export const MAX_SOURCE = 1_000_000;

let runtime: ShellRuntime | null = null;

/** Hands it over. */
export function provideShellRuntime(given: ShellRuntime): void {
  runtime = given;
}

/** Whether a line can be run already. */
export const shellRuntimeLoaded = (): boolean => runtime !== null;

/** The runtime. Hosts run no line before it is there. */
export function shellRuntime(): ShellRuntime {
  if (!runtime) throw new Error('the shell has not been loaded');
  return runtime;
}
