import { describe, expect, it } from 'vitest';
import { Bench, create, template } from '../../../test/controllers/bench.ts';
import { touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { conditionOf } from '../follow/status.ts';

const make = (bench: Bench, spec: Record<string, unknown> = {}) =>
  create(bench.world, 'jobs', {
    metadata: { name: 'job', namespace: 'default' },
    spec: { template: template({}, { spec: { restartPolicy: 'Never' } }), ...spec },
  });

/** Ends Pods that are not through yet. */
function end(bench: Bench, phase: (pod: KubeObject) => 'Succeeded' | 'Failed' | null): void {
  for (const pod of bench.pods()) {
    const to = phase(pod);
    if (to === null || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue;
    pod.status = { ...pod.status, phase: to };
    touchObject(bench.world, 'pods', pod);
  }
}

describe('Jobs', () => {
  it('run as many Pods at a time as they may until enough have succeeded', () => {
    const bench = new Bench(1);
    make(bench, { completions: 5, parallelism: 2 });
    for (let i = 0; i < 3; i++) {
      bench.settle();
      expect(bench.get('jobs', 'job').status.active).toBe(i < 2 ? 2 : 1);
      end(bench, () => 'Succeeded');
    }
    bench.settle();
    const job = bench.get('jobs', 'job');
    expect(job.status).toMatchObject({ succeeded: 5 });
    expect(job.status.conditions.map((c: { type: string }) => c.type)).toEqual(['SuccessCriteriaMet', 'Complete']);
    expect(bench.events('Completed')).toEqual(['Job completed']);
    expect(bench.pods()[0]?.metadata.labels).toMatchObject({
      'job-name': 'job',
      'batch.kubernetes.io/controller-uid': job.metadata.uid,
    });
    expect(bench.pods().length).toBe(5);
  });

  it('wait longer after each failure, and give up at the limit', () => {
    const bench = new Bench(1);
    make(bench, { backoffLimit: 1 });
    bench.settle();
    end(bench, () => 'Failed');
    bench.settle();
    expect(bench.pods().length).toBe(1);
    bench.wait(9);
    bench.settle();
    expect(bench.pods().length).toBe(1);
    bench.wait(1);
    bench.settle();
    expect(bench.pods().length).toBe(2);
    end(bench, () => 'Failed');
    bench.settle();
    expect(conditionOf(bench.get('jobs', 'job'), 'Failed')).toMatchObject({
      status: 'True',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    });
    expect(bench.events('BackoffLimitExceeded')).toEqual(['Job has reached the specified backoff limit']);
  });

  it('number their completions when they are indexed', () => {
    const bench = new Bench(1);
    make(bench, { completions: 3, parallelism: 3, completionMode: 'Indexed' });
    bench.settle();
    expect(bench.pods().map((p) => p.spec?.hostname)).toEqual(['job-0', 'job-1', 'job-2']);
    end(bench, (p) => (p.spec?.hostname === 'job-1' ? null : 'Succeeded'));
    bench.settle();
    expect(bench.get('jobs', 'job').status.completedIndexes).toBe('0,2');
    end(bench, () => 'Succeeded');
    bench.settle();
    expect(bench.get('jobs', 'job').status.completedIndexes).toBe('0-2');
  });

  it('stop while suspended, end at their deadline, and go after their time', () => {
    const bench = new Bench(1);
    make(bench, { suspend: true });
    bench.settle();
    expect(bench.pods()).toEqual([]);
    expect(conditionOf(bench.get('jobs', 'job'), 'Suspended')?.status).toBe('True');
    const other = new Bench(1);
    make(other, { activeDeadlineSeconds: 30, ttlSecondsAfterFinished: 60 });
    other.run();
    other.wait(30);
    other.run();
    expect(conditionOf(other.get('jobs', 'job'), 'Failed')?.reason).toBe('DeadlineExceeded');
    expect(other.pods()).toEqual([]);
    other.wait(60);
    other.run();
    expect(() => other.get('jobs', 'job')).toThrow('no jobs/job');
  });
});
