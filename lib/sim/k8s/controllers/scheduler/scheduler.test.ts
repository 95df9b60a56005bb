import { describe, expect, it } from 'vitest';
import { Bench, create, template } from '../../../test/controllers/bench.ts';
import { isApiError } from '../../api/status.ts';
import { patchResource } from '../../api/write.ts';
import { kindOf } from '../../kinds/resources.ts';
import { conditionOf } from '../follow/status.ts';

const pod = (bench: Bench, name: string, spec: Record<string, unknown> = {}, container: Record<string, unknown> = {}) =>
  create(bench.world, 'pods', {
    metadata: { name, namespace: 'default', labels: { name: name.replace(/\d/g, '') } },
    spec: { ...template({}, { container }).spec, ...spec },
  });

const patch = (bench: Bench, resource: string, name: string, body: unknown): void => {
  const namespace = resource === 'nodes' ? undefined : 'default';
  const done = patchResource(bench.world, kindOf(resource), namespace, name, { type: 'merge', body });
  if (isApiError(done)) throw new Error(done.message);
};

const cpu = (amount: string) => ({ resources: { requests: { cpu: amount } } });
const nodeOf = (bench: Bench, name: string): string | undefined => bench.get('pods', name).spec?.nodeName;

describe('the scheduler', () => {
  it('says of each node why it does not fit', () => {
    const bench = new Bench(4);
    patch(bench, 'nodes', 'node1', { spec: { taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] } });
    patch(bench, 'nodes', 'node2', { spec: { unschedulable: true } });
    bench.run();
    pod(bench, 'fat1', {}, cpu('1500m'));
    pod(bench, 'fat2', {}, cpu('1500m'));
    bench.run();
    pod(bench, 'more', {}, cpu('1'));
    bench.run();
    const message =
      '0/4 nodes are available: 1 node(s) had untolerated taint {dedicated: db}, 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/4 nodes are available: 2 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.';
    expect(bench.events('FailedScheduling')).toEqual([message]);
    expect(conditionOf(bench.get('pods', 'more'), 'PodScheduled')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message,
    });
    patch(bench, 'nodes', 'node2', { spec: { unschedulable: null } });
    bench.run();
    expect(nodeOf(bench, 'more')).toBe('node2');
    expect(bench.events('Scheduled')).toContain('Successfully assigned default/more to node2');
  });

  it('honours selectors, affinity, host ports and the number of Pods', () => {
    const bench = new Bench(2);
    pod(bench, 'a', {}, { ports: [{ containerPort: 80, hostPort: 8080 }] });
    pod(bench, 'b', {}, { ports: [{ containerPort: 80, hostPort: 8080 }] });
    pod(bench, 'c', {}, { ports: [{ containerPort: 80, hostPort: 8080 }] });
    pod(bench, 'd', { nodeSelector: { disk: 'ssd' } });
    pod(bench, 'e', {
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { labelSelector: { matchLabels: { name: 'b' } }, topologyKey: 'kubernetes.io/hostname' },
          ],
        },
      },
    });
    pod(bench, 'f', {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { labelSelector: { matchLabels: { name: 'b' } }, topologyKey: 'kubernetes.io/hostname' },
          ],
        },
      },
    });
    bench.run();
    expect([nodeOf(bench, 'a'), nodeOf(bench, 'b')].sort()).toEqual(['node1', 'node2']);
    expect(nodeOf(bench, 'e')).toBe(nodeOf(bench, 'b'));
    expect(nodeOf(bench, 'f')).toBe(nodeOf(bench, 'a'));
    const failed = bench.events('FailedScheduling').map((m) => m.split('. preemption')[0]);
    expect(failed).toEqual([
      "0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports",
      "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector",
    ]);
  });

  it('spreads by constraints that are demanded, and waits while a gate is closed', () => {
    const bench = new Bench(3);
    const spread = {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { name: 'web' } },
        },
      ],
    };
    for (let i = 0; i < 6; i++) pod(bench, `web${i}`, spread);
    pod(bench, 'gated', { schedulingGates: [{ name: 'example.com/quota' }] });
    bench.run();
    for (const node of ['node1', 'node2', 'node3'])
      expect(bench.pods().filter((p) => p.spec?.nodeName === node).length).toBe(2);
    expect(conditionOf(bench.get('pods', 'gated'), 'PodScheduled')?.reason).toBe('SchedulingGated');
    patch(bench, 'pods', 'gated', { spec: { schedulingGates: [] } });
    bench.run();
    expect(nodeOf(bench, 'gated')).toBeDefined();
  });

  it('has nowhere to go without nodes', () => {
    const bench = new Bench(0);
    pod(bench, 'a');
    bench.run();
    expect(bench.events('FailedScheduling')).toEqual(['no nodes available to schedule pods']);
  });
});
