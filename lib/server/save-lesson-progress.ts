/** Keeps how far a lesson has been read. It only grows: the same report twice, or an old one late, changes nothing. */
import 'server-only';
import { z } from 'zod';
import { findLesson } from '#course/catalog.ts';
import { withDatabase } from './db.ts';
import { ensureLearner } from './learner.ts';
import { Problem } from './problem.ts';
import { parseBy } from './read-body.ts';

export const lessonReportSchema = z.strictObject({
  lesson: z.string().max(140),
  percent: z.number().int().min(0).max(100),
  completed: z.boolean().default(false),
});

/** Stores a report and answers what is known now. Throws a Problem: malformed, not-found, database-away. */
export async function saveLessonProgress(
  learnerId: string,
  body: unknown,
): Promise<{ lesson: string; percent: number; completed: boolean }> {
  const report = parseBy(lessonReportSchema, body);
  if (!findLesson(report.lesson)) throw new Problem('not-found', `no lesson ${report.lesson}`, { field: 'lesson' });
  return withDatabase(async (prisma) => {
    await ensureLearner(prisma, learnerId);
    const { lesson, percent, completed } = report;
    const [row] = await prisma.$queryRaw<{ percent: number; completed: boolean }[]>`
      INSERT INTO "LessonProgress" ("learnerId", "lesson", "percent", "updatedAt", "completedAt")
      VALUES (${learnerId}::uuid, ${lesson}, ${percent}::int, now(), CASE WHEN ${completed}::boolean THEN now() END)
      ON CONFLICT ("learnerId", "lesson") DO UPDATE SET
        "percent" = GREATEST("LessonProgress"."percent", EXCLUDED."percent"),
        "completedAt" = COALESCE("LessonProgress"."completedAt", EXCLUDED."completedAt"),
        "updatedAt" = now()
      RETURNING "percent", "completedAt" IS NOT NULL AS "completed"`;
    return { lesson, percent: row?.percent ?? percent, completed: row?.completed ?? completed };
  });
}
