/** A learner's unfinished work on an exercise, kept in this browser: what was typed, and the hints taken. */
import type { Transcript } from '#sim/index.ts';

export interface KeptWork {
  seed: number;
  transcript: Transcript;
  hints: number;
}

const keyOf = (exercise: string, version: number): string => `flatnet.work.${exercise}.${version}`;

/** What was kept, or null. Another version of the exercise has a place of its own. */
export function readWork(exercise: string, version: number): KeptWork | null {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(exercise, version)) ?? 'null') as KeptWork | null;
    return kept && kept.transcript?.v === 1 && Array.isArray(kept.transcript.steps) ? kept : null;
  } catch {
    return null;
  }
}

/** Keeps it. False when the browser has no room. */
export function keepWork(exercise: string, version: number, work: KeptWork): boolean {
  try {
    localStorage.setItem(keyOf(exercise, version), JSON.stringify(work));
    return true;
  } catch {
    return false;
  }
}
