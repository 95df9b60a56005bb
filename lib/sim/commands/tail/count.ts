const UNITS: Record<string, number> = {
  '': 1,
  b: 512,
  kB: 1000,
  K: 1024,
  KiB: 1024,
  MB: 1e6,
  M: 1048576,
  MiB: 1048576,
  GB: 1e9,
  G: 1073741824,
};

/** A count of lines or bytes with its sign, as head and tail take it; null when it is none. */
export function parseCount(text: string): { sign: string; value: number } | null {
  const m = /^([-+]?)(\d+)([A-Za-z]*)$/.exec(text);
  const unit = m ? UNITS[m[3] ?? ''] : undefined;
  return m && unit !== undefined ? { sign: m[1] ?? '', value: Number(m[2]) * unit } : null;
}
