/** The pool with threads that answer, hang, eat memory or break. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Exercise } from '#grade/schema.ts';
import { GradePool } from './grade-pool.ts';

const BEHAVIOUR = `
import { parentPort } from 'node:worker_threads';
parentPort.on('message', ({ id, exercise }) => {
  const answer = () => parentPort.postMessage({ id, verdict: { status: 'graded', passed: true, score: 1, checks: [], worldHash: exercise.id } });
  if (exercise.id === 'hang') for (;;);
  if (exercise.id === 'memory') for (const all = []; ; ) all.push(new Array(1e5).fill({}));
  if (exercise.id === 'break') throw new Error('a defect');
  if (exercise.id === 'exit') process.exit(3);
  answer();
});
`;

let folder: string;
let pool: GradePool;
beforeAll(() => {
  process.env.FLATNET_LOG = 'silent';
  folder = mkdtempSync(join(tmpdir(), 'flatnet-pool-'));
  const file = join(folder, 'worker.mjs');
  writeFileSync(file, BEHAVIOUR);
  pool = new GradePool({ file, threads: 1, milliseconds: 1_500, megabytes: 64, waiting: 3 });
});
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
});

const grade = (id: string) => pool.grade({ id } as Exercise, { v: 1, steps: [] }, 1);

it('grades one after the other in a thread that stays', async () => {
  const verdicts = await Promise.all(['a', 'b', 'c'].map(grade));
  expect(verdicts.map((v) => [v.status, v.worldHash])).toEqual([
    ['graded', 'a'],
    ['graded', 'b'],
    ['graded', 'c'],
  ]);
});

it.each([
  ['hang', 'the replay took longer than 1.5 s'],
  ['memory', 'the replay needed more than 64 MB of memory'],
  ['break', 'the grader failed; this is a defect of Flatnet and has been logged'],
  ['exit', 'the grader ended before it had answered'],
])('says that it could not check when a thread would %s, never "wrong", and goes on', async (id, reason) => {
  const [bad, good] = await Promise.all([grade(id), grade('next')]);
  expect(bad).toMatchObject({ status: 'could-not-check', reason, passed: false });
  expect(good).toMatchObject({ status: 'graded', worldHash: 'next' });
});

it('refuses more than may wait, as busy', async () => {
  const all = await Promise.allSettled(['hang', 'a', 'b', 'c', 'd'].map(grade));
  expect(
    all.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : one.value.status)),
  ).toEqual(['could-not-check', 'graded', 'graded', 'graded', 'busy']);
});
