import type { State } from './facts.tsx';
import type { LessonView, ProgressView } from './views.ts';

/** How far a lesson is read. */
export function lessonState(progress: ProgressView, id: string): State {
  const known = progress.lessons[id];
  return known?.completed ? 'done' : known ? 'started' : 'new';
}

/** How far an exercise is. */
export function exerciseState(progress: ProgressView, id: string): State {
  const known = progress.exercises[id];
  return known?.passed ? 'done' : known ? 'started' : 'new';
}

/** Where to go on: the lesson read last, if it is not done; else the first that is not. Null when all are. */
export function lessonToContinue<L extends LessonView>(lessons: readonly L[], progress: ProgressView): L | null {
  const open = lessons.filter((lesson) => !progress.lessons[lesson.id]?.completed);
  const begun = open
    .filter((lesson) => progress.lessons[lesson.id])
    .sort((a, b) => ((progress.lessons[a.id]?.updatedAt ?? '') > (progress.lessons[b.id]?.updatedAt ?? '') ? -1 : 1));
  return begun[0] ?? open[0] ?? null;
}
