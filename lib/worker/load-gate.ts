/**
 * Holds requests back until the engine's programs have been loaded. A scene's prompt needs none of them, so opening and looking go
 * through at once; what runs a line waits, and what comes after it waits behind it.
 */

/** Whether a message can be answered by the engine's core alone. */
function coreIsEnough(message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return true;
  const m = message as { t?: unknown; setup?: { steps?: unknown[] }; transcript?: { steps?: unknown[] } };
  switch (m.t) {
    case 'open':
      return (m.setup?.steps?.length ?? 0) === 0 && (m.transcript?.steps?.length ?? 0) === 0;
    case 'type':
    case 'eof':
    case 'complete':
    case 'undo':
    case 'reset':
    case 'skip':
      return false;
    default:
      return true;
  }
}

export class LoadGate {
  private readonly waiting: unknown[] = [];
  private loaded = false;

  constructor(
    private readonly receive: (message: unknown) => void,
    /** Called when something waits: the programs are wanted now. */
    private readonly wanted: () => void = () => {},
  ) {}

  /** Takes a message: passes it on, or keeps it. */
  take(message: unknown): void {
    if (this.loaded || (this.waiting.length === 0 && coreIsEnough(message))) this.receive(message);
    else {
      this.waiting.push(message);
      this.wanted();
    }
  }

  /** Everything is there: passes on what waited, in order. */
  open(): void {
    this.loaded = true;
    for (const message of this.waiting.splice(0)) this.receive(message);
  }
}
