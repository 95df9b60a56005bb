import { describe, expect, it } from 'vitest';
import { Bench, create, template } from '../../../test/controllers/bench.ts';
import { isApiError } from '../../api/status.ts';
import { patchResource } from '../../api/write.ts';
import { isPodReady } from '../../kinds/pods/state.ts';
import { kindOf } from '../../kinds/resources.ts';
import { listObjects } from '../../store/store.ts';

const make = (bench: Bench, spec: Record<string, unknown> = {}, pod: Record<string, unknown> = {}) =>
  create(bench.world, 'daemonsets', {
    metadata: { name: 'agent', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'agent' } }, template: template({ app: 'agent' }, { spec: pod }), ...spec },
  });

function patch(bench: Bench, resource: string, name: string, body: unknown): void {
  const namespace = resource === 'nodes' ? undefined : 'default';
  const done = patchResource(bench.world, kindOf(resource), namespace, name, { type: 'strategic', body });
  if (isApiError(done)) throw new Error(done.message);
}

const nodesOf = (bench: Bench): string[] =>
  bench
    .pods()
    .map((p) => p.spec?.nodeName)
    .sort();

describe('DaemonSets', () => {
  it('have a Pod on each node, on new ones too, and none where a taint forbids it', () => {
    const bench = new Bench(2);
    make(bench);
    bench.run();
    expect(nodesOf(bench)).toEqual(['node1', 'node2']);
    bench.addNode('node3');
    bench.run();
    expect(nodesOf(bench)).toEqual(['node1', 'node2', 'node3']);
    patch(bench, 'nodes', 'node1', { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } });
    bench.run();
    // What is there stays under NoSchedule, and counts as misplaced.
    expect(nodesOf(bench).length).toBe(3);
    expect(bench.get('daemonsets', 'agent').status).toMatchObject({
      desiredNumberScheduled: 2,
      currentNumberScheduled: 2,
      numberMisscheduled: 1,
    });
    patch(bench, 'nodes', 'node1', { spec: { taints: [{ key: 'gpu', effect: 'NoExecute' }] } });
    bench.run();
    expect(nodesOf(bench)).toEqual(['node2', 'node3']);
  });

  it('go to nodes of their selector, unschedulable ones among them', () => {
    const bench = new Bench(3);
    patch(bench, 'nodes', 'node2', { metadata: { labels: { disk: 'ssd' } }, spec: { unschedulable: true } });
    make(bench, {}, { nodeSelector: { disk: 'ssd' } });
    bench.run();
    expect(nodesOf(bench)).toEqual(['node2']);
    expect(bench.pods()[0]?.spec?.tolerations.map((t: { key: string }) => t.key)).toContain(
      'node.kubernetes.io/unschedulable',
    );
  });

  it.each([
    [{ maxUnavailable: 1 }, 4, 5],
    [{ maxUnavailable: 0, maxSurge: 2 }, 5, 7],
  ])('roll with %j', (rollingUpdate, leastReady, most) => {
    const bench = new Bench(5);
    make(bench, { updateStrategy: { type: 'RollingUpdate', rollingUpdate } });
    bench.run();
    patch(bench, 'daemonsets', 'agent', {
      spec: { template: { spec: { containers: [{ name: 'main', image: 'nginx:1.28' }] } } },
    });
    bench.run(() => {
      const live = bench.pods().filter((p) => p.metadata.deletionTimestamp === undefined);
      expect(live.filter(isPodReady).length).toBeGreaterThanOrEqual(leastReady);
      expect(live.length).toBeLessThanOrEqual(most);
    });
    expect(bench.pods().map((p) => p.spec?.containers[0].image)).toEqual(Array(5).fill('nginx:1.28'));
    expect(listObjects(bench.world, 'controllerrevisions').map((r) => r.revision)).toEqual([1, 2]);
    expect(bench.get('daemonsets', 'agent').status).toMatchObject({ updatedNumberScheduled: 5, numberAvailable: 5 });
  });
});
