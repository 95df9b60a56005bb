/** Counters and rates: ip_vs_est.c. Sampled every two seconds; worked out when somebody counts or looks. */
import type { VsStats } from './types.ts';

const PERIOD = 2_000_000;
/** Rounds after which an average of nothing new is nothing. */
const FADE = 200;
const isBytes = (i: number): boolean => i > 2;

function settle(s: VsStats, now: number): void {
  const tick = Math.floor(now / PERIOD);
  if (tick - s.tick > FADE) {
    s.shown = [...s.live];
    s.last = [...s.live];
    s.rate = [0, 0, 0, 0, 0];
    s.tick = tick;
  }
  for (; s.tick < tick; s.tick++) {
    s.shown = [...s.live];
    for (let i = 0; i < 5; i++) {
      const fresh = ((s.shown[i] ?? 0) - (s.last[i] ?? 0)) * (isBytes(i) ? 16 : 512);
      s.rate[i] = (s.rate[i] ?? 0) + Math.floor((fresh - (s.rate[i] ?? 0)) / 4);
    }
    s.last = [...s.shown];
  }
}

/** Adds to counters: `at` is 0 for a connection, 1 for a packet in, 2 for one out; `bytes` counts with packets. */
export function bumpStats(list: readonly VsStats[], now: number, at: 0 | 1 | 2, bytes = 0): void {
  for (const s of list) {
    settle(s, now);
    s.live[at] = (s.live[at] ?? 0) + 1;
    if (at > 0) s.live[at + 2] = (s.live[at + 2] ?? 0) + bytes;
  }
}

/** Totals as `--stats` shows them. */
export function shownStats(s: VsStats, now: number): number[] {
  settle(s, now);
  return s.shown.map((n, i) => n - (s.base[i] ?? 0));
}

/** Per second, as `--rate` shows them. */
export function shownRates(s: VsStats, now: number): number[] {
  settle(s, now);
  return s.rate.map((n, i) => (isBytes(i) ? Math.floor((n + 15) / 32) : Math.floor((n + 511) / 1024)));
}

/** What is there now counts as zero. */
export function zeroStats(s: VsStats, now: number): void {
  settle(s, now);
  s.base = [...s.shown];
  s.last = [...s.shown];
  s.rate = [0, 0, 0, 0, 0];
}
