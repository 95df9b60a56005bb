/** Packing endpoints into slices of at most 100, with as few changes as possible. Source: staging/src/k8s.io/endpointslice/reconciler.go. */
import { deleteResource } from '../../api/delete.ts';
import { kindOf } from '../../kinds/resources.ts';
import { same } from '../../store/clone.ts';
import { insertObject, touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { reference } from '../follow/claim.ts';
import type { Context } from '../follow/memory.ts';
import type { AddressType, Endpoint, EndpointPort } from './endpoints.ts';

/** Endpoints in one slice (--max-endpoints-per-slice). */
const MOST = 100;

export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const HEADLESS = 'service.kubernetes.io/headless';

/** Endpoints that have the same ports. */
export interface Group {
  ports: EndpointPort[];
  endpoints: Endpoint[];
}

/** What slices are made for: a Service, or hand-made Endpoints. */
export interface Source {
  owner: KubeObject;
  /** The Service's name: that of the slices begins with it. */
  name: string;
  manager: string;
  labels: Record<string, string>;
  annotations?: Record<string, string>;
}

const identity = (e: Endpoint): string => `${e.targetRef?.uid ?? ''} ${e.addresses.join(',')}`;

/** Labels of a Service's slices: its own, and those by which they are found. */
export function sliceLabels(source: KubeObject, name: string, manager: string): Record<string, string> {
  const own = Object.fromEntries(
    Object.entries(source.metadata.labels ?? {}).filter(([k]) => ![SERVICE_NAME, MANAGED_BY, HEADLESS].includes(k)),
  );
  const headless: Record<string, string> = source.spec?.clusterIP === 'None' ? { [HEADLESS]: '' } : {};
  return { ...own, ...headless, [MANAGED_BY]: manager, [SERVICE_NAME]: name };
}

function createSlice(
  { world }: Context,
  source: Source,
  type: AddressType,
  ports: unknown,
  endpoints: Endpoint[],
): void {
  const { owner, name, labels, annotations } = source;
  const { namespace } = owner.metadata;
  insertObject(world, 'endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: '',
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      ...(annotations ? { annotations } : {}),
      ownerReferences: [reference(owner)],
    },
    addressType: type,
    endpoints,
    ports,
  });
}

/** Keeps of a slice what is still wanted, in its order. Endpoints that it held are taken from `wanted`. */
function keep(slice: KubeObject, wanted: Map<string, Endpoint>): Endpoint[] {
  return ((slice.endpoints ?? []) as Endpoint[]).flatMap((e) => {
    const now = wanted.get(identity(e));
    if (!now) return [];
    wanted.delete(identity(e));
    return now;
  });
}

function remove({ world }: Context, slice: KubeObject): void {
  deleteResource(world, kindOf('endpointslices'), slice.metadata.namespace, slice.metadata.name);
}

/** Brings the slices of one family to hold the groups. `existing` are those of this source and family. */
export function pack(
  context: Context,
  source: Source,
  type: AddressType,
  existing: readonly KubeObject[],
  groups: readonly Group[],
): void {
  const { world } = context;
  let left = 0;
  const unused = new Set(existing);
  for (const group of groups) {
    const own = existing.filter((slice) => same(slice.ports ?? [], group.ports));
    const wanted = new Map(group.endpoints.map((e) => [identity(e), e]));
    const kept = own.map((slice) => ({ slice, endpoints: keep(slice, wanted) }));
    const fresh = [...wanted.values()];
    // New ones go into slices that change anyway, then into the fullest that takes them, then into new slices.
    const changed = kept.filter(({ slice, endpoints }) => !same(slice.endpoints ?? [], endpoints));
    const roomiest = [...kept].sort((a, b) => b.endpoints.length - a.endpoints.length);
    for (const { endpoints } of [...changed, ...roomiest])
      if (
        fresh.length > 0 &&
        (changed.some((c) => c.endpoints === endpoints) || fresh.length + endpoints.length <= MOST)
      )
        endpoints.push(...fresh.splice(0, MOST - endpoints.length));
    for (const { slice, endpoints } of kept) {
      if (endpoints.length === 0) continue;
      unused.delete(slice);
      left++;
      const labelled = same(slice.metadata.labels, source.labels);
      if (same(slice.endpoints ?? [], endpoints) && labelled) continue;
      slice.endpoints = endpoints;
      slice.metadata.labels = source.labels;
      touchObject(world, 'endpointslices', slice, true);
    }
    while (fresh.length > 0) {
      createSlice(context, source, type, group.ports, fresh.splice(0, MOST));
      left++;
    }
  }
  if (left === 0) {
    // Nobody there: one slice without endpoints stays to say so.
    const placeholder = [...unused].find((s) => (s.endpoints ?? []).length === 0 && (s.ports ?? []).length === 0);
    if (!placeholder) createSlice(context, source, type, [], []);
    else {
      unused.delete(placeholder);
      if (!same(placeholder.metadata.labels, source.labels)) {
        placeholder.metadata.labels = source.labels;
        touchObject(world, 'endpointslices', placeholder);
      }
    }
  }
  for (const slice of unused) remove(context, slice);
}
