/**
 * Creating and changing objects as clients do: decoded, defaulted, allocated for, validated, then stored. Answers the object as
 * stored, or the refusal. Source: k8s.io/apiserver pkg/endpoints/handlers, pkg/registry/rest.
 */
import type { World } from '../../kernel/world.ts';
import type { Kind } from '../kinds/kind.ts';
import { clone, same } from '../store/clone.ts';
import { getObject, insertObject, replaceObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { decode } from './decode.ts';
import { removeIfDone } from './delete.ts';
import * as names from './names.ts';
import { jsonPatch } from './patch/json.ts';
import { mergePatch } from './patch/merge.ts';
import { strategicPatch } from './patch/strategic.ts';
import {
  type ApiError,
  alreadyExists,
  badRequest,
  conflict,
  type FieldError,
  forbidden,
  invalid,
  isApiError,
  notFound,
  STALE,
} from './status.ts';

export interface WriteOptions {
  /** Do all but store it. */
  dryRun?: boolean;
  /** What happens to unknown fields: refused, reported, or dropped. */
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  /** `status` changes status alone; without it status stays as it is. */
  subresource?: 'status' | 'scale';
  /** Called with each warning that a response's header would carry. */
  warn?(text: string): void;
}

/** Go's decoder takes a null for a field that is not there. */
function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) for (const item of value) withoutNulls(item);
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) {
      if (item === null) delete (value as Record<string, unknown>)[key];
      else withoutNulls(item);
    }
  return value;
}

/** As the server names a kind in "cannot be handled as". */
const version = (kind: Kind): string => kind.apiVersion.split('/').at(-1) as string;

function decoded(kind: Kind, object: KubeObject, options: WriteOptions): ApiError | null {
  const { unknown, mismatch } = decode(object, kind.schema);
  const refuse = (why: string): ApiError =>
    badRequest(`${kind.kind} in version "${version(kind)}" cannot be handled as a ${kind.kind}: ${why}`);
  if (mismatch !== null) return refuse(mismatch);
  if (unknown.length === 0) return null;
  const texts = unknown.map((path) => `unknown field "${path}"`);
  if (options.fieldValidation === 'Strict') return refuse(`strict decoding error: ${texts.join(', ')}`);
  if (options.fieldValidation === 'Warn') for (const text of texts) options.warn?.(text);
  for (const path of unknown) drop(object, path);
  return null;
}

