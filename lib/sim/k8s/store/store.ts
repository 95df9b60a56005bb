/**
 * The API server's store: objects with uid, resourceVersion and generation, in order of creation. Control loops wait on
 * {@link revision}. Errors are worded as the API server words them (k8s.io/apimachinery pkg/api/errors).
 */
import { nextU32 } from '../../kernel/rng.ts';
import type { World } from '../../kernel/world.ts';
import { findResource, groupOf, type Resource } from '../kinds/resources.ts';
import type { Cluster, KubeObject } from '../types.ts';
import { matchesSelector } from './selector.ts';

export interface ApiError {
  code: number;
  reason: string;
  message: string;
}

export const isApiError = (value: unknown): value is ApiError =>
  typeof value === 'object' && value !== null && 'code' in value && 'reason' in value && 'message' in value;

/** The cluster of a world. Throws where there is none: callers ask for a cluster scene first. */
export function clusterOf(world: World): Cluster {
  if (!world.cluster) throw new Error('this scene has no cluster');
  return world.cluster;
}

/** Changes at every write. */
export const revision = (world: World): number => world.cluster?.resourceVersion ?? 0;

/** Virtual time as the API writes it: RFC 3339, whole seconds. */
export function timestamp(world: World, at = world.now): string {
  return formatTime(world.epoch + Math.floor(at / 1_000_000));
}

/** Unix seconds as RFC 3339 in UTC. */
export function formatTime(unix: number): string {
  return new Date(unix * 1000).toISOString().replace('.000Z', 'Z');
}

const key = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;

function table(world: World, resource: string): Map<string, KubeObject> {
  const { objects } = clusterOf(world);
  let found = objects.get(resource);
  if (!found) objects.set(resource, (found = new Map()));
  return found;
}

/** A random uid in the form of RFC 4122. */
export function newUid(world: World): string {
  const hex = [0, 1, 2, 3].map(() => nextU32(world.rng).toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const SUFFIX = 'bcdfghjklmnpqrstvwxz2456789';

/** Five letters as generateName appends (k8s.io/apimachinery pkg/util/rand). */
export function randomSuffix(world: World, length = 5): string {
  let text = '';
  for (let i = 0; i < length; i++) text += SUFFIX[nextU32(world.rng) % SUFFIX.length];
  return text;
}

const qualified = (resource: Resource): string =>
  groupOf(resource) ? `${resource.name}.${groupOf(resource)}` : resource.name;

export const notFound = (resource: string, name: string): ApiError => {
  const found = findResource(resource);
  return { code: 404, reason: 'NotFound', message: `${found ? qualified(found) : resource} "${name}" not found` };
};

/** Stores a new object; gives it uid, resourceVersion and times. Answers it, or AlreadyExists. */
export function createObject(world: World, resource: string, object: KubeObject): KubeObject | ApiError {
  const { metadata } = object;
  if (metadata.generateName && !metadata.name) metadata.name = metadata.generateName + randomSuffix(world);
  const objects = table(world, resource);
  const at = key(metadata.namespace, metadata.name);
  if (objects.has(at)) {
    const found = findResource(resource);
    return {
      code: 409,
      reason: 'AlreadyExists',
      message: `${found ? qualified(found) : resource} "${metadata.name}" already exists`,
    };
  }
  metadata.uid ??= newUid(world);
  metadata.creationTimestamp ??= timestamp(world);
  metadata.generation ??= 1;
  metadata.resourceVersion = String(++clusterOf(world).resourceVersion);
  objects.set(at, object);
  return object;
}

/** The object, or undefined. */
export const getObject = (
  world: World,
  resource: string,
  namespace: string | undefined,
  name: string,
): KubeObject | undefined => world.cluster?.objects.get(resource)?.get(key(namespace, name));

export interface ListOptions {
  namespace?: string;
  /** Label selector text: `app=web,tier!=db`. */
  selector?: string;
}

/** Objects in order of creation, or by namespace and name as kubectl receives them when `sorted`. */
export function listObjects(world: World, resource: string, options: ListOptions = {}): KubeObject[] {
  const found = [...(world.cluster?.objects.get(resource)?.values() ?? [])];
  return found.filter(
    (o) =>
      (options.namespace === undefined || o.metadata.namespace === options.namespace) &&
      (options.selector === undefined || matchesSelector(o.metadata.labels ?? {}, options.selector)),
  );
}

/** Tells watchers that an object was changed in place. `spec` raises its generation. */
export function touchObject(world: World, object: KubeObject, spec = false): void {
  if (spec) object.metadata.generation = (object.metadata.generation ?? 0) + 1;
  object.metadata.resourceVersion = String(++clusterOf(world).resourceVersion);
}

/** Puts an object in the place of the one with its name. Answers it, or NotFound. */
export function replaceObject(world: World, resource: string, object: KubeObject): KubeObject | ApiError {
  const { namespace, name } = object.metadata;
  const old = getObject(world, resource, namespace, name);
  if (!old) return notFound(resource, name);
  object.metadata.uid = old.metadata.uid;
  object.metadata.creationTimestamp = old.metadata.creationTimestamp;
  table(world, resource).set(key(namespace, name), object);
  touchObject(world, object, true);
  return object;
}

/** Removes an object, and what it owns. False when there was none. */
export function deleteObject(world: World, resource: string, namespace: string | undefined, name: string): boolean {
  const object = getObject(world, resource, namespace, name);
  if (!object) return false;
  table(world, resource).delete(key(namespace, name));
  clusterOf(world).resourceVersion++;
  for (const [owned, objects] of clusterOf(world).objects) {
    for (const o of [...objects.values()]) {
      if (o.metadata.ownerReferences?.some((ref) => ref.uid === object.metadata.uid))
        deleteObject(world, owned, o.metadata.namespace, o.metadata.name);
    }
  }
  return true;
}
