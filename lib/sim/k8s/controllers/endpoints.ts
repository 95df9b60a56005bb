/** The old v1 Endpoints beside the slices: deprecated, still made for every Service. Source: kubernetes/kubernetes pkg/controller/endpoint. */
import type { World } from '../../kernel/world.ts';
import { getObject, insertObject, listObjects, removeObject, touchObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';

function subsetsOf(slices: readonly KubeObject[]): unknown[] {
  return slices.flatMap((slice) => {
    const endpoints = (slice.endpoints ?? []) as {
      addresses: string[];
      nodeName?: string;
      targetRef?: unknown;
      conditions?: { ready?: boolean };
    }[];
    if (endpoints.length === 0) return [];
    const addresses = (ready: boolean) =>
      endpoints
        .filter((e) => (e.conditions?.ready !== false) === ready)
        .flatMap((e) =>
          e.addresses.map((ip) => ({
            ip,
            ...(e.nodeName ? { nodeName: e.nodeName } : {}),
            ...(e.targetRef ? { targetRef: e.targetRef } : {}),
          })),
        );
    const [up, down] = [addresses(true), addresses(false)];
    return [
      {
        ...(up.length > 0 ? { addresses: up } : {}),
        ...(down.length > 0 ? { notReadyAddresses: down } : {}),
        ports: slice.ports,
      },
    ];
  });
}

/** One pass: an object for each Service that has slices. */
export function reconcileEndpoints(world: World): void {
  const names = new Set<string>();
  for (const service of listObjects(world, 'services')) {
    const { name, namespace, labels } = service.metadata;
    const slices = listObjects(world, 'endpointslices', { namespace, selector: `kubernetes.io/service-name=${name}` });
    if (slices.length === 0) continue;
    names.add(`${namespace}/${name}`);
    const subsets = subsetsOf(slices);
    const known = getObject(world, 'endpoints', namespace, name);
    if (!known)
      insertObject(world, 'endpoints', {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name, namespace, ...(labels ? { labels } : {}) },
        subsets,
      });
    else if (JSON.stringify(known.subsets) !== JSON.stringify(subsets)) {
      known.subsets = subsets;
      touchObject(world, 'endpoints', known);
    }
  }
  for (const object of listObjects(world, 'endpoints')) {
    if (!names.has(`${object.metadata.namespace}/${object.metadata.name}`))
      removeObject(world, 'endpoints', object.metadata.namespace, object.metadata.name);
  }
}
