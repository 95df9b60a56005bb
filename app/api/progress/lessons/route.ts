import { writeRoute } from '#server/route.ts';
import { saveLessonProgress } from '#server/save-lesson-progress.ts';

export const POST = writeRoute(4096, saveLessonProgress);
