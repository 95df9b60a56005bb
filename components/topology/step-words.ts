/** A step in words, in the reader's language: the namespace `trace` has a sentence for each of the engine's. */
import type { TraceEvent } from '#sim/index.ts';
import { describeEvent } from '#worker/trace.ts';

/** The sentence of a step. */
export function describeStep(
  event: TraceEvent,
  t: (key: string, values: Record<string, string | number>) => string,
): string {
  const { key, params } = describeEvent(event);
  return t(key, params);
}
