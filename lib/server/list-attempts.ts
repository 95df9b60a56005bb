/** A learner's own attempts, newest first. */
import 'server-only';
import { withDatabase } from './db.ts';

export interface AttemptSummary {
  id: string;
  clientId: string;
  exercise: string;
  status: string;
  passed: boolean;
  score: number;
  lines: number;
  createdAt: string;
}

const MAX = 200;

/** At most `limit` of the learner's attempts; of one exercise when it is named. */
export async function listAttempts(
  learnerId: string | null,
  exercise?: string,
  limit = MAX,
): Promise<AttemptSummary[]> {
  if (!learnerId) return [];
  const rows = await withDatabase((prisma) =>
    prisma.attempt.findMany({
      where: { learnerId, ...(exercise === undefined ? {} : { exercise }) },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: Math.min(limit, MAX),
      select: {
        id: true,
        clientId: true,
        exercise: true,
        status: true,
        passed: true,
        score: true,
        lines: true,
        createdAt: true,
      },
    }),
  );
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}
