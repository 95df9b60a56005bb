/** jobs, wait, kill, fg, bg, disown. */

import { print, printErr } from '../../commands/io.ts';
import type { Io } from '../../kernel/process.ts';
import { jobLine, reapJobs, waitJob, waitPid } from '../exec/jobs.ts';
import { signalWords } from '../exec/wait.ts';
import { sendSignal } from '../send-signal.ts';
import { signalList, signalName, signalNumber } from '../signals.ts';
import { errorPrefix, type Job, lineNumber, type Shell } from '../state.ts';
import { strerror } from '../vfs/errno.ts';

/** The job that `%1`, `%%`, `%-` or `%text` names. */
function findJob(shell: Shell, spec: string): Job | undefined {
  const name = spec.replace(/^%/, '');
  if (name === '' || name === '%' || name === '+') return shell.jobs[shell.jobs.length - 1];
  if (name === '-') return shell.jobs[shell.jobs.length - 2];
  if (/^\d+$/.test(name)) return shell.jobs.find((j) => j.id === Number(name));
  return shell.jobs.find((j) => (name.startsWith('?') ? j.text.includes(name.slice(1)) : j.text.startsWith(name)));
}

export function* jobs(shell: Shell, words: readonly string[]): Io<number> {
  yield* reapJobs(shell);
  const specs = words.slice(1).filter((w) => !w.startsWith('-'));
  let status = 0;
  const wanted: Job[] = specs.length > 0 ? [] : [...shell.jobs];
  for (const spec of specs) {
    const job = findJob(shell, spec);
    if (job) wanted.push(job);
    else {
      yield* printErr(`${errorPrefix(shell)}jobs: ${spec}: no such job\n`);
      status = 1;
    }
  }
  for (const job of wanted) {
    if (words.includes('-p')) yield* print(`${job.pids[0]}\n`);
    else if (!words.includes('-r') || job.status === null) yield* print(jobLine(shell, job, words.includes('-l')));
  }
  shell.jobs = shell.jobs.filter((j) => j.status === null || !wanted.includes(j));
  return status;
}

/** Tells of a job that a signal ended, as a script's shell does when it waits for it. */
function* tell(shell: Shell, job: Job): Io<void> {
  const words = job.status !== null && job.signalled && !shell.interactive ? signalWords(job.status) : undefined;
  if (!words || shell.subshell) return;
  const pid = String(job.pids[job.pids.length - 1]).padStart(5);
  yield* printErr(`${shell.name}: line ${lineNumber(shell)}: ${pid} ${words.padEnd(23)} ${job.text}\n`);
}

export function* wait(shell: Shell, words: readonly string[]): Io<number> {
  const args = words.slice(1).filter((w) => w !== '-f');
  if (args[0] === '-n') {
    const open = shell.jobs.filter((j) => j.status === null);
    if (open.length === 0) return 127;
    const { processes } = shell.proc.host;
    const ended = (j: Job) =>
      j.pids.every(
        (p) => (processes.get(p)?.exit ?? 0) !== null && !(processes.get(p) && processes.get(p)?.exit === null),
      );
    yield { op: 'wait', ready: () => open.some(ended), deadline: null };
    const job = open.find(ended);
    return job ? yield* waitJob(shell, job) : 127;
  }
  if (args.length === 0) {
    for (const job of [...shell.jobs]) {
      yield* waitJob(shell, job);
      yield* tell(shell, job);
    }
    if (!shell.interactive) shell.jobs = [];
    return 0;
  }
  let status = 0;
  for (const arg of args) {
    const job = arg.startsWith('%') ? findJob(shell, arg) : shell.jobs.find((j) => j.pids.includes(Number(arg)));
    if (!job) {
      const why = arg.startsWith('%')
        ? `${arg}: no such job`
        : /^\d+$/.test(arg)
          ? `pid ${arg} is not a child of this shell`
          : `\`${arg}': not a pid or valid job spec`;
      yield* printErr(`${errorPrefix(shell)}wait: ${why}\n`);
      status = /^[%\d]/.test(arg) ? 127 : 1;
      continue;
    }
    if (arg.startsWith('%')) status = yield* waitJob(shell, job);
    else {
      const pid = Number(arg);
      const known = job.status !== null && !job.pending.includes(pid);
      status = known ? (job.status as number) : yield* waitPid(shell, job, pid);
    }
    yield* tell(shell, job);
    job.signalled = false;
  }
  return status;
}

