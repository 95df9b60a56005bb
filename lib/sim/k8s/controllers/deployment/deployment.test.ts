import { describe, expect, it } from 'vitest';
import { Bench, create, template } from '../../../test/controllers/bench.ts';
import { isApiError } from '../../api/status.ts';
import { patchResource } from '../../api/write.ts';
import { isPodReady } from '../../kinds/pods/state.ts';
import { kindOf } from '../../kinds/resources.ts';
import { listObjects } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { conditionOf } from '../follow/status.ts';

function deployment(bench: Bench, replicas: number, spec: Record<string, unknown> = {}): KubeObject {
  const labels = { app: 'web' };
  return create(bench.world, 'deployments', {
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector: { matchLabels: labels }, template: template(labels), ...spec },
  });
}

function patch(bench: Bench, body: unknown): void {
  const done = patchResource(bench.world, kindOf('deployments'), 'default', 'web', { type: 'strategic', body });
  if (isApiError(done)) throw new Error(done.message);
}

const image = (bench: Bench, to: string): void =>
  patch(bench, { spec: { template: { spec: { containers: [{ name: 'main', image: to }] } } } });

const sets = (bench: Bench): [string, number][] =>
  listObjects(bench.world, 'replicasets').map((s) => [s.spec?.template.spec.containers[0].image, s.spec?.replicas]);

describe('Deployments', () => {
  it('come up: one set, its Pods over the nodes, conditions, revision and events', () => {
    const bench = new Bench(2);
    deployment(bench, 4);
    bench.run();
    const web = bench.get('deployments', 'web');
    expect(web.metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
    expect(web.status).toMatchObject({ replicas: 4, updatedReplicas: 4, readyReplicas: 4, availableReplicas: 4 });
    expect(web.status.unavailableReplicas).toBeUndefined();
    expect(web.status.conditions.map((c: { type: string; reason: string }) => [c.type, c.reason])).toEqual([
      ['Available', 'MinimumReplicasAvailable'],
      ['Progressing', 'NewReplicaSetAvailable'],
    ]);
    const [set] = listObjects(bench.world, 'replicasets');
    expect(bench.events('ScalingReplicaSet')).toEqual([`Scaled up replica set ${set?.metadata.name} from 0 to 4`]);
    expect(set?.metadata.annotations).toEqual({
      'deployment.kubernetes.io/desired-replicas': '4',
      'deployment.kubernetes.io/max-replicas': '5',
      'deployment.kubernetes.io/revision': '1',
    });
    const nodes = bench.pods().map((p) => p.spec?.nodeName);
    expect(nodes.filter((n) => n === 'node1').length).toBe(2);
  });

  it('roll within maxSurge and maxUnavailable at every moment, and back to a template they had', () => {
    const bench = new Bench(3);
    deployment(bench, 10);
    bench.run();
    image(bench, 'nginx:1.28');
    bench.run(() => {
      const live = bench.pods().filter((p) => p.metadata.deletionTimestamp === undefined);
      expect(live.length).toBeLessThanOrEqual(13);
      expect(live.filter(isPodReady).length).toBeGreaterThanOrEqual(8);
    });
    expect(sets(bench)).toEqual([
      ['nginx:1.27', 0],
      ['nginx:1.28', 10],
    ]);
    image(bench, 'nginx:1.27');
    bench.run();
    expect(sets(bench)).toEqual([
      ['nginx:1.27', 10],
      ['nginx:1.28', 0],
    ]);
    const [first] = listObjects(bench.world, 'replicasets');
    expect(first?.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
    expect(bench.get('deployments', 'web').metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
    });
  });

  it('keep as many old sets as the limit of history says', () => {
    const bench = new Bench(1);
    deployment(bench, 1, { revisionHistoryLimit: 1 });
    bench.run();
    for (const to of ['nginx:2', 'nginx:3', 'nginx:4']) {
      image(bench, to);
      bench.run();
    }
    expect(sets(bench)).toEqual([
      ['nginx:3', 0],
      ['nginx:4', 1],
    ]);
  });

  it('replace all at once with Recreate: no Pod of the new template while one of the old is there', () => {
    const bench = new Bench(2);
    deployment(bench, 3, { strategy: { type: 'Recreate' } });
    bench.run();
    image(bench, 'nginx:1.28');
    bench.run(() => {
      const images = new Set(bench.pods().map((p) => p.spec?.containers[0].image));
      expect(images.size).toBeLessThanOrEqual(1);
    });
    expect(bench.pods().map((p) => p.spec?.containers[0].image)).toEqual(Array(3).fill('nginx:1.28'));
  });

  it('stand still while paused, but for scaling', () => {
    const bench = new Bench(2);
    deployment(bench, 2);
    bench.run();
    patch(bench, { spec: { paused: true } });
    image(bench, 'nginx:1.28');
    patch(bench, { spec: { replicas: 3 } });
    bench.run();
    expect(sets(bench)).toEqual([['nginx:1.27', 3]]);
    expect(conditionOf(bench.get('deployments', 'web'), 'Progressing')?.reason).toBe('DeploymentPaused');
    patch(bench, { spec: { paused: false } });
    bench.run();
    expect(sets(bench)).toEqual([
      ['nginx:1.27', 0],
      ['nginx:1.28', 3],
    ]);
  });

  it('share a new size among their sets in the middle of an update', () => {
    const bench = new Bench(5);
    deployment(bench, 10, { strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } });
    bench.run();
    image(bench, 'broken:1');
    bench.settle();
    bench.kubelet((p) => p.spec?.containers[0].image !== 'broken:1');
    bench.settle();
    expect(sets(bench)).toEqual([
      ['nginx:1.27', 8],
      ['broken:1', 5],
    ]);
    patch(bench, { spec: { replicas: 15 } });
    bench.settle();
    expect(sets(bench)).toEqual([
      ['nginx:1.27', 11],
      ['broken:1', 7],
    ]);
  });

  it('say when they make no progress in time', () => {
    const bench = new Bench(1);
    deployment(bench, 1, { progressDeadlineSeconds: 60 });
    bench.settle();
    bench.kubelet(() => false);
    bench.settle();
    bench.wait(30);
    bench.settle();
    expect(conditionOf(bench.get('deployments', 'web'), 'Progressing')?.status).toBe('True');
    bench.wait(32);
    bench.settle();
    const [set] = listObjects(bench.world, 'replicasets');
    expect(conditionOf(bench.get('deployments', 'web'), 'Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${set?.metadata.name}" has timed out progressing.`,
    });
  });

  it('wait minReadySeconds before a Pod counts as available', () => {
    const bench = new Bench(1);
    deployment(bench, 2, { minReadySeconds: 20 });
    bench.run();
    expect(bench.get('deployments', 'web').status).toMatchObject({ readyReplicas: 2, unavailableReplicas: 2 });
    bench.wait(20);
    bench.run();
    expect(bench.get('deployments', 'web').status).toMatchObject({ availableReplicas: 2 });
  });
});

