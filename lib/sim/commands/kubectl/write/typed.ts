/**
 * Objects as Go's structs print them: fields in the order of their declaration, and the structs that are there even when nothing
 * is in them. What typed clients print; untyped ones print what they were given, sorted. Source: k8s.io/api types.go (1.33).
 */
import { META } from '../../../k8s/api/decode.ts';
import type { Kind } from '../../../k8s/kinds/kind.ts';
import { isList, isMap, isStruct, type Schema, type Struct, struct } from '../../../k8s/kinds/schema.ts';
import type { KubeObject } from '../../../k8s/types.ts';

/** Fields that are structs, not pointers, and have no omitempty that works on them. */
const ALWAYS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ObjectMeta: { creationTimestamp: null },
  Container: { resources: {} },
  EphemeralContainer: { resources: {} },
  PodTemplateSpec: { metadata: {}, spec: {} },
  DeploymentSpec: { strategy: {} },
  DaemonSetSpec: { updateStrategy: {} },
  StatefulSetSpec: { updateStrategy: {} },
  Namespace: { spec: {}, status: {} },
  Node: { spec: {}, status: {} },
  Pod: { spec: {}, status: {} },
  Deployment: { spec: {}, status: {} },
  DaemonSet: { spec: {}, status: {} },
  StatefulSet: { spec: {}, status: {} },
  ReplicaSet: { spec: {}, status: {} },
  Job: { spec: {}, status: {} },
  Service: { spec: {}, status: {} },
  ServiceStatus: { loadBalancer: {} },
  Ingress: { spec: {}, status: {} },
  IngressStatus: { loadBalancer: {} },
  NetworkPolicy: { spec: {} },
  NetworkPolicySpec: { podSelector: {} },
};

function shape(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) return isList(schema) ? value.map((v) => shape(v, schema.list)) : value;
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Record<string, unknown>;
  if (isMap(schema)) {
    const keys = Object.keys(record).sort();
    return Object.fromEntries(keys.map((k) => [k, shape(record[k], schema.map)]));
  }
  if (!isStruct(schema)) return value;
  const always = ALWAYS[schema.type] ?? {};
  const out: Record<string, unknown> = {};
  for (const [field, of] of Object.entries(schema.fields)) {
    const given = record[field] ?? always[field];
    if (given !== undefined) out[field] = shape(given, of);
  }
  for (const [field, given] of Object.entries(record)) if (!(field in schema.fields)) out[field] = given;
  return out;
}

/** A copy of the object as its Go type prints it. */
export function typed(kind: Kind, object: KubeObject): KubeObject {
  const whole: Struct = struct(kind.kind, {
    kind: 'string',
    apiVersion: 'string',
    metadata: META,
    ...kind.schema?.fields,
  });
  return shape(object, whole) as KubeObject;
}
