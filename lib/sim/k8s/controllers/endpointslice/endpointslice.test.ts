import { describe, expect, it } from 'vitest';
import { Bench, create, template } from '../../../test/controllers/bench.ts';
import { deleteResource } from '../../api/delete.ts';
import { isApiError } from '../../api/status.ts';
import { patchResource } from '../../api/write.ts';
import { kindOf } from '../../kinds/resources.ts';
import { listObjects, touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';

const service = (bench: Bench, spec: Record<string, unknown> = {}) =>
  create(bench.world, 'services', {
    metadata: { name: 'web', namespace: 'default', labels: { team: 'a' } },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec },
  });

const pod = (bench: Bench, name: string, more: Record<string, unknown> = {}, port = 8080) =>
  create(bench.world, 'pods', {
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
    spec: {
      ...template({}, { container: { ports: [{ name: 'http', containerPort: port }] } }).spec,
      ...more,
    },
  });

const slices = (bench: Bench, manager = 'endpointslice-controller.k8s.io'): KubeObject[] =>
  listObjects(bench.world, 'endpointslices', {
    selector: `kubernetes.io/service-name=web,endpointslice.kubernetes.io/managed-by=${manager}`,
  });

const patch = (bench: Bench, resource: string, name: string, body: unknown): void => {
  const namespace = resource === 'nodes' ? undefined : 'default';
  const done = patchResource(bench.world, kindOf(resource), namespace, name, { type: 'merge', body });
  if (isApiError(done)) throw new Error(done.message);
};