export function* kill(shell: Shell, words: readonly string[]): Io<number> {
  const args = words.slice(1);
  let signal = 15;
  const [first = ''] = args;
  if (first === '-l' || first === '-L') {
    const [, n] = args;
    if (n === undefined) return (yield* print(signalList())) ?? 0;
    const number = signalNumber(n);
    yield* print(
      number === null ? '' : `${/^\d+$/.test(n) ? signalName(number > 128 ? number - 128 : number) : number}\n`,
    );
    return number === null ? 1 : 0;
  }
  const named =
    first === '-s' || first === '-n' ? args[1] : /^-./.test(first) && first !== '--' ? first.slice(1) : undefined;
  if (named !== undefined) {
    const number = signalNumber(named);
    if (number === null) {
      yield* printErr(`${errorPrefix(shell)}kill: ${named}: invalid signal specification\n`);
      return 1;
    }
    signal = number;
    args.splice(0, first === '-s' || first === '-n' ? 2 : 1);
  }
  if (args[0] === '--') args.shift();
  if (args.length === 0) {
    yield* printErr('kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n');
    return 2;
  }
  let status = 0;
  for (const arg of args) {
    const error = killOne(shell, arg, signal);
    if (error === null) continue;
    yield* printErr(`${errorPrefix(shell)}kill: ${error}\n`);
    status = 1;
  }
  return status;
}

function killOne(shell: Shell, arg: string, signal: number): string | null {
  if (arg.startsWith('%')) {
    const job = findJob(shell, arg);
    if (!job) return `${arg}: no such job`;
    for (const pid of job.pending) sendSignal(shell.proc, pid, signal);
    return null;
  }
  if (!/^-?\d{1,9}$/.test(arg)) return `${arg}: arguments must be process or job IDs`;
  const errno = sendSignal(shell.proc, Number(arg), signal);
  return errno ? `(${arg}) - ${strerror(errno)}` : null;
}

export function* fg(shell: Shell, words: readonly string[]): Io<number> {
  if (!shell.interactive) {
    yield* printErr(`${errorPrefix(shell)}fg: no job control\n`);
    return 1;
  }
  const job = findJob(shell, words[1] ?? '');
  if (!job) {
    yield* printErr(`${errorPrefix(shell)}fg: ${words[1] ?? 'current'}: no such job\n`);
    return 1;
  }
  yield* print(`${job.text}\n`);
  const { tty } = shell.proc;
  if (tty) tty.pgid = job.pgid;
  const status = yield* waitJob(shell, job);
  if (tty) tty.pgid = shell.proc.pgid;
  shell.jobs = shell.jobs.filter((j) => j !== job);
  if (status === 130) shell.flow = { kind: 'abandon' };
  return status;
}

export function* bg(shell: Shell, words: readonly string[]): Io<number> {
  const job = findJob(shell, words[1] ?? '');
  const why = !shell.interactive
    ? 'no job control'
    : job
      ? `job ${job.id} already in background`
      : `${words[1] ?? 'current'}: no such job`;
  yield* printErr(`${errorPrefix(shell)}bg: ${why}\n`);
  return shell.interactive && job ? 0 : 1;
}

export function* disown(shell: Shell, words: readonly string[]): Io<number> {
  const job = findJob(shell, words[1] ?? '');
  if (words[1] === '-a') shell.jobs = [];
  else if (job) shell.jobs = shell.jobs.filter((j) => j !== job);
  return 0;
}
