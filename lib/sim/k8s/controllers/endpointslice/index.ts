/** EndpointSlices of Services with a selector. Source: kubernetes/kubernetes pkg/controller/endpointslice (1.34). */
import { deleteResource } from '../../api/delete.ts';
import { kindOf } from '../../kinds/resources.ts';
import { listObjects } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { enqueue, type Loop } from '../follow/loop.ts';
import { byKey, type Context, having, keyOf, type Noticed } from '../follow/memory.ts';
import { keysOf } from '../follow/terms.ts';
import * as e from './endpoints.ts';
import { type Group, MANAGED_BY, pack, sliceLabels } from './slices.ts';

const NAME = 'endpointslices';
const MANAGER = 'endpointslice-controller.k8s.io';

export const hasSelector = (service: KubeObject): boolean =>
  service.spec?.type !== 'ExternalName' && Object.keys(service.spec?.selector ?? {}).length > 0;

/** Services that a change of a Pod or node may concern. */
export function servicesFor({ world, memory }: Context, change: Noticed): string[] {
  if (change.resource === 'pods')
    return change.terms.flatMap((term) =>
      keysOf(memory.labels, `svc ${term}`).map((id) => id.slice('services '.length)),
    );
  // Zones of endpoints follow their nodes'.
  if (change.resource === 'nodes' && (change.gone || change.terms.length > 1 || change.formerUid !== undefined))
    return listObjects(world, 'services').map(keyOf);
  return [];
}

function groupsOf(context: Context, service: KubeObject, type: e.AddressType): Group[] {
  const groups = new Map<string, Group>();
  for (const pod of e.selectedPods(context, service)) {
    if (!e.canServe(pod) || e.addressesOf(pod, type).length === 0) continue;
    const ports = e.portsFor(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key);
    const endpoint = e.endpointOf(context.world, service, pod, type);
    if (group) group.endpoints.push(endpoint);
    else groups.set(key, { ports, endpoints: [endpoint] });
  }
  const all = [...groups.values()];
  e.addHints(
    service,
    all.flatMap((group) => group.endpoints),
  );
  return all;
}

function sync(context: Context, key: string): undefined {
  const { world, memory } = context;
  const service = byKey(world, 'services', key);
  const slices = having(context, memory.labels, `slices ${key}`).filter(
    (s) => s.metadata.labels?.[MANAGED_BY] === MANAGER && s.metadata.deletionTimestamp === undefined,
  );
  const types = service && hasSelector(service) ? e.addressTypes(service) : [];
  for (const slice of slices)
    if (!types.includes(slice.addressType))
      deleteResource(world, kindOf(NAME), slice.metadata.namespace, slice.metadata.name);
  if (!service || service.metadata.deletionTimestamp !== undefined) return;
  const labels = sliceLabels(service, service.metadata.name, MANAGER);
  const source = { owner: service, name: service.metadata.name, manager: MANAGER, labels };
  for (const type of types)
    pack(
      context,
      source,
      type,
      slices.filter((s) => s.addressType === type),
      groupsOf(context, service, type),
    );
}

export const endpointSlices: Loop = {
  name: NAME,
  follow(context, change) {
    const { memory } = context;
    if (change.resource === 'services') enqueue(memory, NAME, change.key);
    for (const key of servicesFor(context, change)) enqueue(memory, NAME, key);
    if (change.resource === NAME) for (const term of change.terms) enqueue(memory, NAME, term.slice('slices '.length));
  },
  sync,
};
