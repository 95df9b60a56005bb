/** How often one may submit. Counted in memory: one process serves a course. */
import 'server-only';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { getEnv } from './env.ts';
import { Problem } from './problem.ts';

const MINUTE = 60;

let limiters: { learner: RateLimiterMemory; address: RateLimiterMemory } | undefined;

function getLimiters() {
  const env = getEnv();
  limiters ??= {
    learner: new RateLimiterMemory({ points: env.FLATNET_RATE_LEARNER, duration: MINUTE }),
    address: new RateLimiterMemory({ points: env.FLATNET_RATE_ADDRESS, duration: MINUTE }),
  };
  return limiters;
}

/** Counts one submission. Throws a `too-many` {@link Problem} with the seconds to wait. */
export async function countSubmission(learner: string, address: string): Promise<void> {
  const { learner: byLearner, address: byAddress } = getLimiters();
  try {
    await byAddress.consume(address);
    await byLearner.consume(learner);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    throw new Problem('too-many', 'too many submissions; wait a moment', {
      retryAfter: Math.max(1, Math.ceil(refused.msBeforeNext / 1000)),
    });
  }
}
