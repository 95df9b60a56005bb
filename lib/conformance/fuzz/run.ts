/** Runs seeds against the real kernel, several at a time. */
import type { RecordedStep } from '#sim/test/normalise.ts';
import { type ReplayedStep, Tally } from '#sim/test/replay.ts';
import { classOf, compare } from '../compare.ts';
import { pooled } from '../record.ts';
import { randomScript } from './script.ts';

export interface SeedResult {
  seed: number;
  steps: number;
  wrong: ReplayedStep[];
  unstable: RecordedStep[];
}

export interface FuzzReport {
  tally: Tally;
  seeds: SeedResult[];
  /** Sorts of difference, the most frequent first. */
  classes: { name: string; count: number; example: { seed: number; step: ReplayedStep } }[];
}

/**
 * @param until no new seed is begun after this time (`performance.now()`)
 * @param seen called as each seed is done
 */
export async function fuzz(
  seeds: readonly number[],
  jobs: number,
  seen: (result: SeedResult) => void = () => {},
  until = Number.POSITIVE_INFINITY,
): Promise<FuzzReport> {
  const tally = new Tally();
  const results = await pooled(seeds, jobs, async (seed): Promise<SeedResult | null> => {
    if (performance.now() > until) return null;
    const { steps, unstable } = await compare(randomScript(seed));
    tally.add(steps);
    const result = { seed, steps: steps.length, wrong: steps.filter((s) => s.differences.length > 0), unstable };
    seen(result);
    return result;
  });
  const done = results.filter((r) => r !== null);
  const classes = new Map<string, FuzzReport['classes'][number]>();
  for (const { seed, wrong } of done) {
    for (const step of wrong) {
      const name = classOf(step);
      const known = classes.get(name);
      if (known) known.count++;
      else classes.set(name, { name, count: 1, example: { seed, step } });
    }
  }
  return { tally, seeds: done, classes: [...classes.values()].sort((a, b) => b.count - a.count) };
}
