/**
 * Where objects are kept: with uid, resourceVersion and generation, in order of creation, and the log of their changes, which
 * control loops and watches follow. It checks nothing: clients go through {@link import('../api/write.ts')}, which does.
 */
import { nextU32 } from '../../kernel/rng.ts';
import type { World } from '../../kernel/world.ts';
import type { Change, Cluster, KubeObject } from '../types.ts';
import { matchesSelector } from './selector.ts';

/** Changes kept for those that follow; who falls further behind lists anew (410 Gone). */
const LOG_LIMIT = 4096;

/** A cluster without objects. */
export const createCluster = (): Cluster => ({ resourceVersion: 1000, objects: new Map(), log: [], told: new Map() });

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

function record(cluster: Cluster, type: Change['type'], resource: string, object: KubeObject): void {
  const version = ++cluster.resourceVersion;
  object.metadata.resourceVersion = String(version);
  cluster.log.push({ version, type, resource, object });
  if (cluster.log.length > 2 * LOG_LIMIT) cluster.log.splice(0, LOG_LIMIT);
}

/** Changes after a version, oldest first; null when the log does not reach back so far (then list). */
export function changesSince(world: World, version: number): readonly Change[] | null {
  const { log, resourceVersion } = clusterOf(world);
  if (version >= resourceVersion) return [];
  const oldest = log[0]?.version;
  if (oldest === undefined || version < oldest - 1) return null;
  // Versions rise by one from entry to entry.
  return log.slice(version + 1 - oldest);
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

/** Kinds whose registry keeps no generation. Source: kubernetes/kubernetes pkg/registry/core (PrepareForCreate). */
const UNCOUNTED = new Set([
  'configmaps',
  'secrets',
  'serviceaccounts',
  'namespaces',
  'services',
  'nodes',
  'endpoints',
  'events',
  'leases',
]);

/** Stores a new object; gives it uid, resourceVersion and times. Null when its name is taken. */
export function insertObject(world: World, resource: string, object: KubeObject): KubeObject | null {
  const { metadata } = object;
  if (metadata.generateName && !metadata.name) metadata.name = metadata.generateName + randomSuffix(world);
  const objects = table(world, resource);
  const at = key(metadata.namespace, metadata.name);
  if (objects.has(at)) return null;
  metadata.uid ??= newUid(world);
  metadata.creationTimestamp ??= timestamp(world);
  if (!UNCOUNTED.has(resource)) metadata.generation ??= 1;
  objects.set(at, object);
  record(clusterOf(world), 'ADDED', resource, object);
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

/** Objects in order of creation. */
export function listObjects(world: World, resource: string, options: ListOptions = {}): KubeObject[] {
  const found = [...(world.cluster?.objects.get(resource)?.values() ?? [])];
  const { namespace, selector } = options;
  if (namespace === undefined && selector === undefined) return found;
  return found.filter(
    (o) =>
      (namespace === undefined || o.metadata.namespace === namespace) &&
      (selector === undefined || matchesSelector(o.metadata.labels ?? {}, selector)),
  );
}

/** Tells those that follow that an object was changed in place. `spec` raises its generation. */
export function touchObject(world: World, resource: string, object: KubeObject, spec = false): void {
  if (spec && !UNCOUNTED.has(resource)) object.metadata.generation = (object.metadata.generation ?? 0) + 1;
  record(clusterOf(world), 'MODIFIED', resource, object);
}

/** Puts an object in the place of the one with its name and uid. False when there is none. `spec` raises its generation. */
export function replaceObject(world: World, resource: string, object: KubeObject, spec: boolean): boolean {
  const { namespace, name } = object.metadata;
  const objects = table(world, resource);
  if (!objects.has(key(namespace, name))) return false;
  objects.set(key(namespace, name), object);
  touchObject(world, resource, object, spec);
  return true;
}

/** Takes an object out, whatever finalizers say. False when there was none. Garbage collection deletes what it owned. */
export function removeObject(world: World, resource: string, namespace: string | undefined, name: string): boolean {
  const object = getObject(world, resource, namespace, name);
  if (!object) return false;
  table(world, resource).delete(key(namespace, name));
  record(clusterOf(world), 'DELETED', resource, object);
  return true;
}
