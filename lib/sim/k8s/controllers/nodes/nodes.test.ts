import { describe, expect, it } from 'vitest';
import { Bench, create, template } from '../../../test/controllers/bench.ts';
import { deleteResource } from '../../api/delete.ts';
import { isPodReady } from '../../kinds/pods/state.ts';
import { kindOf } from '../../kinds/resources.ts';
import { getObject, touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { conditionOf } from '../follow/status.ts';

const node = (bench: Bench, name: string): KubeObject => getObject(bench.world, 'nodes', undefined, name) as KubeObject;

const taints = (bench: Bench, name: string): string[] =>
  (node(bench, name).spec?.taints ?? []).map((t: KubeObject) => `${t.key}:${t.effect}`);

const web = (bench: Bench, tolerations: unknown[] = []) =>
  create(bench.world, 'deployments', {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: template({ app: 'web' }, { spec: { tolerations } }),
    },
  });

const patience = [
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
];

describe('nodes', () => {
  it('are unknown after fifty silent seconds; their Pods go five minutes later, and others come elsewhere', () => {
    const bench = new Bench(2);
    web(bench, patience);
    bench.run();
    bench.silent.add('node2');
    for (let i = 0; i < 4; i++) {
      bench.wait(10);
      bench.run();
    }
    expect(conditionOf(node(bench, 'node2'), 'Ready')?.status).toBe('True');
    bench.wait(10);
    bench.run();
    expect(conditionOf(node(bench, 'node2'), 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    });
    expect(taints(bench, 'node2')).toEqual([
      'node.kubernetes.io/unreachable:NoSchedule',
      'node.kubernetes.io/unreachable:NoExecute',
    ]);
    const lost = bench.pods().find((p) => p.spec?.nodeName === 'node2') as KubeObject;
    expect(isPodReady(lost)).toBe(false);
    expect(bench.events('NodeNotReady').sort()).toEqual([
      'Node is not ready',
      'Node node2 status is now: NodeNotReady',
    ]);
    bench.wait(299);
    bench.run();
    expect(lost.metadata.deletionTimestamp).toBeUndefined();
    bench.wait(1);
    bench.run();
    expect(lost.metadata.deletionTimestamp).toBeDefined();
    expect(bench.events('TaintManagerEviction')).toEqual([`Marking for deletion Pod default/${lost.metadata.name}`]);
    expect(bench.pods().filter((p) => p.spec?.nodeName === 'node1').length).toBe(2);
    // It says something again: all is well, and what was to go goes.
    bench.silent.delete('node2');
    bench.wait(1);
    bench.run();
    expect(taints(bench, 'node2')).toEqual([]);
    expect(bench.pods().length).toBe(2);
  });

  it('that are gone take their Pods with them after forty seconds', () => {
    const bench = new Bench(2);
    web(bench);
    bench.run();
    bench.silent.add('node2');
    deleteResource(bench.world, kindOf('nodes'), undefined, 'node2');
    bench.run();
    expect(bench.pods().filter((p) => p.spec?.nodeName === 'node2').length).toBe(1);
    bench.wait(40);
    bench.run();
    expect(bench.pods().map((p) => p.spec?.nodeName)).toEqual(['node1', 'node1']);
  });

  it('that are not ready carry taints, and Pods without patience go at once', () => {
    const bench = new Bench(2);
    web(bench, [
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 },
    ]);
    bench.run();
    const broken = node(bench, 'node2');
    broken.status.conditions[0].status = 'False';
    touchObject(bench.world, 'nodes', broken);
    bench.run();
    expect(taints(bench, 'node2')).toEqual([
      'node.kubernetes.io/not-ready:NoSchedule',
      'node.kubernetes.io/not-ready:NoExecute',
    ]);
    expect(bench.pods().map((p) => p.spec?.nodeName)).toEqual(['node1', 'node1']);
  });
});
