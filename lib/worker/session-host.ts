/**
 * The engine's side of the session port: holds one session, answers requests, and lets virtual time pass. It runs in
 * slices, so that a ^C gets through in the middle of endless output, and stops while the page has too much to show.
 */
import type { Session as EngineSession, PumpResult, SceneSetup } from '#sim/index.ts';
import { Pacing } from './pacing.ts';
import {
  type CallRequest,
  isCall,
  type OpenTerminal,
  parseRequest,
  type Request,
  type TermState,
  type WorkerEvent,
} from './protocol.ts';
import { replayShown } from './replay-shown.ts';
import { terminalState } from './terminal-state.ts';

/** The part of `#sim/index.ts` that the host needs. */
export interface Engine {
  Session: typeof EngineSession;
}

/** Real time, as the host sees it. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Runs `fn` after `ms`, at least once the event loop has seen its messages. Answers how to cancel it. */
  later(ms: number, fn: () => void): () => void;
}

/** Characters sent and not yet shown, above which the engine stops. */
const MAX_UNSHOWN = 262_144;
/** Virtual µs that one press of "skip waiting" may pass when nothing shows up, and once something has. */
const SKIP_SILENT = 600e6;
const SKIP_TALKING = 10e6;
/** Pumps of one skip between two looks at the messages. */
const SKIP_PUMPS = 200;

export class SessionHost {
  private session: EngineSession | null = null;
  private open: { scenario: string; seed: number; setup?: SceneSetup } | null = null;
  private readonly terminals: OpenTerminal[] = [];
  private readonly shownPrompts = new Map<number, unknown>();
  private readonly states = new Map<number, TermState>();
  private readonly pacing = new Pacing();
  private cancel: (() => void) | null = null;
  private unshown = 0;
  private stalled = false;
  private skipping: { term: number; from: number; talked: boolean } | null = null;

  constructor(
    private readonly engine: Engine,
    private readonly send: (event: WorkerEvent) => void,
    private readonly clock: Clock,
  ) {}

