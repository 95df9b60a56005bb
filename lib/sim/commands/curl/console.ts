/** curl's three voices on stderr: the progress meter, -v's lines and the error. */
import type { Io, Proc } from '../../kernel/process.ts';
import { printErr } from '../io.ts';
import { METER_HEAD, type Meter, meterLine } from './progress.ts';

export class Console {
  readonly meter: Meter = { total: 0, received: 0, uploadTotal: 0, uploaded: 0, elapsed: 0 };
  private ticks = -1;
  /** A "[N bytes data]" line was the last of its direction. */
  private told = '';

  constructor(
    private readonly proc: Proc,
    private readonly started: number,
    readonly showMeter: boolean,
    readonly verbose: boolean,
    /** The body goes to a terminal: -v need not tell its size. */
    private readonly bodyShown: boolean,
  ) {}

  /** Prints the meter's head and its first line. */
  *begin(): Io<void> {
    if (!this.showMeter) return;
    yield* printErr(METER_HEAD);
    yield* this.tick();
  }

  /** Prints a meter line for every whole second that is over. */
  *tick(): Io<void> {
    if (!this.showMeter) return;
    const elapsed = this.proc.world.now - this.started;
    const passed = Math.max(0, Math.ceil(elapsed / 1e6) - 1);
    while (this.ticks < passed) {
      this.ticks++;
      yield* printErr(meterLine({ ...this.meter, elapsed: this.ticks === 0 ? 0 : this.ticks * 1e6 }));
    }
  }

  /** The last meter line. */
  *done(): Io<void> {
    if (!this.showMeter) return;
    yield* this.tick();
    yield* printErr(`${meterLine({ ...this.meter, elapsed: this.proc.world.now - this.started })}\n`);
  }

  /** `* text` with -v. */
  *info(text: string): Io<void> {
    this.told = '';
    if (this.verbose) yield* printErr(`* ${text}\n`);
  }

  /** Header lines with `> ` or `< ` in front, with -v. */
  *headers(mark: '>' | '<', raw: string): Io<void> {
    this.told = '';
    if (!this.verbose) return;
    for (const line of raw.split('\n').slice(0, -1)) yield* printErr(`${mark} ${line}\n`);
  }

  /** `{ [6 bytes data]`, once for a run of data, with -v. */
  *data(mark: '{' | '}', size: number): Io<void> {
    if (!this.verbose || this.bodyShown || this.told === mark || size === 0) return;
    this.told = mark;
    yield* printErr(`${mark} [${size} bytes data]\n`);
  }
}
