import { complete } from './complete.ts';
import { notifyJobs } from './exec/jobs.ts';
import { execStatements } from './exec/list.ts';
import { runExitTrap } from './exec/trap.ts';
import { parseSource } from './parse.ts';
import type { ShellRuntime } from './runtime-port.ts';

/** The shell's own runtime. */
export const bashRuntime: ShellRuntime = { parseSource, execStatements, runExitTrap, notifyJobs, complete };
