/** The course as a list: what content/ holds, checked. Read once a process; `refreshCatalog` reads anew (authors' reload). */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Exercise, exerciseSchema } from '#grade/schema.ts';
import { ContentError, contentRoot, readYaml } from './read.ts';
import {
  type LessonInfo,
  LOCALES,
  type Locale,
  lessonSchema,
  type ModuleInfo,
  moduleSchema,
  type Question,
  questionFileSchema,
} from './schema.ts';

export interface ExerciseInfo {
  exercise: Exercise;
  locales: Locale[];
}

export interface Catalog {
  modules: ModuleInfo[];
  lessons: LessonInfo[];
  exercises: ExerciseInfo[];
  questions: Question[];
  /** Changes whenever any content does: kept with attempts. */
  version: string;
}

let cached: Catalog | null = null;

const folders = (dir: string): string[] =>
  existsSync(dir)
    ? readdirSync(dir, { withFileTypes: true })
        .filter((e) => e.isDirectory())
        .map((e) => e.name)
        .sort()
    : [];

const localesIn = (dir: string): Locale[] => LOCALES.filter((locale) => existsSync(join(dir, `${locale}.mdx`)));

/** The checked catalog. Throws {@link ContentError} on the first mistake. */
export function getCatalog(): Catalog {
  if (!cached || process.env.FLATNET_RELOAD === '1') cached = readCatalog(contentRoot());
  return cached;
}

/** Reads a content folder whole. */
export function readCatalog(root: string): Catalog {
  const version = createHash('sha256');
  for (const file of readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath, e.name))
    .sort()) {
    version.update(file.slice(root.length)).update(readFileSync(file));
  }
  const modules = folders(join(root, 'lessons'))
    .map((id): ModuleInfo => ({ id, ...readYaml(join(root, 'lessons', id, 'module.yaml'), moduleSchema) }))
    .sort((a, b) => a.order - b.order);
  const lessons = modules.flatMap((module) =>
    module.lessons.map((name): LessonInfo => {
      const dir = join(root, 'lessons', module.id, name);
      const file = join(dir, 'lesson.yaml');
      if (!existsSync(file))
        throw new ContentError(
          join(root, 'lessons', module.id, 'module.yaml'),
          1,
          1,
          `lesson ${name} has no lesson.yaml`,
        );
      return {
        id: `${module.id}/${name}`,
        module: module.id,
        locales: localesIn(dir),
        ...readYaml(file, lessonSchema),
      };
    }),
  );
  const exercises = folders(join(root, 'exercises')).map((id): ExerciseInfo => {
    const dir = join(root, 'exercises', id);
    const exercise = readYaml(join(dir, 'exercise.yaml'), exerciseSchema);
    if (exercise.id !== id)
      throw new ContentError(join(dir, 'exercise.yaml'), 1, 1, `id ${exercise.id} differs from its folder`);
    return { exercise, locales: localesIn(dir) };
  });
  const questions = folders(join(root, 'questions')).flatMap((topic) =>
    readdirSync(join(root, 'questions', topic))
      .filter((f) => f.endsWith('.yaml'))
      .sort()
      .flatMap((f) =>
        readYaml(join(root, 'questions', topic, f), questionFileSchema).map((q): Question => ({ ...q, topic })),
      ),
  );
  const seen = new Set<string>();
  for (const q of questions) {
    if (seen.has(q.id))
      throw new ContentError(join(root, 'questions', q.topic), 1, 1, `two questions have the id ${q.id}`);
    seen.add(q.id);
  }
  return { modules, lessons, exercises, questions, version: version.digest('hex').slice(0, 16) };
}

/** An exercise by id, or null. */
export const findExercise = (id: string): Exercise | null =>
  getCatalog().exercises.find((e) => e.exercise.id === id)?.exercise ?? null;

/** A lesson by `module/lesson`, or null. */
export const findLesson = (id: string): LessonInfo | null => getCatalog().lessons.find((l) => l.id === id) ?? null;

/** Questions by id, in the order asked; unknown ids are an author's mistake. */
export function findQuestions(ids: readonly string[]): Question[] {
  const { questions } = getCatalog();
  return ids.map((id) => {
    const question = questions.find((q) => q.id === id);
    if (!question) throw new Error(`no question with the id ${id}`);
    return question;
  });
}
