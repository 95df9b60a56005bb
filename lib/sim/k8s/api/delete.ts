/**
 * Deleting: at once, or by setting deletionTimestamp where a grace period or finalizers keep the object until those that have to
 * act on it did. Source: k8s.io/apiserver pkg/registry/generic/registry/store.go, pkg/registry/rest/delete.go.
 */
import type { World } from '../../kernel/world.ts';
import type { Kind } from '../kinds/kind.ts';
import { formatTime, getObject, removeObject, touchObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { type ApiError, conflict, notFound } from './status.ts';

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  /** Refuse unless the stored object has this uid. */
  uid?: string;
  dryRun?: boolean;
}

const FINALIZER = { Foreground: 'foregroundDeletion', Orphan: 'orphan' } as const;

/** Takes out an object that waits for nothing any more. */
export function removeIfDone(world: World, kind: Kind, object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers, namespace, name } = object.metadata;
  if (deletionTimestamp === undefined || (finalizers ?? []).length > 0) return false;
  if (
    (deletionGracePeriodSeconds ?? 0) > 0 ||
    (kind.name === 'namespaces' && (object.spec?.finalizers ?? []).length > 0)
  )
    return false;
  return removeObject(world, kind.name, namespace, name);
}

/** Deletes, or marks for deletion. Answers the object as it was left. */
export function deleteResource(
  world: World,
  kind: Kind,
  namespace: string | undefined,
  name: string,
  options: DeleteOptions = {},
): KubeObject | ApiError {
  const object = getObject(world, kind.name, kind.namespaced ? namespace : undefined, name);
  if (!object) return notFound(kind, name);
  const { metadata } = object;
  if (options.uid !== undefined && options.uid !== metadata.uid)
    return conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${options.uid}, UID in object meta: ${metadata.uid}`,
    );
  if (options.dryRun) return object;
  const asked = options.gracePeriodSeconds ?? kind.gracePeriod?.(object) ?? 0;
  const grace = kind.gracePeriod ? Math.max(0, asked) : 0;
  const policy = options.propagationPolicy;
  if (policy === 'Foreground' || policy === 'Orphan') {
    const finalizer = FINALIZER[policy];
    if (!metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
  }
  if (metadata.deletionTimestamp !== undefined) {
    // A second deletion may only shorten what the first left.
    if (grace >= (metadata.deletionGracePeriodSeconds ?? 0) && grace > 0) return object;
  }
  metadata.deletionTimestamp = formatTime(world.epoch + Math.floor(world.now / 1_000_000) + grace);
  metadata.deletionGracePeriodSeconds = grace;
  if (kind.name === 'namespaces') object.status = { ...object.status, phase: 'Terminating' };
  if (!removeIfDone(world, kind, object)) touchObject(world, kind.name, object, true);
  return object;
}
