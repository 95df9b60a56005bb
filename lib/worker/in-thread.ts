/** A twin of the worker in the caller's thread: for tests. Messages are copied, as between threads. */
import type { Port } from './client.ts';
import type { WorkerEvent } from './protocol.ts';
import { type Clock, type Engine, SessionHost } from './session-host.ts';

/** A clock that a test moves by hand. */
export class ManualClock implements Clock {
  private time = 0;
  private queue: { at: number; fn: () => void }[] = [];

  now(): number {
    return this.time;
  }

  later(ms: number, fn: () => void): () => void {
    const entry = { at: this.time + ms, fn };
    this.queue.push(entry);
    return () => {
      this.queue = this.queue.filter((e) => e !== entry);
    };
  }

  /** Lets `ms` pass; runs what falls due, in order, at most `limit` pieces. */
  pass(ms: number, limit = 10_000): void {
    const end = this.time + ms;
    for (let runs = 0; runs < limit; runs++) {
      const next = this.queue.reduce<{ at: number; fn: () => void } | null>(
        (a, b) => (a && a.at <= b.at ? a : b),
        null,
      );
      if (!next || next.at > end) break;
      this.queue = this.queue.filter((e) => e !== next);
      this.time = Math.max(this.time, next.at);
      next.fn();
    }
    this.time = Math.max(this.time, end);
  }
}

/** A port to a host that runs here, on the given clock. */
export function inThreadPort(engine: Engine, clock: Clock): Port {
  let handler: (event: WorkerEvent) => void = () => {};
  const host = new SessionHost(engine, (event) => handler(structuredClone(event)), clock);
  return {
    post: (request) => host.receive(structuredClone(request)),
    onEvent: (h) => {
      handler = h;
    },
    onBroken: () => {},
    close: () => host.close(),
  };
}
