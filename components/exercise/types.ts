import type { SceneSetup, TraceEvent } from '#sim/index.ts';

/** An exercise as the workspace needs it, in one language. */
export interface ExerciseView {
  id: string;
  version: number;
  scene: string;
  seed: number;
  setup: SceneSetup;
  terminals: string[];
  checks: { id: string; says: string; points: number }[];
  /** The ladder: four rungs. */
  hints: string[];
  /** The reference solution, as a shell script. */
  solution: string;
}

/** The verdict as the server answers it, in one language. */
export interface VerdictView {
  status: 'graded' | 'could-not-check';
  reason: string;
  passed: boolean;
  score: number;
  checks: { id: string; passed: boolean; message: string; observed: string; trace: TraceEvent[] | null }[];
}

type Localized = Record<string, string>;

/** Reads the verdict in a server's answer. Null when it holds none. */
export function readVerdict(body: unknown, locale: string): VerdictView | null {
  const verdict = (body as { verdict?: Record<string, unknown> } | null)?.verdict;
  if (!verdict || !Array.isArray(verdict.checks)) return null;
  const checks = verdict.checks as {
    id: string;
    passed: boolean;
    message: Localized;
    observed: string;
    trace?: TraceEvent[];
  }[];
  return {
    status: verdict.status === 'graded' ? 'graded' : 'could-not-check',
    reason: typeof verdict.reason === 'string' ? verdict.reason : '',
    passed: verdict.passed === true,
    score: Number(verdict.score),
    checks: checks.map((c) => ({
      id: c.id,
      passed: c.passed,
      message: c.message[locale] ?? c.message.en ?? '',
      observed: c.observed,
      trace: c.trace ?? null,
    })),
  };
}

interface ExerciseSource {
  id: string;
  version: number;
  scene: { base: string; seed: number; setup: { host?: string; cmd: string; stdin?: string }[] };
  terminals: string[];
  checks: { id: string; points: number; says: Record<'en' | 'zh-TW', string> }[];
  hints: Record<'en' | 'zh-TW', string[]>;
}

/** An exercise of the catalog in one language. */
export function viewExercise(exercise: ExerciseSource, solution: string, locale: string): ExerciseView {
  const language = locale === 'zh-TW' ? 'zh-TW' : 'en';
  const { id, version, scene, terminals } = exercise;
  return {
    id,
    version,
    scene: scene.base,
    seed: scene.seed,
    setup: { steps: scene.setup },
    terminals,
    solution,
    checks: exercise.checks.map((c) => ({ id: c.id, points: c.points, says: c.says[language] })),
    hints: exercise.hints[language],
  };
}
