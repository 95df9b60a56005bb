/**
 * The shape of an object's fields, as far as the API server and its clients act on it: unknown fields and wrong types are
 * refused by it, strategic merge patches merge lists by its keys, `kubectl explain` and OpenAPI are written from it.
 */

/** A scalar by its Go type, `any` for what is not looked into, or a composite. */
export type Schema = Scalar | ListSchema | MapSchema | Struct;

export type Scalar =
  | 'string'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'bool'
  | 'quantity'
  | 'intOrString'
  | 'time'
  | 'bytes'
  | 'any';

export interface ListSchema {
  list: Schema;
  /** The field that tells elements apart (patchMergeKey); `''` merges scalars as a set; absent: the list is replaced whole. */
  key?: string;
}

export interface MapSchema {
  map: Schema;
}

export interface Struct {
  /** Its Go type, as errors and `kubectl explain` name it: `PodSpec`. */
  type: string;
  fields: Readonly<Record<string, Schema>>;
  required?: readonly string[];
}

export const isStruct = (schema: Schema): schema is Struct => typeof schema === 'object' && 'fields' in schema;
export const isList = (schema: Schema): schema is ListSchema => typeof schema === 'object' && 'list' in schema;
export const isMap = (schema: Schema): schema is MapSchema => typeof schema === 'object' && 'map' in schema;

/** A struct by its Go type's name. */
export const struct = (type: string, fields: Struct['fields'], more: Partial<Struct> = {}): Struct => ({
  type,
  fields,
  ...more,
});

export const list = (schema: Schema, key?: string): ListSchema => ({
  list: schema,
  ...(key === undefined ? {} : { key }),
});
export const map = (schema: Schema): MapSchema => ({ map: schema });