  /** Takes one message from the page; what is no request is dropped. */
  receive(message: unknown): void {
    const request = parseRequest(message);
    if (!request) return;
    if (!isCall(request)) {
      this.note(request);
      return;
    }
    try {
      this.send({ t: 'reply', id: request.id, value: this.call(request) });
    } catch (error) {
      this.send({ t: 'failed', id: request.id, message: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Stops: no event follows. */
  close(): void {
    this.cancel?.();
    this.cancel = null;
    this.session = null;
  }

  private call(request: CallRequest): unknown {
    if (request.t === 'open') {
      const { scenario, seed, setup, transcript } = request;
      this.open = { scenario, seed, setup };
      return this.begin(transcript?.steps ?? [], null);
    }
    const session = this.need();
    switch (request.t) {
      case 'terminal': {
        this.catchUp();
        const term = session.openTerminal(request.host, request.cols, request.rows);
        if (term === null) return null;
        this.terminals.push({ term, host: request.host });
        this.send({ t: 'terminal', term, host: request.host });
        this.run();
        return term;
      }
      case 'complete':
        return session.complete(request.term, request.text, request.cursor);
      case 'undo': {
        const { steps } = session.transcript;
        const last = steps.findLastIndex((s) => 'line' in s);
        if (last < 0) return false;
        this.begin(steps.slice(0, last), steps[last] ?? null);
        return true;
      }
      case 'reset':
        this.begin([], null);
        return true;
      case 'trace':
        return session.trace().slice(-request.limit);
      case 'topology':
        return session.topology();
      case 'transcript':
        return session.transcript;
      case 'hash':
        return session.hash();
    }
  }

  private note(request: Exclude<Request, CallRequest>): void {
    if (request.t === 'ack') {
      this.unshown = Math.max(0, this.unshown - request.chars);
      if (this.stalled && this.unshown <= MAX_UNSHOWN / 2) this.run();
      return;
    }
    const { session } = this;
    if (!session) return;
    this.skipping = null;
    if (request.t === 'resize') {
      session.resize(request.term, request.cols, request.rows);
      return;
    }
    if (request.t === 'skip') this.skipping = { term: request.term, from: session.machine.world.now, talked: false };
    else this.catchUp();
    if (request.t === 'type') session.type(request.term, request.line);
    if (request.t === 'eof') session.eof(request.term);
    if (request.t === 'interrupt') {
      session.interrupt(request.term);
      // The page has shown ^C: a prompt that still waits is shown again.
      this.shownPrompts.delete(request.term);
    }
    this.run();
  }

  /** (Re)builds the session from its first steps, and shows what the terminals showed. */
  private begin(
    steps: EngineSession['transcript']['steps'],
    until: EngineSession['transcript']['steps'][number] | null,
  ): {
    hosts: string[];
    terminals: OpenTerminal[];
    restored: boolean;
  } {
    if (!this.open) throw new Error('no scene is open');
    const { scenario, seed, setup } = this.open;
    const before = this.terminals.splice(0);
    this.cancel?.();
    this.cancel = null;
    this.skipping = null;
    this.pacing.stop();
    this.shownPrompts.clear();
    this.states.clear();
    const replayed = replayShown(this.engine.Session, { scenario, seed, setup, steps, until });
    this.session = replayed.session;
    this.terminals.push(...replayed.terminals);
    for (const { host } of before.slice(this.terminals.length)) {
      const term = this.session.openTerminal(host);
      if (term !== null) this.terminals.push({ term, host });
    }
    this.send({ t: 'cleared', terminals: [...this.terminals] });
    for (const event of replayed.shown) this.emit(event);
    for (const [term, prompt] of replayed.prompts) this.shownPrompts.set(term, prompt);
    this.run();
    return {
      hosts: [...this.session.machine.world.hosts.keys()],
      terminals: [...this.terminals],
      restored: replayed.restored,
    };
  }

  /** Lets virtual time reach the real one before something is typed. */
  private catchUp(): void {
    const { session } = this;
    if (session && this.pacing.isRunning)
      session.advance(this.pacing.virtualAt(this.clock.now(), session.machine.nextAt()));
  }

  private run(): void {
    this.cancel?.();
    this.cancel = null;
    const { session } = this;
    this.stalled = this.unshown > MAX_UNSHOWN;
    for (let pumps = 0; session && !this.stalled && this.step(session); pumps++) {
      if (pumps < SKIP_PUMPS) continue;
      this.schedule(0);
      break;
    }
  }

  /** One slice. True when the next one follows at once, without looking at the messages. */
  private step(session: EngineSession): boolean {
    const result = session.pump();
    this.show(session, result);
    if (result.more) this.schedule(0);
    else if (!result.busy || result.nextAt === null) this.rest(result, false);
    else if (this.keepSkipping(result)) {
      session.advance(result.nextAt);
      return true;
    } else this.sleep(session, result, result.nextAt);
    return false;
  }

  private sleep(session: EngineSession, result: PumpResult, at: number): void {
    const now = this.clock.now();
    this.pacing.start(now, result.now);
    this.rest(result, true);
    this.schedule(this.pacing.delay(now, at), () => session.advance(at));
  }

  private rest(result: PumpResult, waiting: boolean): void {
    if (!waiting) this.pacing.stop();
    if (!waiting) this.skipping = null;
    this.send({ t: 'quiet', now: result.now, waiting, steps: this.need().machine.steps });
  }

  private schedule(ms: number, first?: () => void): void {
    this.cancel = this.clock.later(ms, () => {
      this.cancel = null;
      first?.();
      this.run();
    });
  }

  private keepSkipping(result: PumpResult): boolean {
    const skip = this.skipping;
    if (!skip) return false;
    if (result.outputs.some((o) => o.term === skip.term)) skip.talked = true;
    const limit = skip.from + (skip.talked ? SKIP_TALKING : SKIP_SILENT);
    if (this.states.get(skip.term) === 'prompt' || (result.nextAt ?? 0) > limit) {
      this.skipping = null;
      this.pacing.stop();
      return false;
    }
    return true;
  }

  private show(session: EngineSession, result: PumpResult): void {
    for (const { term, data } of result.outputs) this.emit({ t: 'output', term, data });
    for (const { term } of this.terminals) {
      const prompt = session.machine.ttys.get(term)?.prompt;
      if (prompt && this.shownPrompts.get(term) !== prompt) {
        this.shownPrompts.set(term, prompt);
        this.emit({ t: 'prompt', term, text: prompt.text });
      }
      const state = terminalState(session.machine, term);
      if (this.states.get(term) === state) continue;
      this.states.set(term, state);
      this.send({ t: 'state', term, state });
    }
  }

  private emit(event: WorkerEvent): void {
    if (event.t === 'output') this.unshown += event.data.length;
    this.send(event);
  }

  private need(): EngineSession {
    if (!this.session) throw new Error('no scene is open');
    return this.session;
  }
}
