import { findExercise } from '#course/catalog.ts';
import { gradeTranscript, typeScript } from '#grade/grade.ts';
import { parseArgs, required, seedOf, UsageError } from '../args.ts';
import { readScript } from '../script-file.ts';

export const usage = 'grade EXERCISE --script FILE.json [--seed N] [--json]';

/** Types a script into an exercise and grades what it left. */
export function grade(argv: string[]): number {
  const args = parseArgs(argv, ['script', 'seed'], ['json']);
  const [id] = args.operands;
  if (id === undefined || args.operands.length > 1) throw new UsageError('one exercise is wanted');
  const exercise = findExercise(id);
  if (!exercise) throw new UsageError(`unknown exercise ${id}`);
  const seed = args.options.has('seed') ? seedOf(args) : exercise.scene.seed;
  const verdict = gradeTranscript(exercise, typeScript(exercise, seed, readScript(required(args, 'script'))), seed);
  const checks = verdict.checks.map((c) => ({
    id: c.id,
    passed: c.passed,
    message: `${c.message.en} (${c.observed})`,
  }));
  if (args.flags.has('json')) {
    const { status, reason, passed, score, worldHash } = verdict;
    process.stdout.write(
      `${JSON.stringify({ passed, score, checks, status, ...(reason === undefined ? {} : { reason }), worldHash })}\n`,
    );
  } else {
    for (const c of checks) process.stdout.write(`${c.passed ? 'pass' : 'FAIL'} ${c.id}: ${c.message}\n`);
    process.stdout.write(
      `${verdict.status === 'graded' ? (verdict.passed ? 'passed' : 'not passed') : `could not check: ${verdict.reason}`}, score ${verdict.score.toFixed(2)}\n`,
    );
  }
  return 0;
}
