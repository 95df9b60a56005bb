/** Times as nft reads and writes them. */
import { civilFromDays, daysFromCivil } from '../../text/civil.ts';

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** `1d2h3m4s`, or a bare number of seconds, in milliseconds; null when it is none. */
export function parseTime(text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const found = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text);
  if (!found || text === '') return null;
  return UNITS.reduce((sum, [, ms], i) => sum + Number(found[i + 1] ?? 0) * ms, 0);
}

export function parseSeconds(text: string): number | null {
  const ms = parseTime(text);
  return ms === null ? null : Math.floor(ms / 1000);
}

/** Milliseconds as `1d2h3m4s`. */
export function timeText(ms: number): string {
  let rest = Math.max(0, Math.floor(ms));
  let text = '';
  for (const [unit, size] of UNITS) {
    const n = Math.floor(rest / size);
    if (n > 0) text += `${n}${unit}`;
    rest -= n * size;
  }
  return text || '0s';
}

/** `YYYY-MM-DD hh:mm:ss` (UTC, as the machine's clock is) in nanoseconds since 1970. */
export function parseDate(text: string): number | null {
  const m = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  if (!m) return /^\d+$/.test(text) ? Number(text) : null;
  const n = m.slice(1).map((x) => Number(x ?? 0));
  return (
    (daysFromCivil(n[0] ?? 0, n[1] ?? 1, n[2] ?? 1) * 86400 + (n[3] ?? 0) * 3600 + (n[4] ?? 0) * 60 + (n[5] ?? 0)) * 1e9
  );
}

export function secondsText(ns: number): string {
  const s = Math.floor(ns / 1e9);
  const days = Math.floor(s / 86400);
  const { year, month, day } = civilFromDays(days);
  const two = (n: number) => String(n).padStart(2, '0');
  const rest = s - days * 86400;
  const clock = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
  return `"${year}-${two(month)}-${two(day)} ${clock}"`;
}

/** `hh:mm[:ss]` in seconds of the day. */
export function parseClock(text: string): number | null {
  const m = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(text);
  if (m) return Number(m[1]) * 3600 + Number(m[2]) * 60 + Number(m[3] ?? 0);
  return /^\d+$/.test(text) ? Number(text) : null;
}
