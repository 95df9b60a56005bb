import type { LessonInfo } from '#course/schema.ts';
import type { Progress } from '#server/get-progress.ts';
import type { State } from './facts.tsx';

/** How far a lesson is read. */
export function lessonState(progress: Progress, id: string): State {
  const known = progress.lessons[id];
  return known?.completed ? 'done' : known ? 'started' : 'new';
}

/** How far an exercise is. */
export function exerciseState(progress: Progress, id: string): State {
  const known = progress.exercises[id];
  return known?.passed ? 'done' : known ? 'started' : 'new';
}

/** Where to go on: the lesson read last, if it is not done; else the first that is not. Null when all are. */
export function lessonToContinue(lessons: readonly LessonInfo[], progress: Progress): LessonInfo | null {
  const open = lessons.filter((lesson) => !progress.lessons[lesson.id]?.completed);
  const begun = open
    .filter((lesson) => progress.lessons[lesson.id])
    .sort((a, b) => ((progress.lessons[a.id]?.updatedAt ?? '') > (progress.lessons[b.id]?.updatedAt ?? '') ? -1 : 1));
  return begun[0] ?? open[0] ?? null;
}
