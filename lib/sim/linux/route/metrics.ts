/** Route metrics: RTAX_* of include/uapi/linux/rtnetlink.h, as net/ipv4/metrics.c takes them. */

/** Names as iproute2 has them, in the kernel's order; a metric's lock is the bit of its number. */
export const METRICS = [
  'mtu',
  'window',
  'rtt',
  'rttvar',
  'ssthresh',
  'cwnd',
  'advmss',
  'reordering',
  'hoplimit',
  'initcwnd',
  'features',
  'rto_min',
  'initrwnd',
  'quickack',
  'congctl',
  'fastopen_no_cookie',
] as const;

/** RTAX_LOCK is 1, the first metric 2. */
const FIRST = 2;

export const lockBit = (name: string): number => 1 << (METRICS.indexOf(name as (typeof METRICS)[number]) + FIRST);

/** Largest values the kernel keeps: more is cut down to them (ip_metrics_convert). */
const LIMITS: Readonly<Record<string, number>> = { mtu: 65535 - 15, advmss: 65535 - 40, hoplimit: 255 };

/** The metrics as the kernel keeps them. */
export function convertMetrics(metrics: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).map(([k, v]) => [k, Math.min(v, LIMITS[k] ?? v)]));
}