describe('ReplicaSets', () => {
  const set = (bench: Bench, replicas: number) =>
    create(bench.world, 'replicasets', {
      metadata: { name: 'rs', namespace: 'default' },
      spec: { replicas, selector: { matchLabels: { app: 'rs' } }, template: template({ app: 'rs' }) },
    });

  it('adopt what matches, release what matches no more, and make up for it', () => {
    const bench = new Bench(1);
    create(bench.world, 'pods', {
      ...template({}),
      metadata: { name: 'lone', namespace: 'default', labels: { app: 'rs' } },
    });
    set(bench, 3);
    bench.run();
    const lone = bench.get('pods', 'lone');
    expect(lone.metadata.ownerReferences).toMatchObject([{ kind: 'ReplicaSet', name: 'rs', controller: true }]);
    expect(bench.pods().length).toBe(3);
    const released = patchResource(bench.world, kindOf('pods'), 'default', 'lone', {
      type: 'merge',
      body: { metadata: { labels: { app: 'other' } } },
    });
    expect(isApiError(released)).toBe(false);
    bench.run();
    expect(bench.get('pods', 'lone').metadata.ownerReferences ?? []).toEqual([]);
    expect(bench.pods().length).toBe(4);
    expect(bench.get('replicasets', 'rs').status).toMatchObject({ replicas: 3, availableReplicas: 3 });
  });

  it('delete first what is of least use', () => {
    const bench = new Bench(2);
    set(bench, 4);
    bench.settle();
    const [first, second] = bench.pods().map((p) => p.metadata.name);
    bench.kubelet((p) => p.metadata.name !== first);
    const cheap = bench.get('pods', second as string);
    cheap.metadata.annotations = { 'controller.kubernetes.io/pod-deletion-cost': '-5' };
    const done = patchResource(bench.world, kindOf('replicasets'), 'default', 'rs', {
      type: 'merge',
      body: { spec: { replicas: 2 } },
    });
    expect(isApiError(done)).toBe(false);
    bench.settle();
    const going = bench.pods().filter((p) => p.metadata.deletionTimestamp !== undefined);
    expect(going.map((p) => p.metadata.name)).toEqual([first, second]);
    expect(bench.events('SuccessfulDelete').sort()).toEqual([`Deleted pod: ${first}`, `Deleted pod: ${second}`].sort());
  });
});
