/**
 * The dynamic file systems by the name a directory's `mount` carries. commands/load.ts hands them over: nothing looks into /proc or
 * /sys before the first line is typed.
 */
import type { DynamicFs } from './types.ts';

const table = new Map<string, DynamicFs>();

/** What is mounted where; empty directories before the file systems are there. */
export const mounts: ReadonlyMap<string, DynamicFs> = table;

/** Hands file systems over. */
export function provideMounts(systems: readonly DynamicFs[]): void {
  for (const system of systems) table.set(system.name, system);
}
