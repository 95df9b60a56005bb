/** Runs random command lines within bounds, for the test and for the measurement in fuzz-memory.ts. */
import * as fc from 'fast-check';
import '#sim/commands/load.ts';
import { runStep } from '#sim/run-steps.ts';
import { buildScene } from '#sim/scene/build.ts';
import { line, raw } from './fuzz-grammar.ts';

const BOUNDS = { maxTime: 20_000_000, maxSteps: 600, maxOutput: 300_000 };
/** Lines that share a world: what one leaves behind meets the next. */
const SHARED = 50;

/** The sources of lines: name, generator, share of all lines, seed. */
export const SOURCES = [
  { name: 'from the grammar', lines: line, share: 0.75, seed: 20260115 },
  { name: 'from raw text', lines: raw, share: 0.25, seed: 7 },
] as const;

/**
 * Runs a source's share of `total` lines on `bare`.
 * @returns how many lines ran
 * @throws the shrunk counterexample, when a line throws or its exit code is outside 0–255
 */
export function runLines(source: (typeof SOURCES)[number], total: number): number {
  let machine = buildScene('bare', 1);
  let count = 0;
  void fc.assert(
    fc.property(source.lines, (cmd) => {
      if (count++ % SHARED === 0) machine = buildScene('bare', 1);
      const { exit } = runStep(machine, { cmd }, BOUNDS);
      return exit >= 0 && exit <= 255;
    }),
    { numRuns: Math.ceil(total * source.share), seed: source.seed, endOnFailure: true },
  );
  return count;
}
