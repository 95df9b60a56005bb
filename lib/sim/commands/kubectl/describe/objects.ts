/** Namespaces, ConfigMaps, Secrets, ServiceAccounts, and every kind without a form of its own. Source: k8s.io/kubectl pkg/describe. */
import { findResource } from '../../../k8s/kinds/resources.ts';
import { getObject, listObjects } from '../../../k8s/store/store.ts';
import { decodeBase64 } from '../../../text/base64.ts';
import { goText } from '../../../text/go-value.ts';
import { annotationLines, type Describer, head, type Line, labelLines, whole } from './lines.ts';

export const describeNamespace: Describer = (world, o) => {
  const conditions = (o.status?.conditions ?? []) as Record<string, string>[];
  return whole(world, o, false, [
    [0, 'Name:', o.metadata.name],
    ...labelLines('Labels:', o.metadata.labels),
    ...annotationLines('Annotations:', o.metadata.annotations),
    [0, 'Status:', o.status?.phase ?? ''],
    ...(conditions.length === 0
      ? []
      : ([
          [0, 'Conditions:'],
          [1, 'Type', 'Status', 'LastTransitionTime', 'Reason', 'Message'],
          [1, '----', '------', '------------------', '------', '-------'],
          ...conditions.map(
            (c): Line => [1, `${c.type}`, `${c.status}`, `${c.lastTransitionTime}`, `${c.reason}`, `${c.message}`],
          ),
        ] as Line[])),
    ...(findResource('resourcequotas')
      ? ([
          [0, ''],
          [0, 'No resource quota.'],
        ] as Line[])
      : []),
    ...(findResource('limitranges')
      ? ([
          [0, ''],
          [0, 'No LimitRange resource.'],
        ] as Line[])
      : []),
  ]);
};

const bytes = (base64: string): number => decodeBase64(base64)?.length ?? 0;

export const describeConfigMap: Describer = (world, o, events) =>
  whole(world, o, events, [
    ...head(o),
    [0, ''],
    [0, 'Data'],
    [0, '===='],
    ...Object.keys(o.data ?? {})
      .sort()
      .flatMap((key): Line[] => [
        [0, `${key}:`],
        [0, '----'],
        ...String(o.data[key])
          .split('\n')
          .map((row): Line => [0, row]),
        [0, ''],
      ]),
    [0, ''],
    [0, 'BinaryData'],
    [0, '===='],
    ...Object.keys(o.binaryData ?? {})
      .sort()
      .map((key): Line => [0, `${key}: ${bytes(o.binaryData[key])} bytes`]),
    [0, ''],
  ]);

export const describeSecret: Describer = (world, o) =>
  whole(world, o, false, [
    ...head(o),
    [0, ''],
    [0, 'Type:', o.type ?? ''],
    [0, ''],
    [0, 'Data'],
    [0, '===='],
    ...Object.keys(o.data ?? {})
      .sort()
      .map((key): Line => [0, `${key}:`, `${bytes(o.data[key])} bytes`]),
  ]);

export const describeServiceAccount: Describer = (world, o, events) => {
  const { namespace, name } = o.metadata;
  const there = (secret: string): string =>
    getObject(world, 'secrets', namespace, secret) ? secret : `${secret} (not found)`;
  const names = (of: { name?: string }[] | undefined): string[] => (of ?? []).map((s) => there(s.name ?? ''));
  const tokens = listObjects(world, 'secrets', { namespace: namespace ?? '' })
    .filter(
      (s) =>
        s.type === 'kubernetes.io/service-account-token' &&
        s.metadata.annotations?.['kubernetes.io/service-account.name'] === name,
    )
    .map((s) => s.metadata.name);
  const part = (label: string, values: string[]): Line[] =>
    values.length === 0 ? [[0, label, '<none>']] : values.map((v, i): Line => [0, i === 0 ? label : '', v]);
  return whole(world, o, events, [
    ...head(o),
    ...part('Image pull secrets:', names(o.imagePullSecrets)),
    ...part('Mountable secrets:', names(o.secrets)),
    ...part('Tokens:', tokens),
  ]);
};

const ACRONYMS = new Set(['API', 'URL', 'UID', 'OSB', 'GUID']);

/** `firstTimestamp` as `First Timestamp`; a name with more than letters, digits and dashes stays. */
function labelFor(field: string): string {
  if (/[^\p{L}\p{Nd}-]/u.test(field)) return field;
  const words = field.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Nd}+|-+/gu) ?? [field];
  return words
    .map((w) => (ACRONYMS.has(w.toUpperCase()) ? w.toUpperCase() : w.charAt(0).toUpperCase() + w.slice(1)))
    .join(' ');
}

const SKIPPED = new Set(['managedFields', 'name', 'namespace', 'labels', 'annotations'].map((f) => `.metadata.${f}`));

function contentLines(level: number, content: Record<string, unknown>, path: string): Line[] {
  return Object.keys(content)
    .filter((k) => content[k] !== undefined && !SKIPPED.has(`${path}.${k}`))
    .sort()
    .flatMap((key): Line[] => {
      const value = content[key];
      const label = labelFor(key);
      if (Array.isArray(value))
        return [
          [level, `${label}:`],
          ...value.flatMap((item): Line[] =>
            typeof item === 'object' && item !== null && !Array.isArray(item)
              ? contentLines(level + 1, item as Record<string, unknown>, `${path}.${key}`)
              : [[level + 1, goText(item)]],
          ),
        ];
      if (typeof value === 'object' && value !== null)
        return [[level, `${label}:`], ...contentLines(level + 1, value as Record<string, unknown>, `${path}.${key}`)];
      return [[level, `${label}:`, goText(value)]];
    });
}

/** A kind that describe knows nothing of: its fields by name. */
export const describeGeneric: Describer = (world, o, events) =>
  whole(world, o, events, [...head(o), ...contentLines(0, o, '')]);
