/** How virtual time follows real time: one to one, and never in a burst after the page was asleep. */

/** Real milliseconds behind which lost time is given up. */
const MAX_LAG = 250;

export class Pacing {
  private real = 0;
  private virtual = 0;
  private running = false;

  /** Ties the virtual time (µs) to the real one (ms), unless it runs already. */
  start(real: number, virtual: number): void {
    if (this.running) return;
    this.running = true;
    this.real = real;
    this.virtual = virtual;
  }

  stop(): void {
    this.running = false;
  }

  /** Real milliseconds to wait until virtual time `at` is due. */
  delay(real: number, at: number): number {
    const due = this.real + (at - this.virtual) / 1000;
    if (real - due > MAX_LAG) {
      this.real = real;
      this.virtual = at;
      return 0;
    }
    return Math.max(0, due - real);
  }

  /** Virtual time at this real time; `limit` is the next thing that will happen. */
  virtualAt(real: number, limit: number | null): number {
    const at = Math.floor(this.virtual + Math.max(0, real - this.real) * 1000);
    return limit === null ? at : Math.min(at, limit);
  }

  get isRunning(): boolean {
    return this.running;
  }
}
