/**
 * Garbage collection: dependents of owners that are gone are deleted; owners that are deleted in the foreground wait for theirs, and
 * orphaned ones are let go. Source: kubernetes/kubernetes pkg/controller/garbagecollector.
 */
import { deleteResource, removeIfDone } from '../api/delete.ts';
import { kindOf } from '../kinds/resources.ts';
import { touchObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { enqueue, type Loop } from './follow/loop.ts';
import { type Context, objectOf } from './follow/memory.ts';
import { keysOf } from './follow/terms.ts';

const NAME = 'garbage';

const resourceOf = (id: string): string => id.slice(0, id.indexOf(' '));

function dropFinalizer({ world }: Context, id: string, object: KubeObject, finalizer: string): void {
  object.metadata.finalizers = object.metadata.finalizers?.filter((f) => f !== finalizer);
  if (!removeIfDone(world, kindOf(resourceOf(id)), object)) touchObject(world, resourceOf(id), object);
}

/** Deletes what has owners none of which is there. */
function collect({ world, memory }: Context, id: string, object: KubeObject): void {
  const { ownerReferences = [], deletionTimestamp, namespace, name } = object.metadata;
  if (ownerReferences.length === 0 || deletionTimestamp !== undefined) return;
  if (ownerReferences.every((ref) => !memory.ids.has(ref.uid)))
    deleteResource(world, kindOf(resourceOf(id)), namespace, name);
}

/** What an owner that is being deleted waits for. */
function finish(context: Context, id: string, owner: KubeObject): void {
  const { world, memory } = context;
  const { finalizers = [], uid = '', deletionTimestamp } = owner.metadata;
  if (deletionTimestamp === undefined) return;
  const mine = keysOf(memory.dependents, uid).flatMap((at) => {
    const object = objectOf(world, at);
    return object ? [{ at, object }] : [];
  });
  if (finalizers.includes('orphan')) {
    for (const { at, object } of mine) {
      object.metadata.ownerReferences = object.metadata.ownerReferences?.filter((ref) => ref.uid !== uid);
      touchObject(world, resourceOf(at), object);
    }
    dropFinalizer(context, id, owner, 'orphan');
  } else if (finalizers.includes('foregroundDeletion')) {
    const blocking = mine.filter(({ object }) =>
      object.metadata.ownerReferences?.some((ref) => ref.uid === uid && ref.blockOwnerDeletion === true),
    );
    for (const { at, object } of blocking)
      if (object.metadata.deletionTimestamp === undefined)
        deleteResource(world, kindOf(resourceOf(at)), object.metadata.namespace, object.metadata.name, {
          propagationPolicy: 'Foreground',
        });
    if (blocking.length === 0) dropFinalizer(context, id, owner, 'foregroundDeletion');
  }
}

export const garbage: Loop = {
  name: NAME,
  follow({ memory }, change) {
    const { object, gone, owners, id, formerUid } = change;
    if (!gone && (owners.length > 0 || object.metadata.finalizers !== undefined)) enqueue(memory, NAME, id);
    for (const uid of [gone ? object.metadata.uid : undefined, formerUid])
      if (uid !== undefined) for (const at of keysOf(memory.dependents, uid)) enqueue(memory, NAME, at);
    // An owner may wait for this one.
    if (gone)
      for (const uid of owners) {
        const at = memory.ids.get(uid);
        if (at !== undefined) enqueue(memory, NAME, at);
      }
  },
  sync(context, id) {
    const object = objectOf(context.world, id);
    if (!object) return undefined;
    finish(context, id, object);
    if (objectOf(context.world, id) === object) collect(context, id, object);
    return undefined;
  },
};
