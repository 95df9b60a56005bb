import { getCatalog } from '#course/catalog.ts';
import { allCommands, scenarioNames } from '#sim/index.ts';
import { parseArgs } from '../args.ts';

export const usage = 'catalog [--json]';

/** Lists what the course and the engine hold. */
export function catalog(argv: string[]): number {
  const args = parseArgs(argv, [], ['json']);
  const { lessons, exercises, questions } = getCatalog();
  const list = {
    lessons: lessons.map(({ id, locales }) => ({ id, locales })),
    exercises: exercises.map(({ exercise, locales }) => ({
      id: exercise.id,
      kind: exercise.kind,
      locales,
      checks: exercise.checks.map((c) => c.id),
    })),
    questions: questions.map(({ id, kind, topic }) => ({ id, kind, topic, locales: ['en', 'zh-TW'] })),
    scenarios: scenarioNames,
    faults: [],
    commands: allCommands.flatMap((c) => [c.name, ...(c.aliases ?? [])]).sort(),
  };
  if (args.flags.has('json')) process.stdout.write(`${JSON.stringify(list)}\n`);
  else
    for (const [name, items] of Object.entries(list))
      process.stdout.write(`${name}: ${items.map((i) => (typeof i === 'string' ? i : i.id)).join(' ')}\n`);
  return 0;
}
