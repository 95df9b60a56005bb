/**
 * Scenes that are wanted again: the second time one is asked for it is built and kept, from the third on copied. Replays
 * (grading, undo) begin with the same scene each time.
 */
import { forkMachine } from '../kernel/fork.ts';
import type { Machine } from '../kernel/machine.ts';
import { assembleScene, type SceneSetup } from './assemble.ts';

const KEPT = 6;
const REMEMBERED = 64;

/** Null: it cannot be copied. The machines kept here are never run. */
const kept = new Map<string, Machine | null>();
const asked = new Set<string>();

function trim(names: { size: number; keys(): Iterator<string>; delete(name: string): boolean }, limit: number): void {
  while (names.size > limit) {
    const oldest = names.keys().next();
    if (oldest.done) return;
    names.delete(oldest.value);
  }
}

/** The scene, as {@link assembleScene} makes it; a copy of one that was kept behaves the same in everything. */
export function sceneOf(name: string, seed: number, setup: SceneSetup): Machine {
  const key = JSON.stringify([name, seed, setup.steps ?? []]);
  const known = kept.get(key);
  if (known) {
    kept.delete(key);
    kept.set(key, known);
    const copy = forkMachine(known);
    if (copy) return copy;
  }
  const machine = assembleScene(name, seed, setup);
  if (known === null) return machine;
  if (!asked.has(key)) {
    asked.add(key);
    trim(asked, REMEMBERED);
    return machine;
  }
  const copy = forkMachine(machine);
  kept.set(key, copy && machine);
  trim(kept, KEPT);
  return copy ?? machine;
}
