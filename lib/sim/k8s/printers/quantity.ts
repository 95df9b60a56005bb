/** Resource quantities. Source: k8s.io/apimachinery pkg/api/resource. */
const SUFFIXES: Record<string, number> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
};
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** A quantity (`100m`, `2`, `70Mi`, `1e3`) in units, or in thousandths; 0 for what is none. */
export function parseQuantity(text: unknown, milli = false): number {
  const m = /^([+-]?(?:\d+\.?\d*|\.\d+))([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.exec(String(text ?? '0'));
  if (!m) return 0;
  const [, digits, suffix = ''] = m;
  const binary = BINARY.indexOf(suffix);
  const unit = binary >= 0 ? 1024 ** (binary + 1) : (SUFFIXES[suffix] ?? 10 ** Number(suffix.slice(1)));
  const value = Number(digits) * unit;
  return milli ? Math.ceil(value * 1000 - 1e-6) : value;
}

/** Thousandths: `250m`, `2`. */
export const formatMilli = (value: number): string => (value % 1000 === 0 ? String(value / 1000) : `${value}m`);

/** Bytes with the largest binary suffix that leaves a whole number. */
export function formatBytes(value: number): string {
  for (let i = BINARY.length - 1; i >= 0; i--)
    if (value !== 0 && value % 1024 ** (i + 1) === 0) return `${value / 1024 ** (i + 1)}${BINARY[i]}`;
  return String(Math.ceil(value));
}
