/** Lines of `kubectl describe` and what every kind shares. Source: kubernetes/kubernetes staging/src/k8s.io/kubectl/pkg/describe (1.33). */

import { ageOf } from '../../../k8s/printers/age.ts';
import { listObjects } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { World } from '../../../kernel/world.ts';
import { strftime } from '../../../text/strftime.ts';
import { alignColumns } from '../../../text/tabwriter.ts';

/** Indentation, and cells: all but the last end in a tab. */
export type Line = [level: number, ...cells: string[]];

/** What describes one object; `events` says whether its events are shown. */
export type Describer = (world: World, object: KubeObject, events: boolean) => string;

/** As describe's tab writer aligns them: columns two blanks apart, in blocks of neighbouring lines. */
export const render = (lines: readonly Line[]): string =>
  alignColumns(
    lines.map(([level, ...cells]) => [`${'  '.repeat(level)}${cells[0] ?? ''}`, ...cells.slice(1)]),
    0,
    2,
  );

export const none = (text: unknown): string =>
  text === undefined || text === null || text === '' ? '<none>' : String(text);

/** Several values under one label, which stands beside the first. */
export const multiline = (label: string, values: readonly string[]): Line[] =>
  values.length === 0 ? [[0, label, '<none>']] : values.map((value, i): Line => [0, i === 0 ? label : '', value]);

/** Labels, sorted. */
export const labelLines = (label: string, values: Record<string, string> | undefined): Line[] =>
  multiline(
    label,
    Object.keys(values ?? {})
      .sort()
      .map((k) => `${k}=${values?.[k] ?? ''}`),
  );

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const MAX_ANNOTATION = 140;
/** Two of them are the indentation. */
const MAX_ROW = MAX_ANNOTATION - 2;

/** Annotations, sorted, without the one that apply keeps; long ones and those of several lines stand below their name. */
export function annotationLines(label: string, values: Record<string, string> | undefined): Line[] {
  const keys = Object.keys(values ?? {})
    .filter((k) => k !== LAST_APPLIED)
    .sort();
  if (keys.length === 0) return [[0, label, '<none>']];
  return keys.flatMap((key, i): Line[] => {
    const text = (values?.[key] ?? '').replace(/\n$/, '');
    const first = i === 0 ? label : '';
    if (!text.includes('\n') && key.length + text.length + 2 <= MAX_ANNOTATION) return [[0, first, `${key}: ${text}`]];
    const rows = text.split('\n').map((row) => (row.length > MAX_ROW ? `${row.slice(0, MAX_ROW)}...` : row));
    return [[0, first, `${key}:`], ...rows.map((row): Line => [0, '', `  ${row}`])];
  });
}

/** A timestamp of the API as RFC 1123 has it. */
export function date(timestamp: string | undefined): string {
  const at = timestamp === undefined ? Number.NaN : Date.parse(timestamp);
  return Number.isNaN(at) ? '<unset>' : strftime('%a, %d %b %Y %H:%M:%S +0000', at / 1000, 0);
}

/** The object that controls this one: `ReplicaSet/web-1`. */
export function controllerOf(o: KubeObject): string | undefined {
  const owner = o.metadata.ownerReferences?.find((ref) => ref.controller);
  return owner && `${owner.kind}/${owner.name}`;
}

/** The last part: the object's events. */
export function eventLines(world: World, object: KubeObject): Line[] {
  const { name, namespace, uid } = object.metadata;
  const found = listObjects(world, 'events')
    .filter((e) => e.involvedObject?.uid === uid && e.involvedObject?.name === name)
    .filter((e) => namespace === undefined || e.involvedObject?.namespace === namespace);
  if (found.length === 0) return [[0, 'Events:', '<none>']];
  const age = (e: KubeObject): string =>
    e.count > 1
      ? `${ageOf(world, e.lastTimestamp)} (x${e.count} over ${ageOf(world, e.firstTimestamp)})`
      : ageOf(world, e.firstTimestamp ?? e.eventTime);
  const ordered = found
    .map((e, i) => ({ e, i }))
    .sort((a, b) => {
      const [x, y] = [String(a.e.lastTimestamp ?? ''), String(b.e.lastTimestamp ?? '')];
      return x < y ? -1 : x > y ? 1 : a.i - b.i;
    })
    .map(({ e }) => e);
  return [
    [0, 'Events:'],
    [1, 'Type', 'Reason', 'Age', 'From', 'Message'],
    [1, '----', '------', '----', '----', '-------'],
    ...ordered.map(
      (e): Line => [
        1,
        e.type,
        e.reason,
        age(e),
        e.source?.component || (e.reportingComponent ?? ''),
        String(e.message).trim(),
      ],
    ),
  ];
}

/** Name, namespace, labels, annotations: how most objects begin. */
export const head = (o: KubeObject): Line[] => [
  [0, 'Name:', o.metadata.name],
  [0, 'Namespace:', o.metadata.namespace ?? ''],
  ...labelLines('Labels:', o.metadata.labels),
  ...annotationLines('Annotations:', o.metadata.annotations),
];

/** The object's lines, then its events. */
export const whole = (world: World, o: KubeObject, events: boolean, lines: readonly Line[]): string =>
  render(events ? [...lines, ...eventLines(world, o)] : lines);