function drop(object: KubeObject, path: string): void {
  const parts = path.split(/\.|(?=\[)/);
  let at: Record<string, unknown> = object;
  for (const part of parts.slice(0, -1)) {
    const next = part.startsWith('[') ? (at as unknown as unknown[])[Number(part.slice(1, -1))] : at[part];
    if (typeof next !== 'object' || next === null) return;
    at = next as Record<string, unknown>;
  }
  delete at[parts.at(-1) as string];
}

const NAME_RULES: Record<string, (name: string) => string[]> = { services: names.label1035, namespaces: names.label };

function metaErrors(kind: Kind, object: KubeObject): FieldError[] {
  const { name, generateName, labels, annotations } = object.metadata;
  if (!name && !generateName)
    return [{ type: 'Required value', field: 'metadata.name', detail: 'name or generateName is required' }];
  const rule = NAME_RULES[kind.name] ?? names.subdomain;
  return [
    ...(name ? rule(name) : []).map(
      (detail): FieldError => ({ type: 'Invalid value', field: 'metadata.name', value: name, detail }),
    ),
    ...names.annotations(annotations, 'metadata.annotations'),
    ...names.labels(labels, 'metadata.labels'),
  ];
}

/** Defaults, allocation, validation. */
function admit(world: World, kind: Kind, object: KubeObject, old: KubeObject | null): ApiError | null {
  kind.defaults?.(object);
  if (old) kind.inherit?.(object, old);
  const before = metaErrors(kind, object);
  const errors = before.length > 0 ? before : (kind.validate?.(object, old) ?? []);
  if (errors.length > 0) return invalid(kind, object.metadata.name, errors);
  const prepared = kind.prepare?.(world, object, old) ?? null;
  if (isApiError(prepared)) return prepared;
  return prepared && prepared.length > 0 ? invalid(kind, object.metadata.name, prepared) : null;
}

/** Stores a new object. */
export function createResource(
  world: World,
  kind: Kind,
  given: KubeObject,
  options: WriteOptions = {},
): KubeObject | ApiError {
  const object = withoutNulls(clone(given));
  const wrong = decoded(kind, object, options);
  if (wrong) return wrong;
  const { metadata } = object;
  if (!kind.namespaced) delete metadata.namespace;
  for (const field of ['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'deletionTimestamp'] as const)
    delete metadata[field];
  if (kind.namespaced) {
    const namespace = getObject(world, 'namespaces', undefined, metadata.namespace ?? '');
    if (!namespace) return notFound({ name: 'namespaces', apiVersion: 'v1' }, metadata.namespace ?? '');
    if (namespace.metadata.deletionTimestamp)
      return forbidden(
        kind,
        metadata.name,
        `unable to create new content in namespace ${metadata.namespace} because it is being terminated`,
      );
  }
  if (metadata.name && getObject(world, kind.name, metadata.namespace, metadata.name))
    return alreadyExists(kind, metadata.name);
  const refused = admit(world, kind, object, null);
  if (refused) return refused;
  if (options.dryRun) return object;
  return insertObject(world, kind.name, object) ?? alreadyExists(kind, metadata.name);
}

/** Whether the change reaches what a generation counts: anything outside metadata and status. */
function specChanged(old: KubeObject, object: KubeObject): boolean {
  const bare = ({ metadata: _m, status: _s, ...rest }: KubeObject): unknown => rest;
  return !same(bare(old), bare(object));
}

/** Puts an object in the place of the stored one. A resourceVersion that is not the stored one's is refused as stale. */
export function updateResource(
  world: World,
  kind: Kind,
  given: KubeObject,
  options: WriteOptions = {},
): KubeObject | ApiError {
  const { namespace, name, resourceVersion, uid } = given.metadata;
  const old = getObject(world, kind.name, kind.namespaced ? namespace : undefined, name);
  if (!old) return notFound(kind, name);
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) return conflict(kind, name, STALE);
  if (uid && uid !== old.metadata.uid)
    return conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    );
  const object = withoutNulls(clone(given));
  const wrong = decoded(kind, object, options);
  if (wrong) return wrong;
  if (options.subresource === 'status') {
    const status = object.status;
    Object.assign(object, clone(old));
    object.status = status;
  } else if (kind.subresources?.includes('status')) {
    if (old.status === undefined) delete object.status;
    else object.status = clone(old.status);
  }
  Object.assign(object.metadata, {
    uid: old.metadata.uid,
    creationTimestamp: old.metadata.creationTimestamp,
    generation: old.metadata.generation,
    resourceVersion: old.metadata.resourceVersion,
  });
  for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if (old.metadata[field] === undefined) delete object.metadata[field];
    else (object.metadata as unknown as Record<string, unknown>)[field] = old.metadata[field];
  }
  const refused = admit(world, kind, object, old);
  if (refused) return refused;
  if (options.dryRun || same(old, object)) return object;
  replaceObject(world, kind.name, object, specChanged(old, object));
  removeIfDone(world, kind, object);
  return object;
}

export type PatchType = 'json' | 'merge' | 'strategic';

/** Patches the stored object. */
export function patchResource(
  world: World,
  kind: Kind,
  namespace: string | undefined,
  name: string,
  patch: { type: PatchType; body: unknown },
  options: WriteOptions = {},
): KubeObject | ApiError {
  const old = getObject(world, kind.name, kind.namespaced ? namespace : undefined, name);
  if (!old) return notFound(kind, name);
  let value: unknown;
  if (patch.type === 'json') {
    const result = jsonPatch(old, patch.body);
    if (!result.ok)
      return {
        code: 422,
        reason: 'Invalid',
        message: `the server rejected our request due to an error in our request`,
      };
    value = result.value;
  } else if (patch.type === 'merge') value = mergePatch(clone(old), patch.body);
  else value = strategicPatch(clone(old), patch.body, kind.schema);
  const object = value as KubeObject;
  if (object.metadata?.name !== name || object.apiVersion !== old.apiVersion || object.kind !== old.kind)
    return badRequest(`the name of the object (${object.metadata?.name}) does not match the name on the URL (${name})`);
  return updateResource(world, kind, object, options);
}
