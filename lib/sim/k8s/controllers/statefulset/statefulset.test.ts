import { describe, expect, it } from 'vitest';
import { Bench, create, template } from '../../../test/controllers/bench.ts';
import { isApiError } from '../../api/status.ts';
import { patchResource } from '../../api/write.ts';
import { kindOf } from '../../kinds/resources.ts';

const make = (bench: Bench, replicas: number, spec: Record<string, unknown> = {}) =>
  create(bench.world, 'statefulsets', {
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      replicas,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: template({ app: 'db' }),
      ...spec,
    },
  });

function patch(bench: Bench, body: unknown): void {
  const done = patchResource(bench.world, kindOf('statefulsets'), 'default', 'db', { type: 'strategic', body });
  if (isApiError(done)) throw new Error(done.message);
}

const NEW = { spec: { template: { spec: { containers: [{ name: 'main', image: 'nginx:1.28' }] } } } };
const names = (bench: Bench): string[] => bench.pods().map((p) => p.metadata.name);
const images = (bench: Bench): Record<string, string> =>
  Object.fromEntries(bench.pods().map((p) => [p.metadata.name, p.spec?.containers[0].image]));

describe('StatefulSets', () => {
  it('start one after another, with names, host names and events', () => {
    const bench = new Bench(2);
    make(bench, 3);
    bench.settle();
    expect(names(bench)).toEqual(['db-0']);
    bench.kubelet(() => false);
    bench.settle();
    expect(names(bench)).toEqual(['db-0']);
    bench.run();
    expect(names(bench)).toEqual(['db-0', 'db-1', 'db-2']);
    expect(bench.get('pods', 'db-1')).toMatchObject({
      metadata: { labels: { 'statefulset.kubernetes.io/pod-name': 'db-1', 'apps.kubernetes.io/pod-index': '1' } },
      spec: { hostname: 'db-1', subdomain: 'db' },
    });
    expect(bench.events('SuccessfulCreate')[0]).toBe('create Pod db-0 in StatefulSet db successful');
    expect(bench.get('statefulsets', 'db').status).toMatchObject({ replicas: 3, readyReplicas: 3, currentReplicas: 3 });
  });

  it('start and go all at once when they are parallel', () => {
    const bench = new Bench(1);
    make(bench, 3, { podManagementPolicy: 'Parallel', ordinals: { start: 4 } });
    bench.settle();
    expect(names(bench)).toEqual(['db-4', 'db-5', 'db-6']);
  });

  it('shrink and roll from the highest down, one at a time, as far as the partition', () => {
    const bench = new Bench(2);
    make(bench, 4, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } });
    bench.run();
    patch(bench, NEW);
    let most = 0;
    bench.run(() => {
      const going = bench.pods().filter((p) => p.metadata.deletionTimestamp !== undefined);
      most = Math.max(most, going.length);
    });
    expect(most).toBe(1);
    expect(images(bench)).toEqual({
      'db-0': 'nginx:1.27',
      'db-1': 'nginx:1.27',
      'db-2': 'nginx:1.28',
      'db-3': 'nginx:1.28',
    });
    patch(bench, { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
    bench.run();
    expect(new Set(Object.values(images(bench)))).toEqual(new Set(['nginx:1.28']));
    const { currentRevision, updateRevision } = bench.get('statefulsets', 'db').status;
    expect(currentRevision).toBe(updateRevision);
    patch(bench, { spec: { replicas: 2 } });
    bench.settle();
    expect(
      bench
        .pods()
        .filter((p) => p.metadata.deletionTimestamp)
        .map((p) => p.metadata.name),
    ).toEqual(['db-3']);
    bench.run();
    expect(names(bench).sort()).toEqual(['db-0', 'db-1']);
  });
});
