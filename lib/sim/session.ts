/**
 * A learner's session: terminals over one machine, and the transcript that makes it again. The host calls
 * {@link Session.pump} until nothing can run, shows what came out, and moves virtual time to `nextAt` at its own pace.
 */
import { hostEnvironment } from './environment.ts';
import { hashValue } from './kernel/hash.ts';
import type { Machine } from './kernel/machine.ts';
import type { Proc } from './kernel/process.ts';
import type { TraceEvent } from './kernel/trace.ts';
import { createTty, type Tty } from './kernel/tty.ts';
import { settleLinkwatch } from './linux/link/linkwatch.ts';
import type { SceneSetup } from './scene/assemble.ts';
import { sceneOf } from './scene/kept.ts';
import { shellRuntime, shellRuntimeLoaded } from './shell/runtime-port.ts';
import { snapshotTopology, type TopologySnapshot } from './topology.ts';
import { emptyTranscript, type Transcript, type TranscriptStep } from './transcript.ts';

/** System calls in one {@link Session.pump}: fixed, so that a replay cuts time at the same places. */
const SLICE = 20_000;

export interface PumpResult {
  outputs: { term: number; data: string }[];
  /** Terminals whose shell waits for a command, with the prompt it shows. */
  prompts: { term: number; text: string }[];
  /** Whether something can still run at this virtual time: pump again. */
  more: boolean;
  /** Virtual time of what happens next by itself; null when nothing will. */
  nextAt: number | null;
  now: number;
  /** Whether a command runs in some terminal: virtual time stands still otherwise. */
  busy: boolean;
}

export interface ReplayBounds {
  /** Virtual microseconds from the first step to the last. */
  maxTime: number;
  maxSteps: number;
}

export const REPLAY_BOUNDS: ReplayBounds = { maxTime: 6 * 3600 * 1e6, maxSteps: 5_000_000 };

/** A replay that left its bounds: says which. */
export class ReplayBoundError extends Error {
  constructor(readonly bound: 'time' | 'steps' | 'diverged') {
    super(`replay bound: ${bound}`);
  }
}

export class Session {
  readonly transcript: Transcript = emptyTranscript();
  private readonly shells = new Map<number, Proc>();

  private constructor(
    readonly scenario: string,
    readonly seed: number,
    readonly setup: SceneSetup,
    readonly machine: Machine,
  ) {}

  /** A fresh session. Throws on an unknown scenario: check it first. */
  static open(scenario: string, seed: number, setup: SceneSetup = {}): Session {
    return new Session(scenario, seed, setup, sceneOf(scenario, seed, setup));
  }

  /**
   * The session that a transcript left behind. Throws {@link ReplayBoundError} when it runs past its bounds.
   * `before` sees the session as each step is about to be taken: what the terminals showed until then.
   */
  static replay(
    scenario: string,
    seed: number,
    transcript: Transcript,
    setup: SceneSetup = {},
    bounds = REPLAY_BOUNDS,
    before?: (session: Session, step: TranscriptStep) => void,
  ): Session {
    const session = Session.open(scenario, seed, setup);
    for (const step of transcript.steps) {
      session.runUntil(step, bounds);
      before?.(session, step);
      session.apply(step);
    }
    return session;
  }

  /** Opens a terminal with a login shell on `host`; answers its id, counted from 1. Null for an unknown host. */
  openTerminal(host: string, cols = 120, rows = 40): number | null {
    if (!this.machine.world.hosts.has(host)) return null;
    const term = this.shells.size + 1;
    this.apply({ ...this.at(term), open: host, cols, rows });
    return term;
  }

  /** One line typed into a terminal, without its newline. */
  type(term: number, line: string): void {
    this.apply({ ...this.at(term), line });
  }

  /** ^C. */
  interrupt(term: number): void {
    this.apply({ ...this.at(term), key: 'interrupt' });
  }

  /** ^D on an empty line. */
  eof(term: number): void {
    this.apply({ ...this.at(term), key: 'eof' });
  }

  /** The terminal's new size, in characters. Not part of the transcript: nothing graded depends on it. */
  resize(term: number, cols: number, rows: number): void {
    const tty = this.machine.ttys.get(term);
    if (tty) Object.assign(tty, { cols, rows });
  }

  /** Candidates for the word before `cursor`, and where that word begins. Empty while a program runs. */
  complete(term: number, text: string, cursor: number): { from: number; candidates: string[] } {
    const tty = this.machine.ttys.get(term);
    const shell = tty?.prompt ? this.findPrompting(tty) : undefined;
    return shell && shellRuntimeLoaded()
      ? shellRuntime().complete(shell, text, cursor)
      : { from: cursor, candidates: [] };
  }

