/** What an exercise and a submission are. Every authored field is described: this is the author's manual. */

import { z } from 'zod';
import { TRANSCRIPT_VERSION } from '#sim/index.ts';
import { checkSchemas } from './checks/registry.ts';

/** A text in every language of the interface. */
export const localized = <T extends z.ZodType>(text: T) => z.strictObject({ en: text, 'zh-TW': text });

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);
const text = z.string().min(1).max(2000);

export const sceneSchema = z.strictObject({
  base: z.string().max(60).describe('name of a scenario'),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
  setup: z
    .array(
      z.strictObject({
        host: z.string().max(60).optional(),
        cmd: z.string().max(2000),
        stdin: z.string().max(20_000).optional(),
      }),
    )
    .max(50)
    .default([])
    .describe('commands run before the learner starts, in order'),
  draw: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]*$/),
      z.array(z.union([z.string().max(200), z.record(z.string(), z.string().max(200))])).min(2),
    )
    .default({})
    .describe('choices drawn by the seed: {{name}}, or {{name.field}}, in setup, checks, hints and scripts'),
});

export const checkSchema = z.strictObject({
  id,
  points: z.number().int().min(1).max(10).default(1),
  says: localized(text).describe('what the check asks for, as the learner reads it'),
  fails: localized(text).describe('what to say when it fails: names the symptom, not the answer'),
  test: z.discriminatedUnion('kind', checkSchemas),
});

export const exerciseSchema = z.strictObject({
  id,
  kind: z.enum(['worked', 'free']).describe('worked: shows steps first and leaves the last ones out'),
  level: z.number().int().min(1).max(5),
  minutes: z.number().int().min(1).max(120),
  topics: z.array(z.string().max(40)).min(1).max(8),
  title: localized(text),
  summary: localized(text),
  scene: sceneSchema,
  terminals: z.array(z.string().max(60)).min(1).max(6).describe('hosts whose terminals are open at the start'),
  checks: z.array(checkSchema).min(1).max(12),
  hints: localized(z.array(text).length(4)).describe(
    'a ladder: where to look, what to compare, which command, the answer',
  ),
  lesson: z.string().max(120).optional().describe('lesson that teaches it, as module/lesson'),
  version: z.number().int().min(1).default(1).describe('raised when the scene or the checks change'),
});

export type Localized<T> = { en: T; 'zh-TW': T };
export type Exercise = z.infer<typeof exerciseSchema>;
export type Check = z.infer<typeof checkSchema>;

/** Bounds of what a client may send. */
export const LIMITS = {
  bodyBytes: 512 * 1024,
  steps: 2000,
  lineLength: 8192,
  terminals: 8,
  virtualTime: 6 * 3600 * 1e6,
} as const;

const at = {
  at: z.number().int().min(0).max(LIMITS.virtualTime),
  steps: z.number().int().min(0).max(1e9),
  term: z.number().int().min(1).max(LIMITS.terminals),
};

export const transcriptSchema = z.strictObject({
  v: z.literal(TRANSCRIPT_VERSION),
  steps: z
    .array(
      z.union([
        z.strictObject({
          ...at,
          open: z.string().max(60),
          cols: z.number().int().min(1).max(1000),
          rows: z.number().int().min(1).max(1000),
        }),
        z.strictObject({ ...at, line: z.string().max(LIMITS.lineLength) }),
        z.strictObject({ ...at, key: z.enum(['interrupt', 'eof']) }),
      ]),
    )
    .max(LIMITS.steps),
});

export const submissionSchema = z.strictObject({
  clientId: z.uuid().describe('made by the browser: the same attempt sent twice is stored once'),
  exercise: id,
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  transcript: transcriptSchema,
  locale: z.enum(['en', 'zh-TW']).default('en'),
});

export type Submission = z.infer<typeof submissionSchema>;
