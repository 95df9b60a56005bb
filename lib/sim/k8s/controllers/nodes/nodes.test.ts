import { describe, expect, it } from 'vitest';
import { Bench, create, template } from '../../../test/controllers/bench.ts';
import { deleteResource } from '../../api/delete.ts';
import { kindOf } from '../../kinds/resources.ts';
import { getObject, touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';

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

describe('nodes', () => {
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
