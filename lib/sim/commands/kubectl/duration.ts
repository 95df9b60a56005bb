/** Go's durations: `1h30m`, `500ms`. Source: Go src/time/format.go. */
const UNITS: Record<string, number> = { ns: 1e-3, us: 1, µs: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 };

/** Microseconds, or null when the text is none. */
export function durationUs(text: string): number | null {
  if (text === '0') return 0;
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/.exec(text);
  if (!match) return null;
  const parts = [...(match[2] as string).matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  const sum = parts.reduce((total, [, n, unit]) => total + Number(n) * (UNITS[unit as string] as number), 0);
  return match[1] === '-' ? -sum : sum;
}
