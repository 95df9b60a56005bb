/** What every group of benchmarks is handed. */
import type { Exercise } from '#grade/schema.ts';
import type { Row } from './stats.ts';

export interface Context {
  /** Whether a row of this name is asked for; a group whose rows nobody wants does no work. */
  wants(name: string): boolean;
  /** Whether the kernel is measured too. */
  kernel: boolean;
  add(row: Row): void;
  /** Tells what is going on (stderr). */
  say(text: string): void;
  exercise: Exercise;
}

/** Runs rounds until there are `most`, or `budget` ms are spent and there are two. */
export async function rounds(most: number, budget: number, round: (i: number) => Promise<void> | void): Promise<void> {
  const start = performance.now();
  for (let i = 0; i < most; i++) {
    if (i >= 2 && performance.now() - start > budget) return;
    await round(i);
  }
}
