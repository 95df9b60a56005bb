import type { World } from '../../kernel/world.ts';

/** A duration as kubectl shows ages: k8s.io/apimachinery pkg/util/duration HumanDuration. Seconds in. */
export function humanDuration(seconds: number): string {
  const s = Math.floor(seconds);
  if (s < -1) return '<invalid>';
  if (s < 0) return '0s';
  if (s < 120) return `${s}s`;
  const m = Math.floor(s / 60);
  if (m < 10) return s % 60 === 0 ? `${m}m` : `${m}m${s % 60}s`;
  if (m < 180) return `${m}m`;
  const h = Math.floor(m / 60);
  if (h < 8) return m % 60 === 0 ? `${h}h` : `${h}h${m % 60}m`;
  if (h < 48) return `${h}h`;
  const d = Math.floor(h / 24);
  if (d < 8) return h % 24 === 0 ? `${d}d` : `${d}d${h % 24}h`;
  if (d < 730) return `${d}d`;
  const y = Math.floor(d / 365);
  return y < 8 && d % 365 !== 0 ? `${y}y${d % 365}d` : `${y}y`;
}

/** Unix seconds of virtual now. */
export const nowSeconds = (world: World): number => world.epoch + world.now / 1e6;

/** Age of a timestamp of the API, `<unknown>` when there is none. */
export function ageOf(world: World, timestamp: string | undefined): string {
  const at = timestamp === undefined ? Number.NaN : Date.parse(timestamp) / 1000;
  return Number.isNaN(at) ? '<unknown>' : humanDuration(nowSeconds(world) - at);
}
