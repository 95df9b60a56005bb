import { z } from 'zod';
import { runStep } from '#sim/index.ts';
import { defineCheck } from './contract.ts';

const BOUNDS = { maxTime: 60_000_000, maxSteps: 200_000, maxOutput: 200_000 };

/** A command gives the exit status and output that are wanted. */
export const run = defineCheck({
  kind: 'run',
  schema: z.strictObject({
    kind: z.literal('run'),
    host: z.string().max(60),
    cmd: z.string().max(500),
    exit: z.number().int().min(0).max(255).optional(),
    includes: z.array(z.string().max(200)).max(10).default([]).describe('texts that stdout must contain'),
    excludes: z.array(z.string().max(200)).max(10).default([]).describe('texts that stdout must not contain'),
  }),
  evaluate(session, check) {
    const result = runStep(session.machine, { host: check.host, cmd: check.cmd }, BOUNDS);
    const missing = check.includes.find((text) => !result.stdout.includes(text));
    const extra = check.excludes.find((text) => result.stdout.includes(text));
    const wrongExit = check.exit !== undefined && result.exit !== check.exit;
    const observed = wrongExit
      ? `${check.cmd}: exit ${result.exit}`
      : missing !== undefined
        ? `${check.cmd}: no "${missing}"`
        : extra !== undefined
          ? `${check.cmd}: "${extra}"`
          : `${check.cmd}: as wanted`;
    return { passed: !wrongExit && missing === undefined && extra === undefined, observed };
  },
});
