/** A world that requests reach from outside, while its virtual time passes as real time does, or stands still. */
import type { Session } from '#sim/index.ts';

/** Real milliseconds between two looks at the world. */
const TICK = 10;
/** Virtual microseconds that one look may catch up with. */
const CATCH_UP = 1_000_000;

export class LiveWorld {
  private readonly listeners = new Set<() => void>();
  private last = performance.now();
  private readonly timer: NodeJS.Timeout | null;

  /** With `still`, virtual time passes only by {@link pass}. */
  constructor(
    readonly session: Session,
    { still = false } = {},
  ) {
    this.timer = still ? null : setInterval(() => this.tick(), TICK);
  }

  /** Runs whatever can run at this virtual time, then tells the listeners. */
  settle(): void {
    while (this.session.pump().more);
    for (const listener of this.listeners) listener();
  }

  /** Calls `listener` after everything that may have changed the world; answers how to stop that. */
  follow(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Lets virtual microseconds pass. */
  pass(us: number): void {
    const target = this.session.machine.world.now + us;
    for (;;) {
      while (this.session.pump().more);
      const at = this.session.machine.nextAt();
      if (at === null || at > target) break;
      this.session.advance(at);
    }
    this.session.advance(target);
    this.settle();
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
  }

  private tick(): void {
    const now = performance.now();
    const us = Math.min(CATCH_UP, Math.round((now - this.last) * 1000));
    this.last = now;
    this.pass(us);
  }
}
