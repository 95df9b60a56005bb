/**
 * Runs programs over a world. `pump` runs everything that can run now; `advance` moves virtual time. Nothing here
 * waits: the host (terminal, grader, CLI) decides how fast virtual time passes.
 */
import type { Command } from '../commands/contract.ts';
import type { NetNs } from '../linux/types.ts';
import type { DirNode } from '../shell/vfs/types.ts';
import { BLOCKED, BROKEN_PIPE, closeFd, read, write } from './files.ts';
import type { FileDesc, Proc, Program, Sys } from './process.ts';
import { fireTimers, nextTimerAt } from './timers.ts';
import type { Tty } from './tty.ts';
import type { Container, Host, World } from './world.ts';

/** How a program is started: everything not given is inherited from `parent`. */
export interface SpawnOptions {
  argv: string[];
  parent?: Proc;
  host?: Host;
  netns?: NetNs;
  root?: DirNode;
  hostname?: string;
  container?: string;
  cwd?: string;
  env?: Map<string, string>;
  /** An environment made for this program alone: it is not copied. */
  ownEnv?: Map<string, string>;
  fds?: Map<number, FileDesc>;
  tty?: Tty | null;
  pgid?: number;
  uid?: number;
  /** The program to run; by default the command that argv[0] names. */
  main?: (proc: Proc) => Program;
  daemon?: boolean;
  /** See {@link Proc.termStatus}. */
  termStatus?: number;
}

/** How many programs a world may run at once beside its daemons; more answers EAGAIN, as RLIMIT_NPROC does. */
export const MAX_PROCESSES = 256;
/** And how many daemons: units and containers. */
const MAX_DAEMONS = 16_384;
/** What stands in the place of a program that has ended. */
const ENDED: Program = (function* (): Program {
  return 0;
})();
const SIGPIPE_STATUS = 141;
const SIGSEGV_STATUS = 139;
const SIGKILL = 9;
const SIGTERM = 15;
const SIGKILL_STATUS = 128 + SIGKILL;

export class Machine {
  /** Live programs in order of start. */
  readonly procs = new Map<string, Proc>();
  readonly ttys = new Map<number, Tty>();
  /** System calls answered: a measure of work for bounds. */
  steps = 0;

  constructor(
    readonly world: World,
    /** Finds a command by name. */
    readonly commands: ReadonlyMap<string, Command>,
  ) {}

  /** Starts a program; it first runs at the next {@link pump}. Null when the process limit is reached (EAGAIN). */
  spawn(options: SpawnOptions): Proc | null {
    if (this.procs.size >= MAX_PROCESSES && this.isFull(options.daemon ?? false)) return null;
    const { parent } = options;
    const host = options.host ?? parent?.host;
    if (!host) throw new Error('spawn needs a parent or a host');
    const netns = options.netns ?? parent?.netns ?? this.world.netns.get(host.rootNs);
    if (!netns) throw new Error(`host ${host.name} has no namespace`);
    const pid = host.nextPid++;
    const tty = options.tty === undefined ? (parent?.tty ?? null) : options.tty;
    const info = {
      pid,
      // A parent on another host is none here: its number may be somebody else's.
      ppid: parent && parent.host === host ? parent.info.pid : 1,
      argv: options.argv,
      uid: options.uid ?? parent?.info.uid ?? 0,
      netns: netns.id,
      container: options.container ?? parent?.info.container ?? '',
      tty: tty?.id ?? 0,
      state: 'R' as const,
      started: this.world.now,
      exit: null,
    };
    const fds = new Map(
      options.fds ??
        parent?.fds ??
        ([
          [0, { kind: 'null' }],
          [1, { kind: 'null' }],
          [2, { kind: 'null' }],
        ] as const),
    );
    for (const fd of fds.values()) {
      if (fd.kind === 'pipe') fd.pipe[fd.end === 'read' ? 'readers' : 'writers']++;
    }
    const proc: Proc = {
      machine: this,
      world: this.world,
      host,
      info,
      parent: parent ?? null,
      argv: options.argv,
      netns,
      tty,
      root: options.root ?? parent?.root ?? host.fs,
      hostname: options.hostname ?? parent?.hostname ?? host.name,
      cwd: options.cwd ?? parent?.cwd ?? '/root',
      env: options.ownEnv ?? new Map(options.env ?? parent?.env ?? []),
      fds,
      pgid: options.pgid ?? parent?.pgid ?? pid,
      program: undefined as unknown as Program,
      blocked: null,
      wakeAt: null,
      seen: -1,
      status: null,
      atExit: [],
      daemon: options.daemon ?? false,
      ignoreInterrupt: options.daemon ?? false,
      ...(options.termStatus === undefined ? {} : { termStatus: options.termStatus }),
    };
    const main = options.main ?? this.commands.get(baseName(options.argv[0] ?? ''))?.run;
    if (!main) throw new Error(`no such command: ${options.argv[0]}`);
    proc.program = main(proc);
    host.processes.set(pid, info);
    this.procs.set(`${host.name}/${pid}`, proc);
    return proc;
  }

