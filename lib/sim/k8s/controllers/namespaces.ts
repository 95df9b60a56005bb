/** Namespaces: a terminating one goes when all that is in it went. Source: kubernetes/kubernetes pkg/controller/namespace (1.34). */
import { deleteResource, removeIfDone } from '../api/delete.ts';
import { kindOf } from '../kinds/resources.ts';
import { listObjects, removeObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { enqueue, type Loop } from './follow/loop.ts';
import { type Context, objectOf } from './follow/memory.ts';
import { type Condition, setStatus, withCondition } from './follow/status.ts';
import { keysOf } from './follow/terms.ts';

const NAME = 'namespaces';

const tally = (words: readonly string[]): [string, number][] => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
};

/** What its conditions say of what is left: resources by their plural, finalizers by their name. */
function conditions(resources: readonly string[], finalizers: readonly string[]): Condition[] {
  const of = (type: string, found: boolean, reason: string, message: string): Condition => ({
    type,
    status: found ? 'True' : 'False',
    reason,
    message,
  });
  const remain = tally(resources).map(([name, n]) => `${name} has ${n} resource instances`);
  const held = tally(finalizers).map(([name, n]) => `${name} in ${n} resource instances`);
  return [
    of('NamespaceDeletionDiscoveryFailure', false, 'ResourcesDiscovered', 'All resources successfully discovered'),
    of(
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    of(
      'NamespaceDeletionContentFailure',
      false,
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ),
    remain.length > 0
      ? of(
          'NamespaceContentRemaining',
          true,
          'SomeResourcesRemain',
          `Some resources are remaining: ${remain.join(', ')}`,
        )
      : of('NamespaceContentRemaining', false, 'ContentRemoved', 'All content successfully removed'),
    held.length > 0
      ? of(
          'NamespaceFinalizersRemaining',
          true,
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
        )
      : of(
          'NamespaceFinalizersRemaining',
          false,
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ),
  ];
}

const fullName = (resource: string, object: KubeObject): string => {
  const [group = ''] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : [];
  return `${resource}.${group}`;
};

function sync({ world, memory }: Context, key: string): undefined {
  const namespace = world.cluster?.objects.get(NAME)?.get(key);
  if (!namespace || namespace.metadata.deletionTimestamp === undefined) return;
  const { name } = namespace.metadata;
  const resources: string[] = [];
  const finalizers: string[] = [];
  for (const id of keysOf(memory.places, name)) {
    const object = objectOf(world, id);
    if (!object) continue;
    const resource = id.slice(0, id.indexOf(' '));
    if (object.metadata.deletionTimestamp === undefined)
      deleteResource(world, kindOf(resource), name, object.metadata.name);
    if (objectOf(world, id) !== object) continue;
    resources.push(fullName(resource, object));
    finalizers.push(...(object.metadata.finalizers ?? []));
  }
  for (const event of listObjects(world, 'events', { namespace: name }))
    removeObject(world, 'events', name, event.metadata.name);
  let all = (namespace.status?.conditions ?? []) as Condition[];
  for (const condition of conditions(resources, finalizers)) all = withCondition(world, all, condition);
  if (resources.length > 0) {
    setStatus(world, NAME, namespace, { ...namespace.status, phase: 'Terminating', conditions: all });
    return;
  }
  namespace.spec = { ...namespace.spec, finalizers: [] };
  removeIfDone(world, kindOf(NAME), namespace);
}

export const namespaces: Loop = {
  name: NAME,
  follow({ world, memory }, { resource, key, object, gone }) {
    if (resource === NAME && !gone && object.metadata.deletionTimestamp !== undefined) enqueue(memory, NAME, key);
    const inside = object.metadata.namespace;
    if (inside === undefined) return;
    const of = world.cluster?.objects.get(NAME)?.get(`/${inside}`);
    if (of?.metadata.deletionTimestamp !== undefined) enqueue(memory, NAME, `/${inside}`);
  },
  sync,
};
