/**
 * Reading an object by its kind's schema: wrong types are refused, unknown fields are reported.
 * Source: sigs.k8s.io/json (strict decoding), encoding/json's UnmarshalTypeError.
 */
import { isList, isMap, isStruct, list, map, type Scalar, type Schema, type Struct, struct } from '../kinds/schema.ts';

const OWNER = struct('OwnerReference', {
  apiVersion: 'string',
  kind: 'string',
  name: 'string',
  uid: 'string',
  controller: 'bool',
  blockOwnerDeletion: 'bool',
});

/** metadata of every object. */
export const META: Struct = struct('ObjectMeta', {
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  selfLink: 'string',
  uid: 'string',
  resourceVersion: 'string',
  generation: 'int64',
  creationTimestamp: 'time',
  deletionTimestamp: 'time',
  deletionGracePeriodSeconds: 'int64',
  labels: map('string'),
  annotations: map('string'),
  ownerReferences: list(OWNER, 'uid'),
  finalizers: list('string', ''),
  managedFields: 'any',
});

export interface Decoded {
  /** Paths of fields that the schema lacks: `spec.containers[0].foo`. */
  unknown: string[];
  /** The first value of a wrong type, worded as the server's decoder does; null when there is none. */
  mismatch: string | null;
}

const GO_TYPE: Record<Scalar, string> = {
  string: 'string',
  int32: 'int32',
  int64: 'int64',
  float64: 'float64',
  bool: 'bool',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
  time: 'time.Time',
  bytes: '[]uint8',
  any: 'interface {}',
};

const jsonType = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;

function fits(value: unknown, schema: Scalar): boolean {
  switch (schema) {
    case 'string':
    case 'time':
    case 'bytes':
      return typeof value === 'string';
    case 'int32':
    case 'int64':
      return typeof value === 'number' && Number.isInteger(value);
    case 'float64':
      return typeof value === 'number';
    case 'bool':
      return typeof value === 'boolean';
    case 'quantity':
    case 'intOrString':
      return typeof value === 'string' || typeof value === 'number';
    case 'any':
      return true;
  }
}

const goType = (schema: Schema): string => {
  if (typeof schema === 'string') return GO_TYPE[schema];
  if (isList(schema)) return `[]${goType(schema.list)}`;
  if (isMap(schema)) return `map[string]${goType(schema.map)}`;
  return `v1.${schema.type}`;
};

class Walk {
  readonly unknown: string[] = [];
  mismatch: string | null = null;

  /** `owner` is the struct whose field this is; `fields` the names without indices. */
  value(value: unknown, schema: Schema, path: string, owner: string, fields: string): void {
    if (value === null || value === undefined || this.mismatch !== null) return;
    const wrong = (): void => {
      this.mismatch = `json: cannot unmarshal ${jsonType(value) === 'number' && !Number.isInteger(value) ? `number ${String(value)}` : jsonType(value)} into Go struct field ${owner}.${fields} of type ${goType(schema)}`;
    };
    if (typeof schema === 'string') {
      if (!fits(value, schema)) wrong();
    } else if (isList(schema)) {
      if (!Array.isArray(value)) wrong();
      else for (const [i, item] of value.entries()) this.value(item, schema.list, `${path}[${i}]`, owner, fields);
    } else if (typeof value !== 'object' || Array.isArray(value)) wrong();
    else if (isMap(schema)) {
      for (const [k, item] of Object.entries(value)) this.value(item, schema.map, `${path}.${k}`, owner, fields);
    } else if (isStruct(schema)) this.struct(value as Record<string, unknown>, schema, path, fields);
  }

  struct(value: Record<string, unknown>, schema: Struct, path: string, fields: string): void {
    for (const [name, item] of Object.entries(value)) {
      const field = schema.fields[name];
      const at = path === '' ? name : `${path}.${name}`;
      if (field === undefined) this.unknown.push(at);
      else this.value(item, field, at, schema.type, fields === '' ? name : `${fields}.${name}`);
    }
  }
}

/** Checks an object against its kind's fields; nothing is found wrong with one whose kind has no schema. */
export function decode(object: Record<string, unknown>, schema: Struct | undefined): Decoded {
  const walk = new Walk();
  if (schema) {
    const whole = struct(schema.type, { apiVersion: 'string', kind: 'string', metadata: META, ...schema.fields });
    walk.struct(object, whole, '', '');
  }
  return { unknown: walk.unknown, mismatch: walk.mismatch };
}
