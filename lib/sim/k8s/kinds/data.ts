/** What is wrong with ConfigMaps and Secrets. Source: kubernetes/kubernetes pkg/apis/core/validation/validation.go (1.34). */
import type { FieldError } from '../api/status.ts';
import { same } from '../store/clone.ts';
import type { KubeObject } from '../types.ts';
import { forbiddenField, immutable, invalids, invalidValue, required } from './shapes/check.ts';

const KEY =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** Bytes of all values. */
const MOST = 1024 * 1024;

function keyErrors(key: string): string[] {
  const out: string[] = [];
  if (key.length > 253) out.push('must be no more than 253 characters');
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) out.push(KEY);
  if (key === '.') out.push("must not be '.'");
  else if (key === '..') out.push("must not be '..'");
  else if (key.startsWith('..')) out.push("must not start with '..'");
  return out;
}

const size = (data: Record<string, string> | undefined, bytes: (text: string) => number): number =>
  Object.values(data ?? {}).reduce((n, text) => n + bytes(text), 0);

function frozen(o: KubeObject, old: KubeObject | null, fields: readonly string[]): FieldError[] {
  if (!old?.immutable) return [];
  const out: FieldError[] = [];
  if (!o.immutable) out.push(forbiddenField('immutable', 'field is immutable when `immutable` is set'));
  for (const field of fields)
    if (!same(o[field] ?? {}, old[field] ?? {}))
      out.push(forbiddenField(field, 'field is immutable when `immutable` is set'));
  return out;
}

export function validateConfigMap(o: KubeObject, old: KubeObject | null): FieldError[] {
  const out: FieldError[] = [];
  for (const key of Object.keys(o.data ?? {})) {
    out.push(...invalids(`data[${key}]`, key, keyErrors(key)));
    if (Object.hasOwn(o.binaryData ?? {}, key))
      out.push(invalidValue(`data[${key}]`, key, `duplicate of key present in binaryData`));
  }
  for (const key of Object.keys(o.binaryData ?? {})) out.push(...invalids(`binaryData[${key}]`, key, keyErrors(key)));
  if (size(o.data, (t) => t.length) + size(o.binaryData, (t) => (t.length * 3) / 4) > MOST)
    out.push({ type: 'Too long', field: '', detail: `may not be more than ${MOST} bytes` });
  return [...out, ...frozen(o, old, ['data', 'binaryData'])];
}

/** Keys that a type has to have. */
const KEYS: Record<string, readonly string[]> = {
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

export function validateSecret(o: KubeObject, old: KubeObject | null): FieldError[] {
  const out: FieldError[] = [];
  for (const key of Object.keys(o.data ?? {})) out.push(...invalids(`data[${key}]`, key, keyErrors(key)));
  if (size(o.data, (t) => (t.length * 3) / 4) > MOST)
    out.push({ type: 'Too long', field: 'data', detail: `may not be more than ${MOST} bytes` });
  for (const key of KEYS[o.type as string] ?? [])
    if (!Object.hasOwn(o.data ?? {}, key)) out.push(required(`data[${key}]`));
  if (old) out.push(...immutable('type', o.type, old.type));
  return [...out, ...frozen(o, old, ['data'])];
}
