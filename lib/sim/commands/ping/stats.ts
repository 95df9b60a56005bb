/** ping's bookkeeping and its last lines: ping/ping_common.c. */
import type { PingOptions } from './options.ts';

export interface Stats {
  transmitted: number;
  received: number;
  repeats: number;
  errors: number;
  /** Round trips, µs. */
  min: number;
  max: number;
  sum: number;
  sum2: number;
  /** Smoothed round trip, µs times 8. */
  rtt: number;
  pipe: number;
  acked: number;
  seen: Set<number>;
  /** Virtual µs. */
  start: number;
  current: number | null;
}

export const newStats = (now: number): Stats => ({
  transmitted: 0,
  received: 0,
  repeats: 0,
  errors: 0,
  min: Number.MAX_SAFE_INTEGER,
  max: 0,
  sum: 0,
  sum2: 0,
  rtt: 0,
  pipe: 0,
  acked: 0,
  seen: new Set(),
  start: now,
  current: null,
});

/** An answer of whatever kind came for `seq`. */
export function acknowledge(s: Stats, seq: number): void {
  const diff = ((s.transmitted & 0xffff) - seq) & 0xffff;
  if (diff > 0x7fff) return;
  if (diff + 1 > s.pipe) s.pipe = diff + 1;
  const ahead = ((seq - s.acked) << 16) >> 16;
  if (ahead > 0 || (((s.transmitted & 0xffff) - s.acked) & 0xffff) > 0x7fff) s.acked = seq;
}

export function inFlight(s: Stats): number {
  const diff = ((s.transmitted & 0xffff) - s.acked) & 0xffff;
  return diff <= 0x7fff ? diff : s.transmitted - s.received - s.errors;
}

/** A round trip as the reply line shows it. */
export function timeText(us: number): string {
  if (us >= 100_000 - 50) return ` time=${Math.floor((us + 500) / 1000)} ms`;
  if (us >= 10_000 - 5) return ` time=${Math.floor((us + 50) / 1000)}.${Math.floor(((us + 50) % 1000) / 100)} ms`;
  if (us >= 1000)
    return ` time=${Math.floor((us + 5) / 1000)}.${String(Math.floor(((us + 5) % 1000) / 10)).padStart(2, '0')} ms`;
  return ` time=${Math.floor(us / 1000)}.${three(us % 1000)} ms`;
}

const three = (n: number): string => String(Math.floor(n)).padStart(3, '0');
const ms = (us: number): string => `${Math.floor(us / 1000)}.${three(us % 1000)}`;

/** %g with six digits, as the loss is printed. */
const percent = (n: number): string => String(Number(n.toPrecision(6)));

/** What finish() prints. */
export function summary(s: Stats, host: string, o: PingOptions, timing: boolean): string {
  const elapsed = (s.current ?? s.start) - s.start;
  let text = `\n--- ${host} ping statistics ---\n${s.transmitted} packets transmitted, ${s.received} received`;
  if (s.repeats > 0) text += `, +${s.repeats} duplicates`;
  if (s.errors > 0) text += `, +${s.errors} errors`;
  if (s.transmitted > 0) {
    text += `, ${percent(((s.transmitted - s.received) * 100) / s.transmitted)}% packet loss, time ${Math.floor((elapsed + 500) / 1000)}ms`;
  }
  text += '\n';
  let comma = '';
  if (s.received > 0 && timing) {
    const total = s.received + s.repeats;
    const avg = Math.floor(s.sum / total);
    const variance = Math.floor((s.sum2 - Math.floor((s.sum * s.sum) / total)) / total);
    text += `rtt min/avg/max/mdev = ${ms(s.min)}/${ms(avg)}/${ms(s.max)}/${ms(Math.floor(Math.sqrt(Math.max(0, variance))))} ms`;
    comma = ', ';
  }
  if (s.pipe > 1) {
    text += `${comma}pipe ${s.pipe}`;
    comma = ', ';
  }
  if (s.received > 0 && (o.interval === 0 || o.flood || o.adaptive) && s.transmitted > 1) {
    const gap = Math.floor(elapsed / (s.transmitted - 1));
    text += `${comma}ipg/ewma ${ms(gap)}/${Math.floor(s.rtt / 8000)}.${three(Math.floor(s.rtt / 8) % 1000)} ms`;
  }
  return `${text}\n`;
}
