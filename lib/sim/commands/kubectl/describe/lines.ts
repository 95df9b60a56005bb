/** Lines of `kubectl describe` and what every kind shares. Source: kubernetes/kubernetes staging/src/k8s.io/kubectl/pkg/describe (1.34). */

import { ageOf } from '../../../k8s/printers/age.ts';
import { listObjects } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { World } from '../../../kernel/world.ts';
import { strftime } from '../../../text/strftime.ts';
import { alignColumns } from '../../../text/tabwriter.ts';

/** Indentation, and cells: all but the last end in a tab. */
export type Line = [level: number, ...cells: string[]];

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

/** Labels or annotations, sorted. */
export const mapLines = (label: string, values: Record<string, string> | undefined, separator = '='): Line[] =>
  multiline(
    label,
    Object.keys(values ?? {})
      .sort()
      .map((k) => `${k}${separator}${values?.[k] ?? ''}`),
  );

/** A timestamp of the API as RFC 1123 has it. */
export function date(timestamp: string | undefined): string {
  const at = timestamp === undefined ? Number.NaN : Date.parse(timestamp);
  return Number.isNaN(at) ? '<unset>' : strftime('%a, %d %b %Y %H:%M:%S +0000', at / 1000, 0);
}

/** The last part: the object's events. */
export function eventLines(world: World, object: KubeObject): Line[] {
  const found = listObjects(world, 'events').filter((e) => e.involvedObject?.uid === object.metadata.uid);
  if (found.length === 0) return [[0, 'Events:', '<none>']];
  const age = (e: KubeObject): string => {
    const last = ageOf(world, e.lastTimestamp);
    return e.count > 1 ? `${last} (x${e.count} over ${ageOf(world, e.firstTimestamp)})` : last;
  };
  return [
    [0, 'Events:'],
    [1, 'Type', 'Reason', 'Age', 'From', 'Message'],
    [1, '----', '------', '----', '----', '-------'],
    ...found.map((e): Line => [1, e.type, e.reason, age(e), e.source?.component ?? '', String(e.message).trim()]),
  ];
}
