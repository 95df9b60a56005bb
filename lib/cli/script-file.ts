import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UsageError } from './args.ts';

const stepsSchema = z
  .array(
    z.strictObject({
      host: z.string().max(60).optional(),
      cmd: z.string().max(2_000_000),
      stdin: z.string().max(8_000_000).optional(),
    }),
  )
  .max(100_000);

export type ScriptFile = z.infer<typeof stepsSchema>;

/** Reads a script: a JSON array of {"host"?, "cmd", "stdin"?}, from a file or `-` for standard input. */
export function readScript(file: string): ScriptFile {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${error instanceof Error ? error.message : error}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is no JSON: ${error instanceof Error ? error.message : error}`);
  }
  // Recorded transcripts are scripts too: what else their steps hold is left out.
  const steps = Array.isArray(json)
    ? json.map((s: unknown) => (s && typeof s === 'object' ? pick(s as Record<string, unknown>) : s))
    : json;
  const parsed = stepsSchema.safeParse(steps);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(`${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a script'}`);
  }
  return parsed.data;
}

const pick = (step: Record<string, unknown>): Record<string, unknown> => {
  const { stdout: _o, stderr: _e, exit: _x, ...rest } = step;
  return rest;
};
