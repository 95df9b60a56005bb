/** What lessons and questions are. */

import { z } from 'zod';
import { localized } from '#grade/schema.ts';

export const LOCALES = ['en', 'zh-TW'] as const;
export type Locale = (typeof LOCALES)[number];

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);
const text = z.string().min(1).max(4000);

export const moduleSchema = z.strictObject({
  title: localized(text),
  summary: localized(text),
  order: z.number().int().describe('place among the modules'),
  lessons: z.array(id).min(1).describe('folders of its lessons, in order'),
});

export const lessonSchema = z.strictObject({
  title: localized(text),
  summary: localized(text),
  minutes: z.number().int().min(1).max(120),
  level: z.number().int().min(1).max(5),
  objectives: localized(z.array(text).min(1).max(8)),
  exercises: z.array(id).default([]).describe('exercises that practise it'),
  sources: z.array(z.string().max(300)).min(1).describe('where its facts come from'),
});

const option = z.strictObject({
  id: z.string().regex(/^[a-z]$/),
  text: localized(text),
  correct: z.boolean().default(false),
  why: localized(text).describe('why it is right, or what one would have to believe to choose it'),
});

const common = {
  id,
  level: z.number().int().min(1).max(5),
  prompt: localized(text),
  code: z.string().max(4000).optional().describe('shown as it is below the prompt'),
  explanation: localized(text),
  source: z.string().min(1).max(300),
};

export const questionSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...common, kind: z.literal('single'), options: z.array(option).min(3).max(6) }),
    z.strictObject({ ...common, kind: z.literal('multiple'), options: z.array(option).min(3).max(7) }),
    z.strictObject({
      ...common,
      kind: z.literal('order'),
      items: z
        .array(z.strictObject({ id: z.string().regex(/^[a-z]$/), text: localized(text) }))
        .min(3)
        .max(8)
        .describe('in the right order; shown shuffled'),
    }),
    z.strictObject({
      ...common,
      kind: z.literal('type'),
      answers: z.array(z.string().min(1).max(300)).min(1).max(8).describe('accepted answers; white space is folded'),
      wrong: z
        .array(z.strictObject({ answer: z.string().max(300), why: localized(text) }))
        .max(8)
        .default([]),
    }),
  ])
  .superRefine((q, context) => {
    if (q.kind !== 'single' && q.kind !== 'multiple') return;
    const right = q.options.filter((o) => o.correct).length;
    if (q.kind === 'single' && right !== 1)
      context.addIssue({
        code: 'custom',
        path: ['options'],
        message: 'a single question has exactly one correct option',
      });
    if (q.kind === 'multiple' && right < 2)
      context.addIssue({
        code: 'custom',
        path: ['options'],
        message: 'a multiple question has at least two correct options',
      });
  });

export const questionFileSchema = z.array(questionSchema).min(1).max(60);

export type ModuleInfo = z.infer<typeof moduleSchema> & { id: string };
/** `id` is `module/lesson`. */
export type LessonInfo = z.infer<typeof lessonSchema> & { id: string; module: string; locales: Locale[] };
export type Question = z.infer<typeof questionSchema> & { topic: string };
