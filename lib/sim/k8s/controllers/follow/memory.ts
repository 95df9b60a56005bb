/**
 * What the control loops know of the API beside its objects: who owns what, where Pods are, and what is still to be looked at.
 * Plain data, brought up to date from the log of changes. Source: client-go's informers, indexers and work queues.
 */
import type { World } from '../../../kernel/world.ts';
import { changesSince, clusterOf, getObject, revision } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { keysOf, newIndex, setTerms, type TermIndex, termsOf } from './terms.ts';

export interface Memory {
  /** The API's revision it has seen to. */
  seen: number;
  /** Uid and place of each object: `pods default/web` ↔ uid. */
  uids: Map<string, string>;
  ids: Map<string, string>;
  /** Objects by the uids of their owners. */
  dependents: TermIndex;
  /** Objects by `ns` and `resource ns`; those without a controller by `orphan resource ns`, too. */
  places: TermIndex;
  /** Pods by `ns k=v` for each label, and by `node NAME` or `unbound`; Services by `svc ns k=v` of their selector's first pair; slices by `slices ns/service`; nodes by `zone NAME`. */
  labels: TermIndex;
  /** What each loop has yet to look at. */
  queues: Map<string, Set<string>>;
  /** When a loop looks at a key again by itself, virtual µs: `loop key`. */
  timers: Map<string, number>;
  /** The last sign of life of each node, when it came (virtual µs), and whether the node was ready then. */
  heard: Map<string, { sign: string; at: number; ready: boolean }>;
  /** Nodes with a taint NoExecute. */
  expelling: Set<string>;
}

export const newMemory = (): Memory => ({
  seen: -1,
  uids: new Map(),
  ids: new Map(),
  dependents: newIndex(),
  places: newIndex(),
  labels: newIndex(),
  queues: new Map(),
  timers: new Map(),
  heard: new Map(),
  expelling: new Set(),
});

/** An object that changed, was made or went. */
export interface Noticed {
  /** `resource ns/name`. */
  id: string;
  resource: string;
  /** `ns/name`. */
  key: string;
  /** As it is; as it was last when it is gone. */
  object: KubeObject;
  gone: boolean;
  /** Uids of its owners, those it had before among them. */
  owners: readonly string[];
  /** Its terms in {@link Memory.labels}, before and now. */
  terms: readonly string[];
  /** Its uid before, when another object has its name now. */
  formerUid: string | undefined;
}

/** What a loop works with. */
export interface Context {
  world: World;
  memory: Memory;
}

export const keyOf = (object: KubeObject): string => `${object.metadata.namespace ?? ''}/${object.metadata.name}`;

/** The object behind `resource ns/name`. */
export function objectOf(world: World, id: string): KubeObject | undefined {
  const space = id.indexOf(' ');
  return clusterOf(world)
    .objects.get(id.slice(0, space))
    ?.get(id.slice(space + 1));
}

/** The object behind `ns/name`. */
export const byKey = (world: World, resource: string, key: string): KubeObject | undefined =>
  clusterOf(world).objects.get(resource)?.get(key);

/** Objects whose ids carry a term. */
export const having = (context: Context, index: TermIndex, term: string): KubeObject[] =>
  keysOf(index, term).flatMap((id) => objectOf(context.world, id) ?? []);

/** The owner that controls it. */
export const controllerOf = (object: KubeObject) => object.metadata.ownerReferences?.find((ref) => ref.controller);

/** The term by which Services with a selector are found: its first pair. */
export function selectorTerm(service: KubeObject): string | null {
  const pairs = Object.entries((service.spec?.selector ?? {}) as Record<string, string>);
  const [first] = pairs.map(([k, v]) => `${k}=${v}`).sort();
  return first === undefined ? null : `svc ${service.metadata.namespace} ${first}`;
}

function labelTerms(resource: string, object: KubeObject): string[] {
  if (resource === 'services') {
    const term = selectorTerm(object);
    return term === null ? [] : [term];
  }
  if (resource === 'nodes') return [`zone ${object.metadata.labels?.['topology.kubernetes.io/zone'] ?? ''}`];
  if (resource === 'endpointslices')
    return [`slices ${object.metadata.namespace}/${object.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`];
  if (resource !== 'pods') return [];
  const { labels, namespace } = object.metadata;
  const terms = Object.entries(labels ?? {}).map(([k, v]) => `${namespace} ${k}=${v}`);
  terms.push(object.spec?.nodeName ? `node ${object.spec.nodeName}` : 'unbound');
  return terms;
}

function placeTerms(resource: string, object: KubeObject): string[] {
  const { namespace } = object.metadata;
  if (namespace === undefined) return [resource];
  const of = `${resource} ${namespace}`;
  return controllerOf(object) ? [namespace, of] : [namespace, of, `orphan ${of}`];
}

/** Brings what is known of one object up to date. */
function notice({ world, memory }: Context, resource: string, last: KubeObject): Noticed {
  const { namespace, name } = last.metadata;
  const key = keyOf(last);
  const id = `${resource} ${key}`;
  const now = getObject(world, resource, namespace, name);
  const former = memory.uids.get(id);
  const owners = [...termsOf(memory.dependents, id)];
  const terms = [...termsOf(memory.labels, id)];
  if (former !== undefined && former !== now?.metadata.uid) memory.ids.delete(former);
  if (now) {
    const uid = now.metadata.uid ?? '';
    memory.uids.set(id, uid);
    memory.ids.set(uid, id);
    setTerms(memory.dependents, id, now.metadata.ownerReferences?.map((ref) => ref.uid) ?? []);
    setTerms(memory.places, id, placeTerms(resource, now));
    setTerms(memory.labels, id, labelTerms(resource, now));
    for (const owner of termsOf(memory.dependents, id)) if (!owners.includes(owner)) owners.push(owner);
    for (const term of termsOf(memory.labels, id)) if (!terms.includes(term)) terms.push(term);
  } else {
    memory.uids.delete(id);
    for (const index of [memory.dependents, memory.places, memory.labels]) setTerms(index, id, []);
  }
  const formerUid = former === now?.metadata.uid ? undefined : former;
  return { id, resource, key, object: now ?? last, gone: now === undefined, owners, terms, formerUid };
}

/** Kinds whose changes no loop follows: they are the loops' own word, or a node's heart-beat. */
const UNHEARD = new Set(['events']);

/** What has changed since it was asked last, each object once; everything when the log does not reach back so far. */
export function noticed(context: Context): Noticed[] {
  const { world, memory } = context;
  const log = memory.seen < 0 ? null : changesSince(world, memory.seen);
  const changed = new Map<KubeObject, string>();
  if (log) for (const { resource, object } of log) changed.set(object, resource);
  else {
    const { queues, timers, heard, expelling } = memory;
    Object.assign(memory, newMemory(), { queues, timers, heard, expelling });
    for (const [resource, objects] of clusterOf(world).objects)
      for (const object of objects.values()) changed.set(object, resource);
  }
  memory.seen = revision(world);
  const done = new Set<string>();
  const result: Noticed[] = [];
  for (const [object, resource] of changed) {
    if (UNHEARD.has(resource)) continue;
    const id = `${resource} ${keyOf(object)}`;
    if (done.has(id)) continue;
    done.add(id);
    result.push(notice(context, resource, object));
  }
  return result;
}