  /** Runs one slice and takes what the terminals have to show. */
  pump(): PumpResult {
    const quiet = this.machine.pump(SLICE);
    const result: PumpResult = {
      outputs: [],
      prompts: [],
      more: !quiet,
      nextAt: this.machine.nextAt(),
      now: this.machine.world.now,
      busy: this.busy(),
    };
    for (const tty of this.machine.ttys.values()) {
      if (tty.out !== '') result.outputs.push({ term: tty.id, data: tty.out });
      tty.out = '';
      if (tty.prompt) result.prompts.push({ term: tty.id, text: tty.prompt.text });
    }
    return result;
  }

  /** Moves virtual time; never back. */
  advance(to: number): void {
    this.machine.advance(to);
  }

  /** Whether a terminal's login shell still runs. */
  alive(term: number): boolean {
    return this.shells.get(term)?.status === null;
  }

  /** Whether some terminal's shell is not at its prompt. */
  busy(): boolean {
    for (const [term, shell] of this.shells) {
      const tty = this.machine.ttys.get(term);
      if (shell.status === null && tty && (!tty.prompt || tty.lines.length > 0)) return true;
    }
    return false;
  }

  /**
   * Runs until every shell is back at its prompt, moving virtual time as needed. False when `maxTime` virtual µs or
   * `maxSteps` system calls did not suffice.
   */
  settle(maxTime: number, maxSteps: number): boolean {
    const deadline = this.machine.world.now + maxTime;
    const limit = this.machine.steps + maxSteps;
    while (this.machine.steps < limit) {
      const quiet = this.machine.pump(SLICE);
      if (!this.busy()) return true;
      if (!quiet) continue;
      const at = this.machine.nextAt();
      if (at === null || at > deadline) return false;
      this.machine.advance(at);
    }
    return false;
  }

  /** Takes what terminals wrote so far. */
  takeOutput(term: number): string {
    const tty = this.machine.ttys.get(term);
    if (!tty) return '';
    const text = tty.out;
    tty.out = '';
    return text;
  }

  /** The session without its last typed line (and what followed it). Null when nothing was typed. */
  undo(): Session | null {
    const { steps } = this.transcript;
    let last = steps.length - 1;
    while (last >= 0 && !('line' in (steps[last] as TranscriptStep))) last--;
    if (last < 0) return null;
    return Session.replay(this.scenario, this.seed, { v: this.transcript.v, steps: steps.slice(0, last) }, this.setup);
  }

  /** The world's hash: equal for equal transcripts, in the browser and in Node. The trace and open screens are left out. */
  hash(): string {
    const { trace: _, ...world } = this.machine.world;
    return hashValue(world);
  }

  topology(): TopologySnapshot {
    return snapshotTopology(this.machine.world);
  }

  /** Trace events from `since` on (a sequence number). */
  trace(since = 0): TraceEvent[] {
    return this.machine.world.trace.since(since);
  }

  private at(term: number): { at: number; steps: number; term: number } {
    return { at: this.machine.world.now, steps: this.machine.steps, term };
  }

  private apply(step: TranscriptStep): void {
    this.transcript.steps.push(step);
    if ('open' in step) {
      this.startShell(step.term, step.open, step.cols, step.rows);
      return;
    }
    const tty = this.machine.ttys.get(step.term);
    if (!tty) return;
    if ('line' in step) {
      // Virtual time stands still while nobody types, the learner's does not.
      settleLinkwatch(this.machine.world);
      tty.lines.push(step.line);
    } else if (step.key === 'interrupt') this.machine.interrupt(tty);
    else tty.eof = true;
  }

  private startShell(term: number, hostName: string, cols: number, rows: number): void {
    const host = this.machine.world.hosts.get(hostName);
    if (!host || this.shells.has(term)) return;
    const tty = createTty(term, cols, rows);
    this.machine.ttys.set(term, tty);
    const env = hostEnvironment();
    env.set('TERM', 'xterm-256color');
    const file = { kind: 'tty', tty } as const;
    const shell = this.machine.spawn({
      host,
      argv: ['bash'],
      cwd: '/root',
      env,
      tty,
      fds: new Map([
        [0, file],
        [1, file],
        [2, file],
      ]),
    });
    if (!shell) throw new Error('no process slot for a login shell');
    shell.ignoreInterrupt = true;
    this.shells.set(term, shell);
  }

  private findPrompting(tty: Tty): Proc | undefined {
    for (const proc of this.machine.procs.values())
      if (proc.tty === tty && proc.info.pid === tty.prompt?.pid) return proc;
    return undefined;
  }

  private runUntil(step: TranscriptStep, bounds: ReplayBounds): void {
    const { machine } = this;
    while (machine.world.now < step.at || machine.steps < step.steps) {
      if (machine.steps > bounds.maxSteps) throw new ReplayBoundError('steps');
      if (machine.world.now > bounds.maxTime) throw new ReplayBoundError('time');
      const before = machine.steps;
      const quiet = machine.pump(SLICE);
      if (!quiet) continue;
      const next = machine.nextAt();
      if (machine.world.now < step.at) machine.advance(next === null || next > step.at ? step.at : next);
      else if (machine.steps === before) return;
    }
  }
}
