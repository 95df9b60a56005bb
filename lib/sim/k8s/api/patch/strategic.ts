/**
 * Strategic merge patch: maps merge, lists of objects merge by their merge key, `$patch` and `$deleteFromPrimitiveList` and
 * `$setElementOrder` direct it. Source: k8s.io/apimachinery pkg/util/strategicpatch.
 */

import { isRecord } from '../../../text/record.ts';
import { isList, isMap, isStruct, type Schema } from '../../kinds/schema.ts';
import { clone, same } from '../../store/clone.ts';

const inner = (schema: Schema | undefined, field: string): Schema | undefined => {
  if (schema === undefined || typeof schema === 'string') return undefined;
  if (isStruct(schema)) return schema.fields[field];
  return isMap(schema) ? schema.map : undefined;
};

function mergeList(target: unknown[], patch: unknown[], key: string, element: Schema, order: unknown): unknown[] {
  let out = [...target];
  if (key === '') {
    for (const item of patch) if (!out.some((o) => same(o, item))) out.push(clone(item));
  } else {
    for (const item of patch) {
      if (!isRecord(item)) continue;
      const at = out.findIndex((o) => isRecord(o) && same(o[key], item[key]));
      if (item.$patch === 'delete') {
        if (at >= 0) out.splice(at, 1);
        continue;
      }
      if (item.$patch === 'replace') {
        out = patch.filter((p) => isRecord(p) && p.$patch === undefined).map(clone);
        break;
      }
      if (at >= 0) out[at] = strategicPatch(out[at], item, element);
      else out.push(strategicPatch({}, item, element));
    }
  }
  if (!Array.isArray(order)) return out;
  const place = (value: unknown): number =>
    order.findIndex((o) => (key === '' ? same(o, value) : isRecord(o) && isRecord(value) && same(o[key], value[key])));
  const listed = out.filter((o) => place(o) >= 0).sort((a, b) => place(a) - place(b));
  return [...listed, ...out.filter((o) => place(o) < 0)];
}

/** A new value; neither argument is changed. Fields without a schema merge as RFC 7386 has it. */
export function strategicPatch(target: unknown, patch: unknown, schema: Schema | undefined): unknown {
  if (!isRecord(patch)) return clone(patch);
  const { $patch: directive, ...rest } = patch;
  if (directive === 'delete') return {};
  if (directive === 'replace') return clone(rest);
  const out: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(rest)) {
    if (field.startsWith('$setElementOrder/') || field === '$retainKeys') continue;
    const drop = /^\$deleteFromPrimitiveList\/(.*)$/.exec(field);
    if (drop) {
      const name = drop[1] as string;
      const from = out[name];
      if (Array.isArray(from) && Array.isArray(value)) out[name] = from.filter((v) => !value.some((x) => same(x, v)));
      continue;
    }
    if (value === null) {
      delete out[field];
      continue;
    }
    const of = inner(schema, field);
    const known = out[field];
    if (Array.isArray(value) && of !== undefined && isList(of) && of.key !== undefined) {
      const order = rest[`$setElementOrder/${field}`];
      out[field] = mergeList(Array.isArray(known) ? known : [], value, of.key, of.list, order);
    } else if (isRecord(value)) out[field] = strategicPatch(known, value, of);
    else out[field] = clone(value);
  }
  const keep = rest.$retainKeys;
  if (Array.isArray(keep)) for (const field of Object.keys(out)) if (!keep.includes(field)) delete out[field];
  return out;
}
