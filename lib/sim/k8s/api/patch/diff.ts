/**
 * The strategic merge patch between what was applied last, what is to be applied and what the server has: what `kubectl apply`
 * sends. Source: k8s.io/apimachinery pkg/util/strategicpatch/patch.go (CreateThreeWayMergePatch), pkg/util/jsonmergepatch.
 */

import { isRecord } from '../../../text/record.ts';
import { isList, isMap, isStruct, type Schema } from '../../kinds/schema.ts';
import { clone, same } from '../../store/clone.ts';

type Fields = Record<string, unknown>;

interface Options {
  /** Leave out what `to` lacks. */
  ignoreDeletions: boolean;
  /** Leave out what `to` has anew or otherwise. */
  ignoreChanges: boolean;
}

/** Structs of which a change of one field drops those that are not named (patchStrategy retainKeys). */
const RETAIN = new Set(['DeploymentStrategy', 'Volume']);

const inner = (schema: Schema | undefined, field: string): Schema | undefined => {
  if (schema === undefined || typeof schema === 'string') return undefined;
  if (isStruct(schema)) return schema.fields[field];
  return isMap(schema) ? schema.map : undefined;
};

const keyed = (list: readonly unknown[], key: string, value: unknown): Fields | undefined =>
  list.find((item): item is Fields => isRecord(item) && same(item[key], value));

function diffScalars(out: Fields, field: string, from: unknown[], to: unknown[], options: Options): void {
  const added = options.ignoreChanges ? [] : to.filter((v) => !from.some((x) => same(x, v)));
  const removed = options.ignoreDeletions ? [] : from.filter((v) => !to.some((x) => same(x, v)));
  if (added.length > 0) out[field] = clone(added);
  if (removed.length > 0) out[`$deleteFromPrimitiveList/${field}`] = clone(removed);
  if (added.length > 0 || removed.length > 0) out[`$setElementOrder/${field}`] = clone(to);
}

function diffObjects(
  out: Fields,
  field: string,
  from: unknown[],
  to: unknown[],
  key: string,
  of: Schema,
  options: Options,
): void {
  const items: Fields[] = [];
  for (const item of to) {
    if (!isRecord(item)) continue;
    const known = keyed(from, key, item[key]);
    if (known) {
      const inside = diff(known, item, of, options);
      if (Object.keys(inside).length > 0) items.push({ ...inside, [key]: item[key] });
    } else if (!options.ignoreChanges) items.push(clone(item));
  }
  if (!options.ignoreDeletions)
    for (const item of from)
      if (isRecord(item) && !keyed(to, key, item[key])) items.push({ $patch: 'delete', [key]: item[key] });
  if (items.length === 0) return;
  out[`$setElementOrder/${field}`] = to.flatMap((item) => (isRecord(item) ? [{ [key]: item[key] }] : []));
  out[field] = items;
}

function diff(from: Fields, to: Fields, schema: Schema | undefined, options: Options): Fields {
  const out: Fields = {};
  for (const field of [...new Set([...Object.keys(from), ...Object.keys(to)])].sort()) {
    const [a, b] = [from[field], to[field]];
    if (b === undefined) {
      if (!options.ignoreDeletions) out[field] = null;
      continue;
    }
    if (a === undefined) {
      if (!options.ignoreChanges) out[field] = clone(b);
      continue;
    }
    const of = inner(schema, field);
    if (isRecord(a) && isRecord(b)) {
      const inside = diff(a, b, of, options);
      if (Object.keys(inside).length > 0) {
        out[field] = inside;
        if (of !== undefined && typeof of === 'object' && isStruct(of) && RETAIN.has(of.type))
          inside.$retainKeys = Object.keys(b).sort();
      }
    } else if (Array.isArray(a) && Array.isArray(b) && of !== undefined && isList(of) && of.key !== undefined) {
      if (of.key === '') diffScalars(out, field, a, b, options);
      else diffObjects(out, field, a, b, of.key, of.list, options);
    } else if (!options.ignoreChanges && !same(a, b)) out[field] = clone(b);
  }
  return out;
}

function joinLists(left: unknown[], right: unknown[]): unknown[] {
  const key = [
    'name',
    'containerPort',
    'mountPath',
    'port',
    'uid',
    'ip',
    'topologyKey',
    'devicePath',
    'type',
    'key',
  ].find((k) => [...left, ...right].every((item) => isRecord(item) && k in item));
  if (key === undefined) return right;
  const out = [...left];
  for (const item of right as Fields[]) {
    const at = out.findIndex((o) => isRecord(o) && same(o[key], item[key]));
    if (at >= 0) out[at] = join(out[at] as Fields, item);
    else out.push(item);
  }
  return out;
}

/** Two patches as one. */
function join(left: Fields, right: Fields): Fields {
  const out: Fields = { ...left };
  for (const [field, value] of Object.entries(right)) {
    const known = out[field];
    if (isRecord(known) && isRecord(value)) out[field] = join(known, value);
    else if (!field.startsWith('$') && Array.isArray(known) && Array.isArray(value))
      out[field] = joinLists(known, value);
    else out[field] = value;
  }
  return out;
}

/**
 * The patch that makes `current` into `modified`, and takes out what `original` had and `modified` has no more; what others
 * added to `current` stays. Without a schema it is a merge patch (RFC 7386). `{}` when nothing is to be done.
 */
export function threeWayPatch(original: Fields, modified: Fields, current: Fields, schema: Schema | undefined): Fields {
  const changes = diff(current, modified, schema, { ignoreDeletions: true, ignoreChanges: false });
  const deletions = diff(original, modified, schema, { ignoreDeletions: false, ignoreChanges: true });
  return join(deletions, changes);
}