  private isFull(daemon: boolean): boolean {
    let alike = 0;
    for (const proc of this.procs.values()) if (proc.daemon === daemon) alike++;
    return alike >= (daemon ? MAX_DAEMONS : MAX_PROCESSES);
  }

  /** The live program with this pid on `host`. */
  find(host: string, pid: number): Proc | undefined {
    return this.procs.get(`${host}/${pid}`);
  }

  /**
   * Runs programs and timers due now (packets travel by timers) until nothing can run at this virtual time, or `maxSteps`
   * system calls have been answered (a program that never waits). Returns whether it became quiet.
   */
  pump(maxSteps = 1_000_000, until?: () => boolean): boolean {
    const limit = this.steps + maxSteps;
    for (;;) {
      let progress = fireTimers(this.world);
      for (const proc of this.procs.values()) {
        if (this.undisturbed(proc)) continue;
        while (proc.status === null && this.resume(proc)) {
          progress = true;
          if (this.steps >= limit) return false;
          // A program that stays runnable lets the others run every so often.
          if ((this.steps & 1023) === 0) break;
        }
        if (until?.()) return true;
      }
      if (!progress) return true;
      if (this.steps >= limit) return false;
    }
  }

  /** Virtual time of the next thing that will happen by itself; null when everything waits for input. */
  nextAt(): number | null {
    let at = nextTimerAt(this.world);
    for (const proc of this.procs.values()) {
      if (proc.wakeAt !== null && (at === null || proc.wakeAt < at)) at = proc.wakeAt;
    }
    return at;
  }

  /** Moves virtual time forward (never back) and fires what became due. Call {@link pump} next. */
  advance(to: number): void {
    if (to > this.world.now) this.world.now = to;
  }

  /** Ends a program from outside: signals, closed terminals. `status` is 128 + signal number. */
  kill(proc: Proc, status: number): void {
    if (proc.status !== null) return;
    proc.info.signalled = true;
    try {
      proc.program.return(status);
    } catch {
      // A generator that is running now ends itself after its current system call.
    }
    this.finish(proc, status);
  }

  /**
   * Sends a signal (2 SIGINT, 9 SIGKILL, 15 SIGTERM …): the program's handler, or its end. A container's first process is the
   * init of its pid namespace: what it does not handle does nothing to it, SIGKILL apart (pid_namespaces(7)).
   */
  signal(proc: Proc, signal: number): void {
    const handler = signal === 2 ? proc.onInterrupt : signal === 15 ? proc.onTerminate : undefined;
    if (handler && proc.status === null) handler();
    else if (signal === SIGTERM && proc.termStatus !== undefined) this.kill(proc, proc.termStatus);
    else if (signal === SIGKILL || !containerOf(proc)) this.kill(proc, 128 + signal);
  }

  /** ^C on a terminal: SIGINT to its foreground group. */
  interrupt(tty: Tty): void {
    tty.lines.length = 0;
    for (const proc of [...this.procs.values()]) {
      if (proc.tty === tty && !proc.ignoreInterrupt && proc.pgid === tty.pgid) this.signal(proc, 2);
    }
  }

  /** Whether nothing has happened that could end the program's wait since it was looked at last. */
  private undisturbed(proc: Proc): boolean {
    const { blocked, wakeAt } = proc;
    if (blocked === null || blocked.op !== 'wait' || blocked.on === undefined) return false;
    if (wakeAt !== null && this.world.now >= wakeAt) return false;
    return blocked.on === 'never' || proc.seen === this.revision();
  }

  private revision(): number {
    const { cluster } = this.world;
    return cluster === null ? 0 : cluster.resourceVersion;
  }

