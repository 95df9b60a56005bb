/** What learners are told of the model's fidelity: figures written by `flatnet conformance --write`, differences by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { localized } from '#grade/schema.ts';
import { contentRoot, readYaml } from './read.ts';

const score = z.strictObject({
  name: z.string().min(1).max(40),
  matched: z.number().int().nonnegative(),
  total: z.number().int().positive(),
});

const figuresSchema = z.strictObject({
  recordings: score,
  commands: score,
  tools: z.array(score).min(1),
});

const differencesSchema = z.array(
  z.strictObject({ topic: localized(z.string().min(1).max(40)), what: localized(z.string().min(1).max(600)) }),
);

const fuzzSchema = z.strictObject({
  seeds: z.number().int().positive(),
  matched: z.number().int().nonnegative(),
  total: z.number().int().positive(),
});

export type Figures = z.output<typeof figuresSchema>;

/** Whether a recording was given before there was a model: numbers below 90. */
export const isGiven = (name: string): boolean => Number.parseInt(name, 10) < 90;

/** Where the figures stand. */
export const figuresFile = (): string => join(contentRoot(), 'fidelity', 'figures.json');

/** Recordings and commands that match, by tool. Throws when the file is not what `--write` makes. */
export const readFigures = (): Figures => figuresSchema.parse(JSON.parse(readFileSync(figuresFile(), 'utf8')));

/** What `flatnet fuzz` gave on seeds that nobody had looked at; kept by hand with docs/fidelity.md. */
export const readFuzz = () => readYaml(join(contentRoot(), 'fidelity', 'fuzz.yaml'), fuzzSchema);

/** Known differences, in both languages. Throws {@link ContentError}. */
export const readDifferences = () => readYaml(join(contentRoot(), 'fidelity', 'differences.yaml'), differencesSchema);
