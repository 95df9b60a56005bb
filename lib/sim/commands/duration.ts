const UNITS: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86400 };

/** Microseconds of a coreutils duration (`1.5`, `2m`, `inf`); null when it is none. */
export function parseDuration(text: string): number | null {
  if (/^(?:inf|infinity)$/i.test(text)) return Number.MAX_SAFE_INTEGER / 4;
  const m = /^\+?(\d+\.?\d*|\.\d+)(?:e([-+]?\d+))?([smhd]?)$/i.exec(text);
  if (!m) return null;
  return Math.round(Number(`${m[1]}e${m[2] ?? 0}`) * (UNITS[(m[3] ?? '').toLowerCase()] ?? 1) * 1e6);
}
