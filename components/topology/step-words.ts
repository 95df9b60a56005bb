/** A step in words, in the reader's language: the namespace `trace` has a sentence for each of the engine's. */
import type { TraceEvent } from '#sim/index.ts';
import { describeEvent } from '#worker/trace.ts';

/** The sentence of a step. A drop is told by its reason; the engine's own text stands where a reason has no words yet. */
export function describeStep(
  event: TraceEvent,
  t: (key: string, values?: Record<string, string | number>) => string,
  has: (key: string) => boolean,
): string {
  const { key, params } = describeEvent(event);
  const reason = event.kind === 'drop' ? `reason.${event.reason}` : '';
  return t(key, reason !== '' && has(reason) ? { ...params, text: t(reason) } : params);
}
