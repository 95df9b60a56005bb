/**
 * What waits to be sent to the server: kept in the browser, sent later, once, in order. Pure: storage, network and
 * time come from outside. The server knows a `clientId` that it has seen, so sending twice stores once.
 */
export interface OutboxItem {
  clientId: string;
  url: string;
  body: unknown;
}

/** The server's answer, or none. */
export type Delivery =
  | { kind: 'answer'; status: number; retryAfter: number | null; body: unknown }
  | { kind: 'offline' };

export type Outcome =
  | { kind: 'sent'; body: unknown }
  /** Never to be accepted: malformed, unknown, too large. It leaves the queue. */
  | { kind: 'refused'; status: number; message: string };

export interface OutboxPorts {
  load(): OutboxItem[];
  /** False when the browser's storage is full or closed: the item then lives as long as the page. */
  save(items: readonly OutboxItem[]): boolean;
  send(item: OutboxItem): Promise<Delivery>;
  /** Runs `fn` after `ms`. */
  later(ms: number, fn: () => void): void;
  /** Runs alone among the pages of this browser. */
  alone(fn: () => Promise<void>): Promise<void>;
}

export interface OutboxState {
  /** How many wait. */
  waiting: number;
  /** Why they wait: the server cannot be reached, is away (503), or asks for patience (429). */
  reason: 'offline' | 'away' | 'patience' | null;
  kept: boolean;
}

const FIRST_RETRY = 2000;
const LAST_RETRY = 60_000;

const RETRIED = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What a delivery means: done, or try again after `ms`. */
export function judge(
  delivery: Delivery,
  tries: number,
): Outcome | { kind: 'retry'; ms: number; reason: NonNullable<OutboxState['reason']> } {
  const backoff = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** Math.min(tries, 10));
  if (delivery.kind === 'offline') return { kind: 'retry', ms: backoff, reason: 'offline' };
  const { status, body } = delivery;
  if (status >= 200 && status < 300) return { kind: 'sent', body };
  if (RETRIED.has(status))
    return {
      kind: 'retry',
      ms: Math.max(backoff, (delivery.retryAfter ?? 0) * 1000),
      reason: status === 429 ? 'patience' : 'away',
    };
  const error = (body as { error?: { message?: unknown } } | null)?.error;
  return { kind: 'refused', status, message: typeof error?.message === 'string' ? error.message : '' };
}

export class Outbox {
  state: OutboxState;
  /** Items that could not be stored. */
  private unsaved: OutboxItem[] = [];
  private tries = 0;
  private busy = false;
  private timed = false;
  private readonly listeners = new Set<() => void>();
  private readonly outcomes = new Map<string, (outcome: Outcome) => void>();

  constructor(private readonly ports: OutboxPorts) {
    this.state = { waiting: ports.load().length, reason: null, kept: true };
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): OutboxState => this.state;

  /** Puts an item at the end, and tells what became of it, however long that takes. */
  add(item: OutboxItem): Promise<Outcome> {
    const kept = this.ports.save([...this.ports.load(), item]);
    if (!kept) this.unsaved.push(item);
    this.set({ waiting: this.all().length, kept });
    return new Promise((resolve) => {
      this.outcomes.set(item.clientId, resolve);
      void this.flush();
    });
  }

  /** Sends what waits, one after the other, until one has to wait. */
  async flush(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await this.ports.alone(async () => {
        for (let item = this.all()[0]; item; item = this.all()[0]) {
          const result = judge(await this.ports.send(item), this.tries);
          if (result.kind === 'retry') return this.wait(result.ms, result.reason);
          this.tries = 0;
          this.remove(item);
          this.outcomes.get(item.clientId)?.(result);
          this.outcomes.delete(item.clientId);
          this.set({ waiting: this.all().length, reason: null });
        }
      });
    } finally {
      this.busy = false;
    }
    if (!this.timed && this.all().length > 0) void this.flush();
  }

  private all(): OutboxItem[] {
    return [...this.ports.load(), ...this.unsaved];
  }

  private remove(item: OutboxItem): void {
    this.unsaved = this.unsaved.filter((i) => i.clientId !== item.clientId);
    this.ports.save(this.ports.load().filter((i) => i.clientId !== item.clientId));
  }

  private wait(ms: number, reason: NonNullable<OutboxState['reason']>): void {
    this.tries++;
    this.set({ waiting: this.all().length, reason });
    if (this.timed) return;
    this.timed = true;
    this.ports.later(ms, () => {
      this.timed = false;
      void this.flush();
    });
  }

  private set(change: Partial<OutboxState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.listeners]) listener();
  }
}
