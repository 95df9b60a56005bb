/** Compiles every lesson and task into dist/mdx. The first mistake ends it, with file, line and column. */
import { getCatalog } from './catalog.ts';
import { loadExercise, loadLesson } from './load-mdx.ts';
import { LOCALES } from './schema.ts';

process.env.FLATNET_WRITE_COMPILED = '1';
try {
  const { lessons, exercises } = getCatalog();
  for (const locale of LOCALES) {
    for (const { id } of lessons) await loadLesson(id, locale);
    for (const { exercise } of exercises) await loadExercise(exercise.id, locale);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
