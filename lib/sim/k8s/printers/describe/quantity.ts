/** Sums of resource quantities as k8s.io/apimachinery pkg/api/resource prints them. */
const SUFFIXES: Record<string, number> = { '': 1, k: 1e3, M: 1e6, G: 1e9, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** A quantity in thousandths (`100m`, `2`) or in whole units (`70Mi`); 0 for what is none. */
export function parseQuantity(text: unknown, milli: boolean): number {
  const m = /^(\d+(?:\.\d+)?)(m|k|M|G|Ki|Mi|Gi)?$/.exec(String(text ?? '0'));
  if (!m) return 0;
  const unit = m[2] === 'm' ? 1e-3 : (SUFFIXES[m[2] ?? ''] ?? 1);
  return Math.round(Number(m[1]) * unit * (milli ? 1000 : 1));
}

/** Thousandths: `250m`, `2`. */
export const formatMilli = (value: number): string => (value % 1000 === 0 ? String(value / 1000) : `${value}m`);

/** Bytes with the largest binary suffix that leaves a whole number. */
export function formatBytes(value: number): string {
  for (const suffix of ['Gi', 'Mi', 'Ki'])
    if (value !== 0 && value % (SUFFIXES[suffix] as number) === 0)
      return `${value / (SUFFIXES[suffix] as number)}${suffix}`;
  return String(value);
}
