import { z } from 'zod';
import { linesOf } from '#sim/index.ts';
import { defineCheck } from './contract.ts';

/** A shortcut that would defeat the exercise was not typed. Matched against each typed line as a plain text. */
export const forbid = defineCheck({
  kind: 'forbid',
  schema: z.strictObject({
    kind: z.literal('forbid'),
    texts: z.array(z.string().min(1).max(100)).min(1).max(20),
  }),
  evaluate(session, check) {
    for (const line of linesOf(session.transcript)) {
      const found = check.texts.find((text) => line.includes(text));
      if (found !== undefined) return { passed: false, observed: `typed: ${line.slice(0, 120)}` };
    }
    return { passed: true, observed: 'not used' };
  },
});
