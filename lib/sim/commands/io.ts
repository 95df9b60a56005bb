/** System calls as a program uses them: `yield* print(…)`. Streams carry text (JS strings). */

import type { SpawnOptions } from '../kernel/machine.ts';
import type { FileDesc, Io, Proc, Rest, WaitOn } from '../kernel/process.ts';
import { findProgram } from '../shell/program.ts';

/** Exit status of what is not modelled. */
export const EXIT_NOT_MODELLED = 64;

/** Writes to standard output. */
export function* print(text: string): Io<void> {
  if (text !== '') yield { op: 'write', fd: 1, data: text };
}

/** Writes to standard error. */
export function* printErr(text: string): Io<void> {
  if (text !== '') yield { op: 'write', fd: 2, data: text };
}

/** What stdio holds back of a stream that is no terminal, characters (BUFSIZ of a pipe or a file: st_blksize). */
const STDIO_BUFFER = 4096;

/** Prints, then complains, as a program does that leaves its output to stdio: it comes at the end, but for full buffers. */
export function* printThenErr(proc: Proc, text: string, err: string): Io<void> {
  const early = isTty(proc, 1) ? text.length : text.length - (text.length % STDIO_BUFFER);
  yield* print(text.slice(0, early));
  yield* printErr(err);
  yield* print(text.slice(early));
}

/** Waits `us` microseconds of virtual time. */
export function* sleep(us: number): Io<void> {
  yield { op: 'sleep', us };
}

/** Waits until `ready()` holds, or virtual time `deadline` (µs) comes. Answers whether it held. `how` tells what it waits for and where it rests. */
export function* waitFor(
  ready: () => boolean,
  deadline: number | null = null,
  how: { on?: WaitOn; rest?: Rest } = {},
): Io<boolean> {
  return (yield { op: 'wait', ready, deadline, on: how.on, rest: how.rest }) as boolean;
}

/** The next piece of input, or null at end of file. */
export function* read(fd = 0, max?: number): Io<string | null> {
  return (yield { op: 'read', fd, max }) as string | null;
}

/** Characters a program keeps of its input: endless input ends there. */
const MAX_INPUT = 16_000_000;

/** All input up to end of file, or up to the bound. */
export function* readAll(fd = 0): Io<string> {
  let all = '';
  for (;;) {
    const chunk = yield* read(fd);
    if (chunk === null || all.length > MAX_INPUT) return all;
    all += chunk;
  }
}

/** Says that something is not modelled, and answers the exit status for it. */
export function* notModelled(what: string): Io<number> {
  yield* printErr(`flatnet: not modelled: ${what}\n`);
  return EXIT_NOT_MODELLED;
}

/** How a command line ends that runs nothing: help, a usage error, an option that is not modelled. */
export type Ended = { notModelled: string } | { stdout?: string; stderr?: string; exit: number };

/** Tells it and answers the exit status. */
export function* endAtOnce(ended: Ended): Io<number> {
  if ('notModelled' in ended) return yield* notModelled(ended.notModelled);
  yield* print(ended.stdout ?? '');
  yield* printErr(ended.stderr ?? '');
  return ended.exit;
}

/** Starts a program and waits for it: fork, exec, waitpid. Everything not given is inherited. 127 when not found, 126 when not executable (nothing is printed then). */
export function* runChild(proc: Proc, options: Omit<SpawnOptions, 'parent'>): Io<number> {
  let { argv, main } = options;
  if (!main) {
    const found = findProgram(
      { ...proc, root: options.root ?? proc.root, cwd: options.cwd ?? proc.cwd },
      argv,
      options.env ?? proc.env,
    );
    if (found.ok) ({ argv, main } = found);
    else if (!proc.machine.commands.has(argv[0] ?? '')) return found.errno === 'ENOENT' ? 127 : 126;
  }
  const child = proc.machine.spawn({ ...options, argv, ...(main ? { main } : {}), parent: proc });
  if (!child) {
    yield* printErr(`${proc.argv[0]}: fork: Resource temporarily unavailable\n`);
    return 254;
  }
  return (yield { op: 'waitpid', pid: child.info.pid, host: child.host.name }) as number;
}

/** Whether a descriptor is a terminal: isatty(3). */
export const isTty = (proc: Proc, fd: number): boolean => proc.fds.get(fd)?.kind === 'tty';

/** A new pipe's two ends. The counts are kept by spawn and close. */
export function makePipe(): { readEnd: FileDesc; writeEnd: FileDesc } {
  const pipe = { buffer: '', readers: 0, writers: 0 };
  return { readEnd: { kind: 'pipe', pipe, end: 'read' }, writeEnd: { kind: 'pipe', pipe, end: 'write' } };
}
