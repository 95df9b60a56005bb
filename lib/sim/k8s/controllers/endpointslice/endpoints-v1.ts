/** The old v1 Endpoints beside the slices: deprecated, still made for every Service with a selector. Source: pkg/controller/endpoint (1.34). */
import { deleteResource } from '../../api/delete.ts';
import { kindOf } from '../../kinds/resources.ts';
import { same } from '../../store/clone.ts';
import { insertObject, touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { enqueue, type Loop } from '../follow/loop.ts';
import { byKey, type Context } from '../follow/memory.ts';
import { addressesOf, addressTypes, canServe, endpointOf, portsFor, selectedPods } from './endpoints.ts';
import { hasSelector, servicesFor } from './index.ts';

const NAME = 'endpoints';
/** Addresses that one object may hold. */
const MOST = 1000;
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const HEADLESS = 'service.kubernetes.io/headless';

interface Address {
  ip: string;
  hostname?: string;
  nodeName?: string;
  targetRef?: unknown;
}

interface Subset {
  addresses?: Address[];
  notReadyAddresses?: Address[];
  ports?: unknown[];
}

const byIp = (a: Address, b: Address): number => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : 0);

function subsetsOf(context: Context, service: KubeObject): Subset[] {
  const unready = service.spec?.publishNotReadyAddresses === true;
  const [type = 'IPv4'] = addressTypes(service);
  const by = new Map<string, { up: Address[]; down: Address[]; ports: unknown[] }>();
  for (const pod of selectedPods(context, service)) {
    if (!canServe(pod) || (pod.metadata.deletionTimestamp !== undefined && !unready)) continue;
    const { conditions, addresses: _, zone: __, hints: ___, ...more } = endpointOf(context.world, service, pod, type);
    const ports = portsFor(service, pod).map(({ name, ...p }) => (name === '' ? p : { name, ...p }));
    const key = JSON.stringify(ports);
    let group = by.get(key);
    if (!group) by.set(key, (group = { up: [], down: [], ports }));
    for (const ip of addressesOf(pod, type).slice(0, 1))
      (unready || conditions.ready ? group.up : group.down).push({ ip, ...more });
  }
  return [...by.keys()].sort().flatMap((key) => {
    const { up, down, ports } = by.get(key) as { up: Address[]; down: Address[]; ports: unknown[] };
    return [
      {
        ...(up.length > 0 ? { addresses: up.sort(byIp) } : {}),
        ...(down.length > 0 ? { notReadyAddresses: down.sort(byIp) } : {}),
        ...(ports.length > 0 ? { ports } : {}),
      },
    ];
  });
}

/** Leaves the first thousand, those that are ready before those that are not. Answers whether something was left out. */
function truncate(subsets: Subset[]): boolean {
  let room = MOST;
  let over = false;
  for (const field of ['addresses', 'notReadyAddresses'] as const)
    for (const subset of subsets) {
      const list = subset[field];
      if (!list) continue;
      if (list.length > room) {
        subset[field] = list.slice(0, room);
        over = true;
      }
      room -= Math.min(room, list.length);
      if (subset[field]?.length === 0) delete subset[field];
    }
  return over;
}

function sync(context: Context, key: string): undefined {
  const { world } = context;
  const service = byKey(world, 'services', key);
  const known = byKey(world, NAME, key);
  if (!service) {
    if (known) deleteResource(world, kindOf(NAME), known.metadata.namespace, known.metadata.name);
    return;
  }
  if (!hasSelector(service)) return;
  const subsets = subsetsOf(context, service);
  const over = truncate(subsets);
  const { name, namespace } = service.metadata;
  const labels = {
    ...service.metadata.labels,
    ...(service.spec?.clusterIP === 'None' ? { [HEADLESS]: '' } : {}),
    [MANAGED_BY]: 'endpoint-controller',
  };
  const annotations = over ? { [OVER_CAPACITY]: 'truncated' } : undefined;
  if (!known) {
    insertObject(world, NAME, {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        labels,
        ...(annotations ? { annotations } : {}),
      },
      ...(subsets.length > 0 ? { subsets } : {}),
    });
    return;
  }
  const unchanged = same(known.subsets ?? [], subsets) && same(known.metadata.labels, labels);
  if (unchanged && same(known.metadata.annotations, annotations)) return;
  if (subsets.length > 0) known.subsets = subsets;
  else delete known.subsets;
  known.metadata.labels = labels;
  if (annotations) known.metadata.annotations = annotations;
  else delete known.metadata.annotations;
  touchObject(world, NAME, known);
}

export const endpointsV1: Loop = {
  name: NAME,
  follow(context, change) {
    const { memory } = context;
    if (change.resource === 'services' || change.resource === NAME) enqueue(memory, NAME, change.key);
    for (const key of servicesFor(context, change)) enqueue(memory, NAME, key);
  },
  sync,
};
