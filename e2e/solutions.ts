/** Prints each exercise's solution as a transcript, with the world's hash after its replay in Node. Run by replay.spec.ts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCatalog } from '#course/catalog.ts';
import { parseScript } from '#course/script.ts';
import { drawExercise, drawValues, fillDrawn } from '#grade/draw.ts';
import { typeScript } from '#grade/grade.ts';
import { Session } from '#sim/index.ts';

const all = getCatalog().exercises.map(({ exercise: written }) => {
  const { base, seed } = written.scene;
  const exercise = drawExercise(written, seed);
  const { setup } = exercise.scene;
  const script = readFileSync(join('content', 'exercises', exercise.id, 'solution.sh'), 'utf8');
  const { steps } = parseScript(fillDrawn(script, drawValues(written, seed)));
  const transcript = typeScript(exercise, seed, steps);
  return {
    id: exercise.id,
    base,
    seed,
    setup,
    transcript,
    hash: Session.replay(base, seed, transcript, { steps: setup }).hash(),
  };
});
process.stdout.write(JSON.stringify(all));
