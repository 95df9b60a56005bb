/** Durations as Go reads them. Source: Go's time.ParseDuration. */
const SECOND = 1_000_000;
const UNITS: Record<string, number> = { h: 3600 * SECOND, m: 60 * SECOND, s: SECOND, ms: 1000, us: 1, µs: 1, ns: 1e-3 };

/** A Go duration (`1m30s`) in µs, or null. */
export function parseDuration(text: string): number | null {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(h|ms|m|s|us|µs|ns))+$/.test(text)) return null;
  let us = 0;
  for (const [, number = '', , unit = ''] of text.matchAll(/(\d+(\.\d+)?)(h|ms|m|s|us|µs|ns)/g))
    us += Number(number) * (UNITS[unit] ?? 0);
  return Math.round(us);
}
