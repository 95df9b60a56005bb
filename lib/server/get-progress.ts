/** Where a learner stands: lessons read, exercises tried and solved, rounds of practice. */
import 'server-only';
import { withDatabase } from './db.ts';

export interface LessonState {
  percent: number;
  completed: boolean;
  updatedAt: string;
}

export interface ExerciseState {
  attempts: number;
  passed: boolean;
  /** The best score, 0 to 1. */
  best: number;
  lastAt: string;
}

export interface PracticeState {
  id: string;
  topic: string | null;
  level: number | null;
  timeLimit: number | null;
  seconds: number;
  asked: number;
  correct: number;
  createdAt: string;
}

export interface Progress {
  /** By lesson, as `module/lesson`. */
  lessons: Record<string, LessonState>;
  /** By exercise. */
  exercises: Record<string, ExerciseState>;
  /** The last rounds, newest first. */
  practice: PracticeState[];
}

export const emptyProgress = (): Progress => ({ lessons: {}, exercises: {}, practice: [] });

const ROUNDS = 30;

/** The progress of a learner; of nobody it is empty. Throws a `database-away` Problem. */
export async function getProgress(learnerId: string | null): Promise<Progress> {
  if (!learnerId) return emptyProgress();
  return withDatabase(async (prisma) => {
    const [lessons, attempts, solved, practice] = await Promise.all([
      prisma.lessonProgress.findMany({ where: { learnerId } }),
      prisma.attempt.groupBy({
        by: ['exercise'],
        where: { learnerId },
        _count: { _all: true },
        _max: { score: true, createdAt: true },
      }),
      prisma.attempt.findMany({
        where: { learnerId, passed: true },
        distinct: ['exercise'],
        select: { exercise: true },
      }),
      prisma.practiceResult.findMany({
        where: { learnerId },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: ROUNDS,
      }),
    ]);
    const passed = new Set(solved.map((row) => row.exercise));
    return {
      lessons: Object.fromEntries(
        lessons.map((row) => [
          row.lesson,
          { percent: row.percent, completed: row.completedAt !== null, updatedAt: row.updatedAt.toISOString() },
        ]),
      ),
      exercises: Object.fromEntries(
        attempts.map((row) => [
          row.exercise,
          {
            attempts: row._count._all,
            passed: passed.has(row.exercise),
            best: row._max.score ?? 0,
            lastAt: (row._max.createdAt ?? new Date(0)).toISOString(),
          },
        ]),
      ),
      practice: practice.map(({ id, topic, level, timeLimit, seconds, asked, correct, createdAt }) => ({
        id,
        topic,
        level,
        timeLimit,
        seconds,
        asked,
        correct,
        createdAt: createdAt.toISOString(),
      })),
    };
  });
}