describe('EndpointSlices', () => {
  it('follow Pods: ready, not ready, on their way out, relabelled', () => {
    const bench = new Bench(1);
    service(bench);
    bench.run();
    expect(slices(bench)).toMatchObject([{ endpoints: [], ports: [] }]);
    pod(bench, 'a');
    pod(bench, 'b');
    bench.settle();
    bench.kubelet((p) => p.metadata.name === 'a');
    bench.settle();
    const conditions = () =>
      Object.fromEntries(
        slices(bench).flatMap((s) => s.endpoints.map((e: KubeObject) => [e.targetRef.name, e.conditions])),
      );
    expect(conditions()).toEqual({
      a: { ready: true, serving: true, terminating: false },
      b: { ready: false, serving: false, terminating: false },
    });
    deleteResource(bench.world, kindOf('pods'), 'default', 'a');
    bench.settle();
    expect(conditions().a).toEqual({ ready: false, serving: true, terminating: true });
    expect(bench.get('endpoints', 'web').subsets).toMatchObject([
      { notReadyAddresses: [{ targetRef: { name: 'b' } }] },
    ]);
    patch(bench, 'pods', 'b', { metadata: { labels: { app: 'other' } } });
    bench.kubelet();
    bench.settle();
    expect(slices(bench)).toMatchObject([{ endpoints: [], ports: [] }]);
    expect(bench.get('endpoints', 'web').subsets).toBeUndefined();
  });

  it('publish what is not ready when the Service says so', () => {
    const bench = new Bench(1);
    service(bench, { publishNotReadyAddresses: true, clusterIP: 'None' });
    pod(bench, 'a', { hostname: 'first', subdomain: 'web' });
    bench.settle();
    bench.kubelet(() => false);
    bench.settle();
    expect(slices(bench)[0]).toMatchObject({
      metadata: { labels: { 'service.kubernetes.io/headless': '', team: 'a' } },
      endpoints: [{ hostname: 'first', conditions: { ready: true, serving: false } }],
    });
    expect(bench.get('endpoints', 'web').subsets).toMatchObject([{ addresses: [{ hostname: 'first' }] }]);
  });

  it('keep apart Pods for which a named port is another number', () => {
    const bench = new Bench(1);
    service(bench);
    pod(bench, 'a');
    pod(bench, 'b', {}, 9090);
    bench.run();
    expect(slices(bench).map((s) => [s.ports[0].port, s.endpoints.length])).toEqual([
      [8080, 1],
      [9090, 1],
    ]);
    expect(bench.get('endpoints', 'web').subsets.map((s: KubeObject) => s.ports[0].port)).toEqual([8080, 9090]);
  });

  it('hold at most 100 endpoints, fill up before others are made, and change few at a change', () => {
    const bench = new Bench(3);
    service(bench);
    for (let i = 0; i < 250; i++) pod(bench, `p${i}`);
    bench.run();
    expect(slices(bench).map((s) => s.endpoints.length)).toEqual([100, 100, 50]);
    const before = slices(bench).map((s) => s.metadata.resourceVersion);
    deleteResource(bench.world, kindOf('pods'), 'default', 'p7', { gracePeriodSeconds: 0 });
    bench.run();
    expect(slices(bench).filter((s, i) => s.metadata.resourceVersion !== before[i]).length).toBe(1);
    pod(bench, 'late');
    bench.run();
    expect(slices(bench).map((s) => s.endpoints.length)).toEqual([100, 100, 50]);
  });

  it('tell zones, and hint at them when the Service prefers what is near', () => {
    const bench = new Bench(2);
    patch(bench, 'nodes', 'node1', { metadata: { labels: { 'topology.kubernetes.io/zone': 'z1' } } });
    service(bench, { trafficDistribution: 'PreferSameNode' });
    pod(bench, 'a', { nodeName: 'node1' });
    bench.run();
    expect(slices(bench)[0]?.endpoints[0]).toMatchObject({
      zone: 'z1',
      hints: { forZones: [{ name: 'z1' }], forNodes: [{ name: 'node1' }] },
    });
    patch(bench, 'nodes', 'node1', { metadata: { labels: { 'topology.kubernetes.io/zone': 'z2' } } });
    bench.run();
    expect(slices(bench)[0]?.endpoints[0].zone).toBe('z2');
  });

  it('mirror Endpoints that people write', () => {
    const bench = new Bench(1);
    create(bench.world, 'services', {
      metadata: { name: 'web', namespace: 'default' },
      spec: { ports: [{ port: 80 }] },
    });
    const subsets = [
      { addresses: [{ ip: '192.0.2.1' }], notReadyAddresses: [{ ip: '192.0.2.2' }], ports: [{ port: 8080 }] },
    ];
    const endpoints = create(bench.world, 'endpoints', { metadata: { name: 'web', namespace: 'default' }, subsets });
    bench.run();
    const mirrored = (): KubeObject[] => slices(bench, 'endpointslicemirroring-controller.k8s.io');
    expect(mirrored()).toMatchObject([
      {
        metadata: { ownerReferences: [{ kind: 'Endpoints', name: 'web' }] },
        endpoints: [
          { addresses: ['192.0.2.1'], conditions: { ready: true } },
          { addresses: ['192.0.2.2'], conditions: { ready: false } },
        ],
        ports: [{ name: '', port: 8080, protocol: 'TCP' }],
      },
    ]);
    endpoints.subsets = [{ ...subsets[0], notReadyAddresses: undefined }];
    touchObject(bench.world, 'endpoints', endpoints);
    bench.run();
    expect(mirrored()[0]?.endpoints.length).toBe(1);
    deleteResource(bench.world, kindOf('services'), 'default', 'web');
    bench.run();
    expect(mirrored()).toEqual([]);
  });

  it('say when the old Endpoints cannot hold all', () => {
    const bench = new Bench(12);
    service(bench);
    for (let i = 0; i < 1001; i++) pod(bench, `p${i}`);
    bench.run();
    const { metadata, subsets } = bench.get('endpoints', 'web');
    expect(subsets[0].addresses.length).toBe(1000);
    expect(metadata.annotations).toEqual({ 'endpoints.kubernetes.io/over-capacity': 'truncated' });
  });
});
