import type { World } from '../../kernel/world.ts';

/** Drains queued packets. */
export function runSoftirq(_world: World): boolean {
  return false;
}
