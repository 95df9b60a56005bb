/** What the surroundings may set. Read once; a wrong value ends the start with the variable's name. */
import 'server-only';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';

const blankIsUnset = (value: unknown): unknown => (value === '' ? undefined : value);
const count = (fallback: number, min: number, max: number) =>
  z.preprocess(blankIsUnset, z.coerce.number().int().min(min).max(max).default(fallback));
const flag = z.preprocess(blankIsUnset, z.enum(['0', '1']).default('0')).transform((value) => value === '1');

const schema = z.object({
  /** Folder of the database, the secret and the lock file; below the project's root unless absolute. */
  FLATNET_DATA: z.preprocess(blankIsUnset, z.string().default('data')),
  /** A PostgreSQL server instead of the embedded one. */
  DATABASE_URL: z.preprocess(blankIsUnset, z.url({ protocol: /^postgres(ql)?$/ }).optional()),
  /** Signs the learners' cookies; made once and kept in the data folder when not given. */
  FLATNET_SECRET: z.preprocess(blankIsUnset, z.string().min(32).optional()),
  /** Set behind a reverse proxy that writes X-Forwarded-For and X-Forwarded-Proto itself. */
  FLATNET_TRUST_PROXY: flag,
  FLATNET_LOG: z.preprocess(blankIsUnset, z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info')),
  /** Submissions a minute from one learner, and from one address. */
  FLATNET_RATE_LEARNER: count(240, 1, 1_000_000),
  FLATNET_RATE_ADDRESS: count(3_000, 1, 1_000_000),
  /** Threads that grade; by default one fewer than the processors. */
  FLATNET_GRADERS: count(0, 0, 64),
  /** Wall-clock milliseconds and megabytes that one grading may take. */
  FLATNET_GRADE_MS: count(10_000, 100, 120_000),
  FLATNET_GRADE_MB: count(256, 32, 4_096),
});

export type Env = z.infer<typeof schema> & { root: string; dataFolder: string };

let cached: Env | undefined;

/** The checked settings. Throws an Error that names each wrong variable. */
export function getEnv(): Env {
  cached ??= readEnv(process.env);
  return cached;
}

/** Parses settings from a record of variables. */
export function readEnv(variables: Record<string, string | undefined>): Env {
  const parsed = schema.safeParse(variables);
  if (!parsed.success) {
    throw new Error(
      `Wrong settings:\n${parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`).join('\n')}`,
    );
  }
  const root = variables.FLATNET_ROOT ?? process.cwd();
  const data = parsed.data.FLATNET_DATA;
  return { ...parsed.data, root, dataFolder: isAbsolute(data) ? data : join(/* turbopackIgnore: true */ root, data) };
}
