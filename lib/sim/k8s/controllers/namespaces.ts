/** Namespaces: a terminating one goes when all that is in it went. Source: kubernetes/kubernetes pkg/controller/namespace. */
import type { World } from '../../kernel/world.ts';
import { deleteResource, removeIfDone } from '../api/delete.ts';
import { kindOf } from '../kinds/resources.ts';
import { clusterOf, listObjects } from '../store/store.ts';

/** One pass: deletes what is in terminating namespaces, then those that are empty. */
export function reconcileNamespaces(world: World): void {
  for (const namespace of listObjects(world, 'namespaces')) {
    if (namespace.metadata.deletionTimestamp === undefined) continue;
    let left = 0;
    for (const [resource, objects] of clusterOf(world).objects) {
      for (const object of [...objects.values()]) {
        if (object.metadata.namespace !== namespace.metadata.name) continue;
        if (object.metadata.deletionTimestamp === undefined)
          deleteResource(world, kindOf(resource), object.metadata.namespace, object.metadata.name);
        if (objects.has(`${object.metadata.namespace}/${object.metadata.name}`)) left++;
      }
    }
    if (left > 0) continue;
    namespace.spec = { ...namespace.spec, finalizers: [] };
    removeIfDone(world, kindOf('namespaces'), namespace);
  }
}
