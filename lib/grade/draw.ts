/** Exercises whose scene is drawn from the seed: what `{{name}}` stands for, and where. */
import type { Exercise } from './schema.ts';

export type Drawn = Record<string, string>;

/** A number from seed and name that does not move when another name is added beside it (FNV-1a, then one mixing step). */
function numberOf(seed: number, name: string): number {
  let hash = 0x811c9dc5;
  for (const char of `${seed}/${name}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** What the seed draws for the exercise: `name` for a text, `name.field` for each field of a group. */
export function drawValues(exercise: Exercise, seed: number): Drawn {
  const drawn: Drawn = {};
  for (const [name, choices] of Object.entries(exercise.scene.draw)) {
    const choice = choices[numberOf(seed, name) % choices.length] as (typeof choices)[number];
    if (typeof choice === 'string') drawn[name] = choice;
    else for (const [field, value] of Object.entries(choice)) drawn[`${name}.${field}`] = value;
  }
  return drawn;
}

/** The text with every `{{name}}` replaced; throws on a name that is not drawn, which is the author's mistake. */
export function fillDrawn(text: string, drawn: Drawn): string {
  return text.replace(/\{\{([\w.-]+)\}\}/g, (_, name: string) => {
    const value = drawn[name];
    if (value === undefined) throw new Error(`{{${name}}} is not drawn`);
    return value;
  });
}

function fillAll<T>(value: T, drawn: Drawn): T {
  if (typeof value === 'string') return fillDrawn(value, drawn) as T;
  if (Array.isArray(value)) return value.map((item) => fillAll(item, drawn)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillAll(item, drawn)])) as T;
}

/** The exercise as this seed draws it: setup, checks and hints filled in. The same exercise when nothing is drawn. */
export function drawExercise(exercise: Exercise, seed: number): Exercise {
  if (Object.keys(exercise.scene.draw).length === 0) return exercise;
  const drawn = drawValues(exercise, seed);
  const { scene, checks, hints } = exercise;
  return {
    ...exercise,
    scene: { ...scene, seed, setup: fillAll(scene.setup, drawn) },
    checks: fillAll(checks, drawn),
    hints: fillAll(hints, drawn),
  };
}
