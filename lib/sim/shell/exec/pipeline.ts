/** Pipelines: every stage is a process, its output the next one's input. */

import { makePipe, printErr } from '../../commands/io.ts';
import type { FileDesc, Io, Proc } from '../../kernel/process.ts';
import type { Pipeline, Time } from '../parse.ts';
import type { Shell } from '../state.ts';
import { fork } from './fork.ts';
import { execCommand } from './list.ts';
import { execNode, noFork } from './node.ts';
import { waitForeground } from './wait.ts';

/** Starts the stages of a pipeline; the processes, or null when one could not be made. */
export function startPipeline(
  shell: Shell,
  node: Pipeline,
  options: { pgid?: number; stdin?: FileDesc },
): Proc[] | null {
  const children: Proc[] = [];
  let input: FileDesc | undefined = options.stdin;
  let { pgid } = options;
  for (let i = 0; i < node.commands.length; i++) {
    const fds = new Map(shell.proc.fds);
    if (input) fds.set(0, input);
    if (i < node.commands.length - 1) {
      const { readEnd, writeEnd } = makePipe();
      fds.set(1, writeEnd);
      if (node.operators[i] === '|&') fds.set(2, writeEnd);
      input = readEnd;
    }
    const command = node.commands[i] as (typeof node.commands)[number];
    const child = fork(shell, pgid === undefined ? { fds } : { fds, pgid }, (sub) => execStage(sub, command));
    if (!child) return null;
    if (pgid === 0) {
      pgid = child.info.pid;
      child.pgid = pgid;
    }
    children.push(child);
  }
  return children;
}

function* execStage(sub: Shell, command: Pipeline['commands'][number]): Io<number> {
  sub.execTail = true;
  return yield* execCommand(sub, command);
}

function* execWithoutPipes(shell: Shell, node: Pipeline): Io<number> {
  const [only] = node.commands;
  return only ? yield* execNode(shell, only) : 0;
}

/** Runs a pipeline in the foreground. */
export function* execPipeline(shell: Shell, node: Pipeline): Io<number> {
  const negations = node.prefixes.filter((p) => p.type === 'Negation').length;
  const timed = node.prefixes.find((p): p is Time => p.type === 'Time');
  const started = shell.proc.world.now;
  if (negations > 0) shell.guarded++;
  let status: number;
  if (node.commands.length <= 1) status = yield* execWithoutPipes(shell, node);
  else {
    const children = startPipeline(shell, node, shell.interactive ? { pgid: 0 } : {});
    if (!children) status = yield* noFork(shell);
    else {
      const text = shell.source.text.slice(node.pos, node.end);
      const statuses = yield* waitForeground(shell, children, text);
      shell.pipeStatus = statuses;
      status = statuses[statuses.length - 1] as number;
      if (shell.options.has('pipefail')) status = statuses.findLast((s) => s !== 0) ?? 0;
    }
  }
  if (negations > 0) shell.guarded--;
  if (timed) yield* printErr(timeReport(shell.proc.world.now - started, timed.posix !== undefined));
  return negations % 2 === 1 ? (status === 0 ? 1 : 0) : status;
}

function timeReport(us: number, posix: boolean): string {
  const seconds = us / 1e6;
  if (posix) return `real ${seconds.toFixed(2)}\nuser 0.00\nsys 0.00\n`;
  const minutes = Math.floor(seconds / 60);
  const real = `${minutes}m${(seconds - minutes * 60).toFixed(3)}s`;
  return `\nreal\t${real}\nuser\t0m0.000s\nsys\t0m0.000s\n`;
}
