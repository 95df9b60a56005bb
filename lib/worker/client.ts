/** The page's side of the session port. It knows no engine: a worker, or an in-thread twin, is behind the port. */
import type { TopologySnapshot, TraceEvent, Transcript } from '#sim/index.ts';
import type { CallName, Calls, Completion, Opened, OpenOptions, Request, WorkerEvent } from './protocol.ts';

/** A two-way channel to a session host. */
export interface Port {
  post(request: Request): void;
  onEvent(handler: (event: WorkerEvent) => void): void;
  /** The channel broke: the worker could not be loaded or has crashed. */
  onBroken(handler: (reason: string) => void): void;
  close(): void;
}

/** What is told to the page by itself. */
export type SessionEvent = Exclude<WorkerEvent, { t: 'reply' | 'failed' }>;
/** A listener that returns a promise has shown the output when it resolves: the engine waits for it. */
export type Listener = (event: SessionEvent) => void | Promise<void>;

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class SessionClient {
  private readonly pending = new Map<number, Pending>();
  private readonly listeners = new Set<Listener>();
  private nextId = 1;
  private broken: string | null = null;
  private tellEnded: (reason: string) => void = () => {};
  /** Resolves when the session is over, with the reason: `closed`, or what the worker died of. */
  readonly ended = new Promise<string>((resolve) => {
    this.tellEnded = resolve;
  });

  constructor(private readonly port: Port) {
    port.onEvent((event) => this.receive(event));
    port.onBroken((reason) => this.fail(reason));
  }

  /** Hears what happens; answers how to stop. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  open(options: OpenOptions): Promise<Opened> {
    return this.call('open', options);
  }

  /** A new terminal on `host`; its number, or null for an unknown host. */
  openTerminal(host: string, cols = 80, rows = 24): Promise<number | null> {
    return this.call('terminal', { host, cols, rows });
  }

  complete(term: number, text: string, cursor: number): Promise<Completion> {
    return this.call('complete', { term, text, cursor });
  }

  /** Takes back the last typed line. False when there was none. */
  undo(): Promise<boolean> {
    return this.call('undo', {});
  }

  /** The scene as it was at first. */
  reset(): Promise<boolean> {
    return this.call('reset', {});
  }

  trace(limit = 2000): Promise<TraceEvent[]> {
    return this.call('trace', { limit });
  }

  topology(): Promise<TopologySnapshot> {
    return this.call('topology', {});
  }

  transcript(): Promise<Transcript> {
    return this.call('transcript', {});
  }

  hash(): Promise<string> {
    return this.call('hash', {});
  }

  type(term: number, line: string): void {
    this.port.post({ t: 'type', term, line });
  }

  interrupt(term: number): void {
    this.port.post({ t: 'interrupt', term });
  }

  eof(term: number): void {
    this.port.post({ t: 'eof', term });
  }

  resize(term: number, cols: number, rows: number): void {
    this.port.post({ t: 'resize', term, cols, rows });
  }

  /** Passes over waiting until the terminal has something to show. */
  skip(term: number): void {
    this.port.post({ t: 'skip', term });
  }

  /** Ends the session; calls that wait are refused. */
  close(): void {
    this.port.close();
    this.fail('closed');
    this.listeners.clear();
  }

  private call<N extends CallName>(name: N, args: Calls[N]['args']): Promise<Calls[N]['value']> {
    if (this.broken !== null) return Promise.reject(new Error(this.broken));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve: resolve as Pending['resolve'], reject });
      this.port.post({ t: name, id, ...args } as Request);
    });
  }

  private receive(event: WorkerEvent): void {
    if (event.t === 'reply' || event.t === 'failed') {
      const waiting = this.pending.get(event.id);
      this.pending.delete(event.id);
      if (event.t === 'reply') waiting?.resolve(event.value);
      else waiting?.reject(new Error(event.message));
      return;
    }
    const shown: Promise<void>[] = [];
    for (const listener of [...this.listeners]) {
      const done = listener(event);
      if (done) shown.push(done);
    }
    if (event.t !== 'output') return;
    const ack = (): void => this.port.post({ t: 'ack', chars: event.data.length });
    if (shown.length === 0) ack();
    else void Promise.allSettled(shown).then(ack);
  }

  private fail(reason: string): void {
    this.broken ??= reason;
    this.tellEnded(reason);
    for (const { reject } of this.pending.values()) reject(new Error(reason));
    this.pending.clear();
  }
}
