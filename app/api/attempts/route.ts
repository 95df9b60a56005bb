import { LIMITS } from '#grade/schema.ts';
import { listAttempts } from '#server/list-attempts.ts';
import { readRoute, writeRoute } from '#server/route.ts';
import { submitAttempt } from '#server/submit-attempt.ts';

export const GET = readRoute(async (learner, request) => ({
  attempts: await listAttempts(learner, new URL(request.url).searchParams.get('exercise') ?? undefined),
}));

export const POST = writeRoute(LIMITS.bodyBytes, submitAttempt);