  /** Runs one system call's worth of a program. False when it stays blocked. */
  private resume(proc: Proc): boolean {
    let answer: unknown;
    if (proc.blocked) {
      const done = this.answer(proc, proc.blocked);
      if (proc.status !== null) return true;
      if (done === BLOCKED) return false;
      answer = done;
    }
    proc.blocked = null;
    proc.wakeAt = null;
    this.steps++;
    const next = this.next(proc, answer);
    if (!next) return true;
    const { value, done } = next;
    if (proc.status !== null) return true;
    if (done) {
      this.finish(proc, (value ?? 0) & 255);
      return true;
    }
    proc.blocked = value;
    proc.seen = -1;
    if (value.op === 'sleep') proc.wakeAt = this.world.now + Math.max(0, Math.round(value.us));
    if (value.op === 'wait') proc.wakeAt = value.deadline;
    return true;
  }

  /** The program's next system call. One that has run out of stack ends as a real one does, by SIGSEGV. */
  private next(proc: Proc, answer: unknown): IteratorResult<Sys, number> | null {
    try {
      return proc.program.next(answer);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.finish(proc, SIGSEGV_STATUS);
      return null;
    }
  }

  private answer(proc: Proc, call: Sys): unknown {
    switch (call.op) {
      case 'sleep':
        return this.world.now >= (proc.wakeAt as number) ? undefined : BLOCKED;
      case 'wait':
        if (call.ready()) return true;
        proc.seen = this.revision();
        return call.deadline !== null && this.world.now >= call.deadline ? false : BLOCKED;
      case 'waitpid': {
        const host = this.world.hosts.get(call.host ?? proc.host.name);
        const child = host?.processes.get(call.pid);
        if (!child) return 127;
        if (child.exit === null) return BLOCKED;
        host?.processes.delete(call.pid);
        return child.exit;
      }
      case 'readline': {
        const { tty } = proc;
        if (!tty) return null;
        if (!tty.prompt) {
          tty.prompt = { text: call.prompt, pid: proc.info.pid };
          tty.pgid = proc.pgid;
        }
        const line = tty.lines.shift();
        if (line === undefined && !tty.eof) return BLOCKED;
        tty.prompt = null;
        if (line !== undefined) return line;
        tty.eof = false;
        return null;
      }
      case 'read':
        return read(proc, call.fd, call.max ?? Number.POSITIVE_INFINITY);
      case 'write':
        return this.writeOut(proc, call.fd, call.data);
    }
  }

  private writeOut(proc: Proc, fd: number, data: string): unknown {
    const answer = write(proc, fd, data);
    if (answer !== BROKEN_PIPE) return answer;
    this.kill(proc, SIGPIPE_STATUS);
    return BLOCKED;
  }

  private finish(proc: Proc, status: number): void {
    if (proc.status !== null) return;
    proc.status = status;
    proc.info.exit = status;
    proc.info.state = 'Z';
    proc.wakeAt = null;
    for (const run of proc.atExit) run();
    for (const fd of proc.fds.keys()) closeFd(proc, fd);
    this.procs.delete(`${proc.host.name}/${proc.info.pid}`);
    // Nobody will wait for it: init reaps it.
    if (!proc.parent || proc.parent.status !== null) proc.host.processes.delete(proc.info.pid);
    for (const child of proc.host.processes.values()) {
      if (child.ppid !== proc.info.pid) continue;
      child.ppid = 1;
      if (child.exit !== null) proc.host.processes.delete(child.pid);
    }
    if (proc.tty?.prompt?.pid === proc.info.pid) proc.tty.prompt = null;
    if (proc.info.container !== '') this.leaveContainer(proc, status);
    // Its children hold it, by their parent and by what their shells were forked from; its ancestors must not stay with it.
    proc.parent = null;
    proc.program = ENDED;
  }

  /** A container ends with its first process, and so does every other process in it; who looks after containers hears of it. */
  private leaveContainer(proc: Proc, status: number): void {
    const { host, info } = proc;
    const container = containerOf(proc);
    if (container) {
      container.exited = { at: this.world.now, status };
      for (const other of [...this.procs.values()])
        if (other.host === host && other.info.container === info.container) this.kill(other, SIGKILL_STATUS);
    }
    for (const other of this.procs.values()) if (other.host === host && other.blocked?.op === 'wait') other.seen = -1;
  }
}

/** The running container whose first process this is. */
function containerOf({ host, info }: Proc): Container | undefined {
  const container = info.container === '' ? undefined : host.containers.get(info.container);
  return container?.pid === info.pid && container.exited === null ? container : undefined;
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
