/** Keeps a finished round of practice. The server marks the answers itself; what the browser thought is not asked. */
import 'server-only';
import { z } from 'zod';
import { getCatalog } from '#course/catalog.ts';
import { markAnswer } from '#grade/mark-answer.ts';
import { isUniqueViolation, withDatabase } from './db.ts';
import { writeFor } from './learner.ts';
import { Problem } from './problem.ts';
import { parseBy } from './read-body.ts';

const DAY = 24 * 3600;

export const practiceSchema = z.strictObject({
  clientId: z.uuid(),
  topic: z.string().max(64).nullable().default(null),
  level: z.number().int().min(1).max(5).nullable().default(null),
  /** Seconds that were allowed; null when not timed. */
  timeLimit: z.number().int().min(1).max(DAY).nullable().default(null),
  seconds: z.number().int().min(0).max(DAY),
  /** Questions in the order asked; one that was not reached has an empty answer. */
  answers: z
    .array(z.strictObject({ question: z.string().max(64), given: z.array(z.string().max(300)).max(8) }))
    .min(1)
    .max(200),
});

export interface PracticeAnswer {
  id: string;
  asked: number;
  correct: number;
  repeated: boolean;
}

/** Stores a round once. Throws a Problem: malformed, not-found (a question), conflict, database-away. */
export async function savePracticeResult(learnerId: string, body: unknown): Promise<PracticeAnswer> {
  const round = parseBy(practiceSchema, body);
  const questions = new Map(getCatalog().questions.map((question) => [question.id, question]));
  const answers = round.answers.map(({ question, given }, i) => {
    const known = questions.get(question);
    if (!known) throw new Problem('not-found', `no question ${question}`, { field: `answers.${i}.question` });
    return { question, given, correct: markAnswer(known, given) };
  });
  const clientId = round.clientId.toLowerCase();
  const correct = answers.filter((answer) => answer.correct).length;
  const { topic, level, timeLimit, seconds } = round;
  try {
    return await withDatabase(async (prisma) => {
      const before = await findStored(prisma, learnerId, clientId);
      if (before) return before;
      const data = {
        clientId,
        learnerId,
        topic,
        level,
        timeLimit,
        seconds,
        asked: answers.length,
        correct,
        answers: JSON.stringify(answers),
      };
      const row = await writeFor(prisma, learnerId, () => prisma.practiceResult.create({ data }));
      return { id: row.id, asked: row.asked, correct: row.correct, repeated: false };
    });
  } catch (error) {
    const stored = isUniqueViolation(error)
      ? await withDatabase((prisma) => findStored(prisma, learnerId, clientId))
      : null;
    if (stored) return stored;
    throw error;
  }
}

type Client = Parameters<Parameters<typeof withDatabase>[0]>[0];

async function findStored(prisma: Client, learnerId: string, clientId: string): Promise<PracticeAnswer | null> {
  const row = await prisma.practiceResult.findUnique({ where: { clientId } });
  if (!row) return null;
  if (row.learnerId !== learnerId) throw new Problem('conflict', 'this clientId is taken', { field: 'clientId' });
  return { id: row.id, asked: row.asked, correct: row.correct, repeated: true };
}
