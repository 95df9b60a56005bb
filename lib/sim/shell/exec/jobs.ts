/** Background jobs. */

import { print, printErr } from '../../commands/io.ts';
import type { FileDesc, Io, Proc } from '../../kernel/process.ts';
import type { Statement } from '../parse.ts';
import type { Job, Shell } from '../state.ts';
import { fork } from './fork.ts';
import { execCommand } from './list.ts';
import { noFork } from './node.ts';
import { startPipeline } from './pipeline.ts';
import { signalWords } from './wait.ts';

/** Starts a statement in the background; `$!` is its last process. */
export function* execBackground(shell: Shell, statement: Statement): Io<void> {
  const { command } = statement;
  // Without job control a background command reads nothing.
  const stdin: FileDesc | undefined = shell.interactive ? undefined : { kind: 'null' };
  const group = shell.interactive ? { pgid: shell.proc.host.nextPid } : {};
  const piped = command.type === 'Pipeline' && command.prefixes.length === 0 && command.commands.length > 1;
  let children: Proc[] | null;
  if (piped)
    children = startPipeline(shell, command, {
      ...(shell.interactive ? { pgid: 0 } : {}),
      ...(stdin ? { stdin } : {}),
    });
  else {
    const fds = new Map(shell.proc.fds);
    if (stdin) fds.set(0, stdin);
    const child = fork(shell, { fds, ...group }, (sub) => {
      sub.execTail = command.type === 'Command';
      return execCommand(sub, command);
    });
    children = child && [child];
  }
  const last = children?.[children.length - 1];
  if (!children || !last) {
    shell.status = yield* noFork(shell);
    return;
  }
  const text = shell.source.text.slice(statement.pos, statement.end).replace(/\s*&?\s*$/, '');
  const pids = children.map((c) => c.info.pid);
  const id = 1 + Math.max(0, ...shell.jobs.map((j) => j.id));
  shell.jobs.push({
    id,
    pids,
    pgid: last.pgid,
    text,
    status: null,
    signalled: false,
    pending: [...pids],
    last: last.info,
  });
  shell.background = last.info.pid;
  shell.status = 0;
  if (shell.interactive) yield* printErr(`[${id}] ${last.info.pid}\n`);
}

/** Takes note of jobs that have ended. */
export function* reapJobs(shell: Shell): Io<void> {
  for (const job of shell.jobs) {
    for (const pid of [...job.pending]) {
      const info = shell.proc.host.processes.get(pid);
      if (info && info.exit === null) continue;
      yield* waitPid(shell, job, pid);
    }
  }
}

/** Waits for one process of a job. */
export function* waitPid(_shell: Shell, job: Job, pid: number): Io<number> {
  const status = (yield { op: 'waitpid', pid }) as number;
  job.pending = job.pending.filter((p) => p !== pid);
  if (pid === job.pids[job.pids.length - 1]) {
    job.status = status;
    job.signalled = job.last.signalled ?? false;
  }
  return status;
}

/** Waits for a whole job and answers its status. */
export function* waitJob(shell: Shell, job: Job): Io<number> {
  for (const pid of [...job.pending]) yield* waitPid(shell, job, pid);
  return job.status ?? 127;
}

/** The line `jobs` prints for a job. */
export function jobLine(shell: Shell, job: Job, long = false): string {
  const newest = shell.jobs[shell.jobs.length - 1];
  const before = shell.jobs[shell.jobs.length - 2];
  const mark = job === newest ? '+' : job === before ? '-' : ' ';
  const { status } = job;
  let state = 'Running';
  if (status !== null)
    state = job.signalled ? (signalWords(status) ?? 'Done') : status === 0 ? 'Done' : `Exit ${status}`;
  const pid = long ? `${String(job.pids[job.pids.length - 1])} ` : '';
  return `[${job.id}]${mark}  ${pid}${state.padEnd(24)}${job.text}${status === null ? ' &' : ''}\n`;
}

/** Tells of jobs that ended, as an interactive shell does before its prompt, and forgets them. */
export function* notifyJobs(shell: Shell): Io<void> {
  yield* reapJobs(shell);
  for (const job of shell.jobs) {
    if (job.status !== null && job.pending.length === 0 && shell.interactive) yield* print(jobLine(shell, job));
  }
  shell.jobs = shell.jobs.filter((j) => j.status === null || j.pending.length > 0);
}
