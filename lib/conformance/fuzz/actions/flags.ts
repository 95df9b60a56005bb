import type { Random } from '../random.ts';

/** Flags of `ip` before the object, a few at a time. Statistics are left out where IPv6's own packets make them vary. */
export function ipFlags(random: Random, statistics: boolean): string {
  const all = ['-d', '-br', '-j', '-p', '-o', '-4', '-c', '-N', '-h', '-t'].filter((f) => f !== '-t');
  const chosen = random.some(all, 0.13);
  if (statistics && random.chance(0.12)) chosen.push('-s');
  if (statistics && random.chance(0.04)) chosen.push('-s', '-s');
  return chosen.join(' ');
}
