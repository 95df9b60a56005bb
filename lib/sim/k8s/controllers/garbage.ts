/**
 * Garbage collection: dependents of owners that are gone are deleted; owners that are deleted in the foreground wait for theirs, and
 * orphaned ones are let go. Source: kubernetes/kubernetes pkg/controller/garbagecollector.
 */
import type { World } from '../../kernel/world.ts';
import { deleteResource, removeIfDone } from '../api/delete.ts';
import { kindOf } from '../kinds/resources.ts';
import { clusterOf, touchObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';

interface Found {
  resource: string;
  object: KubeObject;
}

function everything(world: World): Found[] {
  return [...clusterOf(world).objects].flatMap(([resource, objects]) =>
    [...objects.values()].map((object) => ({ resource, object })),
  );
}

function dropFinalizer(world: World, { resource, object }: Found, finalizer: string): void {
  object.metadata.finalizers = object.metadata.finalizers?.filter((f) => f !== finalizer);
  if (!removeIfDone(world, kindOf(resource), object)) touchObject(world, resource, object);
}

/** One pass over all objects. */
export function collectGarbage(world: World): void {
  const all = everything(world);
  const alive = new Set(all.map((f) => f.object.metadata.uid));
  const dependents = new Map<string, Found[]>();
  for (const found of all) {
    const { ownerReferences } = found.object.metadata;
    if (ownerReferences === undefined || ownerReferences.length === 0) continue;
    for (const { uid } of ownerReferences) dependents.set(uid, [...(dependents.get(uid) ?? []), found]);
    if (found.object.metadata.deletionTimestamp === undefined && ownerReferences.every((ref) => !alive.has(ref.uid)))
      deleteResource(world, kindOf(found.resource), found.object.metadata.namespace, found.object.metadata.name);
  }
  for (const owner of all) {
    const { finalizers, uid = '', deletionTimestamp } = owner.object.metadata;
    if (deletionTimestamp === undefined || finalizers === undefined) continue;
    const mine = dependents.get(uid) ?? [];
    if (finalizers.includes('orphan')) {
      for (const { resource, object } of mine) {
        object.metadata.ownerReferences = object.metadata.ownerReferences?.filter((ref) => ref.uid !== uid);
        touchObject(world, resource, object);
      }
      dropFinalizer(world, owner, 'orphan');
    } else if (finalizers.includes('foregroundDeletion')) {
      const blocking = mine.filter(({ object }) =>
        object.metadata.ownerReferences?.some((ref) => ref.uid === uid && ref.blockOwnerDeletion === true),
      );
      for (const { resource, object } of blocking)
        if (object.metadata.deletionTimestamp === undefined)
          deleteResource(world, kindOf(resource), object.metadata.namespace, object.metadata.name, {
            propagationPolicy: 'Foreground',
          });
      if (blocking.length === 0) dropFinalizer(world, owner, 'foregroundDeletion');
    }
  }
}
