/** EndpointSlices for Services with a selector. Source: kubernetes/kubernetes pkg/controller/endpointslice. */
import type { World } from '../../kernel/world.ts';
import { isPodReady } from '../kinds/pods/state.ts';
import { matchesLabels } from '../store/selector.ts';
import { insertObject, listObjects, randomSuffix, removeObject, touchObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';

const OWNER = 'endpointslice-controller.k8s.io';

function targetPort(pods: readonly KubeObject[], wanted: number | string): number | undefined {
  if (typeof wanted === 'number') return wanted;
  for (const pod of pods) {
    for (const container of pod.spec?.containers ?? []) {
      const named = (container.ports ?? []).find((p: { name?: string }) => p.name === wanted);
      if (named) return named.containerPort;
    }
  }
  return undefined;
}

function desired(world: World, service: KubeObject): { endpoints: unknown[]; ports: unknown[] } {
  const pods = listObjects(world, 'pods', { namespace: service.metadata.namespace }).filter(
    (pod) => matchesLabels(pod.metadata.labels ?? {}, service.spec?.selector ?? {}) && pod.status?.podIP,
  );
  const endpoints = pods.map((pod) => {
    const serving = isPodReady(pod);
    const terminating = pod.metadata.deletionTimestamp !== undefined;
    const ready = serving && !terminating;
    return {
      addresses: [pod.status?.podIP],
      conditions: {
        ready: ready || service.spec?.publishNotReadyAddresses === true,
        serving,
        terminating,
      },
      nodeName: pod.spec?.nodeName,
      ...(pod.spec?.hostname && pod.spec?.subdomain === service.metadata.name ? { hostname: pod.spec.hostname } : {}),
      targetRef: { kind: 'Pod', name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
    };
  });
  const ports = (service.spec?.ports ?? []).flatMap(
    (p: { name?: string; port: number; protocol?: string; targetPort?: number | string }) => {
      const port = targetPort(pods, p.targetPort ?? p.port);
      return port === undefined ? [] : [{ name: p.name ?? '', port, protocol: p.protocol ?? 'TCP' }];
    },
  );
  return { endpoints, ports };
}

/** One pass: makes, changes and removes slices. */
export function reconcileEndpointSlices(world: World): void {
  const slices = listObjects(world, 'endpointslices').filter(
    (s) => s.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === OWNER,
  );
  const wanted = new Set<string>();
  for (const service of listObjects(world, 'services')) {
    if (!service.spec?.selector || Object.keys(service.spec.selector).length === 0) continue;
    const { name, namespace, uid } = service.metadata;
    wanted.add(`${namespace}/${name}`);
    const want = desired(world, service);
    const slice = slices.find(
      (s) => s.metadata.namespace === namespace && s.metadata.labels?.['kubernetes.io/service-name'] === name,
    );
    if (!slice) {
      insertObject(world, 'endpointslices', {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        addressType: 'IPv4',
        ...want,
        metadata: {
          name: `${name}-${randomSuffix(world)}`,
          generateName: `${name}-`,
          namespace,
          labels: { 'endpointslice.kubernetes.io/managed-by': OWNER, 'kubernetes.io/service-name': name },
          ownerReferences: [
            { apiVersion: 'v1', kind: 'Service', name, uid: uid ?? '', controller: true, blockOwnerDeletion: true },
          ],
        },
      });
    } else if (JSON.stringify([slice.endpoints, slice.ports]) !== JSON.stringify([want.endpoints, want.ports])) {
      Object.assign(slice, want);
      touchObject(world, 'endpointslices', slice, true);
    }
  }
  for (const slice of slices) {
    if (!wanted.has(`${slice.metadata.namespace}/${slice.metadata.labels?.['kubernetes.io/service-name']}`))
      removeObject(world, 'endpointslices', slice.metadata.namespace, slice.metadata.name);
  }
}
