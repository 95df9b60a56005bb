/**
 * Grading in worker threads. A thread does one submission at a time, bounded in wall-clock time and memory; a run that
 * goes past its bounds costs its thread, which is replaced, and is answered as `could-not-check`, never as "wrong".
 */
import 'server-only';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Verdict } from '#grade/grade.ts';
import type { Exercise } from '#grade/schema.ts';
import type { Transcript } from '#sim/index.ts';
import { getEnv } from './env.ts';
import { getLog } from './log.ts';
import { Problem } from './problem.ts';

export interface PoolOptions {
  /** The bundled lib/grade/worker.ts. */
  file: string;
  threads: number;
  /** Wall-clock milliseconds a run may take. */
  milliseconds: number;
  /** Megabytes of heap a run may take. */
  megabytes: number;
  /** Submissions that may wait for a thread; beyond, they are refused as `busy`. */
  waiting: number;
}

interface Job {
  exercise: Exercise;
  transcript: Transcript;
  seed: number;
  resolve(verdict: Verdict): void;
}

const couldNotCheck = (reason: string): Verdict => ({
  status: 'could-not-check',
  reason,
  passed: false,
  score: 0,
  checks: [],
  worldHash: '',
});

export class GradePool {
  private readonly idle: Worker[] = [];
  private readonly queue: Job[] = [];
  private readonly all = new Set<Worker>();
  private closed = false;

  constructor(private readonly options: PoolOptions) {}

  /** Grades one submission. Throws a `busy` {@link Problem} when too many wait already. */
  grade(exercise: Exercise, transcript: Transcript, seed: number): Promise<Verdict> {
    if (this.queue.length >= this.options.waiting)
      return Promise.reject(new Problem('busy', 'too many submissions are being graded', { retryAfter: 2 }));
    return new Promise((resolve) => {
      this.queue.push({ exercise, transcript, seed, resolve });
      this.next();
    });
  }

  /** Ends every thread; what still waits is answered as not checked. */
  async close(): Promise<void> {
    this.closed = true;
    for (const job of this.queue.splice(0)) job.resolve(couldNotCheck('the server is stopping'));
    await Promise.all([...this.all].map((worker) => worker.terminate()));
  }

  private next(): void {
    if (this.closed || this.queue.length === 0) return;
    const worker = this.idle.pop() ?? (this.all.size < this.options.threads ? this.start() : null);
    const job = worker && this.queue.shift();
    if (worker && job) this.run(worker, job);
  }

  private start(): Worker {
    const worker = new Worker(this.options.file, {
      resourceLimits: { maxOldGenerationSizeMb: this.options.megabytes, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
    });
    worker.unref();
    // Without a run of its own to blame, a thread that ends is only forgotten.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      this.all.delete(worker);
      const at = this.idle.indexOf(worker);
      if (at >= 0) this.idle.splice(at, 1);
    });
    this.all.add(worker);
    return worker;
  }

  private run(worker: Worker, job: Job): void {
    const { milliseconds, megabytes } = this.options;
    const finish = (verdict: Verdict, reusable: boolean): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      if (reusable) this.idle.push(worker);
      else {
        this.all.delete(worker);
        void worker.terminate();
      }
      job.resolve(verdict);
      this.next();
    };
    const onMessage = ({ verdict }: { verdict: Verdict }): void => finish(verdict, true);
    const onExit = (): void => finish(couldNotCheck('the grader ended before it had answered'), false);
    const onError = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
        finish(couldNotCheck(`the replay needed more than ${megabytes} MB of memory`), false);
      } else {
        getLog().error({ exercise: job.exercise.id, error: error.stack ?? String(error) }, 'the grader failed');
        finish(couldNotCheck('the grader failed; this is a defect of Flatnet and has been logged'), false);
      }
    };
    const timer = setTimeout(
      () => finish(couldNotCheck(`the replay took longer than ${milliseconds / 1000} s`), false),
      milliseconds,
    );
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage({ id: 0, exercise: job.exercise, transcript: job.transcript, seed: job.seed });
  }
}

declare global {
  /** Kept on the process, as the database is. */
  var flatnetGradePool: GradePool | undefined;
}

/** The process's pool. */
export function getGradePool(): GradePool {
  const env = getEnv();
  globalThis.flatnetGradePool ??= new GradePool({
    file: join(env.root, 'dist', 'grade-worker.mjs'),
    threads: env.FLATNET_GRADERS || Math.max(1, availableParallelism() - 1),
    milliseconds: env.FLATNET_GRADE_MS,
    megabytes: env.FLATNET_GRADE_MB,
    waiting: 500,
  });
  return globalThis.flatnetGradePool;
}
