/** Grades a submission and keeps it. The answer is given only when it is stored. */
import 'server-only';
import { findExercise, getCatalog } from '#course/catalog.ts';
import type { Verdict } from '#grade/grade.ts';
import { LIMITS, submissionSchema } from '#grade/schema.ts';
import { ENGINE_VERSION, linesOf } from '#sim/index.ts';
import { isUniqueViolation, withDatabase } from './db.ts';
import { getGradePool } from './grade-pool.ts';
import { writeFor } from './learner.ts';
import { Problem } from './problem.ts';
import { parseBy } from './read-body.ts';

export interface AttemptAnswer {
  id: string;
  clientId: string;
  exercise: string;
  createdAt: string;
  /** Whether this submission had been stored before. */
  repeated: boolean;
  verdict: Verdict;
}

const tooManySteps = (body: unknown): boolean => {
  const steps = (body as { transcript?: { steps?: unknown } } | null)?.transcript?.steps;
  return Array.isArray(steps) && steps.length > LIMITS.steps;
};

/**
 * Checks, grades and stores a submission for a learner. The same `clientId` again answers what was stored. Throws a
 * {@link Problem}: too-large, malformed, not-found, conflict (another learner's), busy, database-away.
 */
export async function submitAttempt(learnerId: string, body: unknown): Promise<AttemptAnswer> {
  if (tooManySteps(body))
    throw new Problem('too-large', `the transcript has more than ${LIMITS.steps} steps`, { field: 'transcript.steps' });
  const submission = parseBy(submissionSchema, body);
  const exercise = findExercise(submission.exercise);
  if (!exercise) throw new Problem('not-found', `no exercise ${submission.exercise}`, { field: 'exercise' });
  const clientId = submission.clientId.toLowerCase();
  const verdict = await getGradePool().grade(exercise, submission.transcript, submission.seed);
  try {
    return await withDatabase(async (prisma) => {
      const data = {
        clientId,
        learnerId,
        exercise: exercise.id,
        seed: submission.seed,
        locale: submission.locale,
        transcript: JSON.stringify(submission.transcript),
        lines: linesOf(submission.transcript).length,
        engineVersion: ENGINE_VERSION,
        contentVersion: getCatalog().version,
        status: verdict.status,
        passed: verdict.passed,
        score: verdict.score,
        verdict: JSON.stringify(verdict),
      };
      const row = await writeFor(prisma, learnerId, () => prisma.attempt.create({ data }));
      return {
        id: row.id,
        clientId,
        exercise: exercise.id,
        createdAt: row.createdAt.toISOString(),
        repeated: false,
        verdict,
      };
    });
  } catch (error) {
    // Graded before: the first verdict stands.
    const stored = isUniqueViolation(error) ? await findStored(learnerId, clientId) : null;
    if (stored) return stored;
    throw error;
  }
}

async function findStored(learnerId: string, clientId: string): Promise<AttemptAnswer | null> {
  const row = await withDatabase((prisma) => prisma.attempt.findUnique({ where: { clientId } }));
  if (!row) return null;
  if (row.learnerId !== learnerId) throw new Problem('conflict', 'this clientId is taken', { field: 'clientId' });
  return {
    id: row.id,
    clientId,
    exercise: row.exercise,
    createdAt: row.createdAt.toISOString(),
    repeated: true,
    verdict: JSON.parse(row.verdict) as Verdict,
  };
}
