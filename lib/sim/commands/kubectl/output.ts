/** How objects are printed: tables, yaml, json, name, jsonpath, custom-columns. Source: k8s.io/cli-runtime pkg/printers. */

import { labelText } from '../../k8s/kinds/cells.ts';
import { groupOf } from '../../k8s/kinds/resources.ts';
import { sortKeys } from '../../k8s/store/clone.ts';
import type { KubeObject } from '../../k8s/types.ts';
import type { World } from '../../kernel/world.ts';
import { jsonPath, select } from '../../text/jsonpath.ts';
import { alignColumns } from '../../text/tabwriter.ts';
import { printYaml } from '../../text/yaml.ts';
import type { Selected, Selection } from './select.ts';

export interface TableOptions {
  wide: boolean;
  namespaces: boolean;
  labels: boolean;
  headers: boolean;
  /** Names with their type in front. */
  prefix: boolean;
}

/** `deployment.apps/web`, `pod/web`. */
export const typedName = ({ resource }: Selected, object: KubeObject): string =>
  `${resource.singular}${groupOf(resource) ? `.${groupOf(resource)}` : ''}/${object.metadata.name}`;

/** One table for each type, blank lines between. */
export function printTables(world: World, groups: readonly Selected[], options: TableOptions): string {
  return groups
    .filter((g) => g.objects.length > 0)
    .map((group) => {
      const { table } = group.resource;
      const columns = [
        ...(options.namespaces && group.resource.namespaced ? ['NAMESPACE'] : []),
        ...table.columns,
        ...(options.wide ? table.wide : []),
        ...(options.labels ? ['LABELS'] : []),
      ];
      const rows = group.objects.map((object) => {
        const cells = [
          ...table.row(world, object),
          ...(options.wide ? table.wideRow(world, object) : []),
          ...(options.labels ? [labelText(object.metadata.labels)] : []),
        ];
        if (options.prefix && table.columns[0] === 'NAME') cells[0] = typedName(group, object);
        return options.namespaces && group.resource.namespaced ? [object.metadata.namespace ?? '', ...cells] : cells;
      });
      return alignColumns(options.headers ? [columns, ...rows] : rows);
    })
    .join('\n');
}

const listOf = (objects: readonly KubeObject[]): unknown => ({
  apiVersion: 'v1',
  items: objects,
  kind: 'List',
  metadata: { resourceVersion: '' },
});

function customColumns(spec: string, objects: readonly KubeObject[], headers: boolean): string {
  const columns = spec.split(',').map((part) => {
    const at = part.indexOf(':');
    return at < 0 ? null : { name: part.slice(0, at), path: part.slice(at + 1).replace(/^\{|\}$/g, '') };
  });
  if (columns.some((c) => c === null)) return '';
  const cell = (object: KubeObject, path: string): string => {
    try {
      const found = select([object], path.startsWith('.') || path.startsWith('[') ? path : `.${path}`);
      return found.length === 0
        ? '<none>'
        : found.map((v) => (typeof v === 'object' && v !== null ? JSON.stringify(v) : String(v))).join(',');
    } catch {
      return '<none>';
    }
  };
  const rows = objects.map((o) => columns.map((c) => cell(o, c?.path ?? '')));
  return alignColumns(headers ? [columns.map((c) => c?.name ?? ''), ...rows] : rows);
}

/** Output in a format other than a table, or an error. */
export function printFormat(
  format: string,
  { groups, named }: Selection,
  headers: boolean,
): { text: string } | { error: string } {
  const objects = groups.flatMap((g) => g.objects);
  const value = named && objects.length === 1 ? objects[0] : listOf(objects);
  const [kind = '', argument] = format.split(/=(.*)/s, 2);
  switch (kind) {
    case 'yaml':
      return { text: printYaml(value) };
    case 'json':
      return { text: `${JSON.stringify(sortKeys(value), null, 4)}\n` };
    case 'name':
      return { text: groups.flatMap((g) => g.objects.map((o) => `${typedName(g, o)}\n`)).join('') };
    case 'jsonpath': {
      const result = jsonPath(argument ?? '', value);
      return result.ok
        ? { text: result.text }
        : { error: `error: error parsing jsonpath ${argument}, ${result.error}` };
    }
    case 'custom-columns':
      return argument
        ? { text: customColumns(argument, objects, headers) }
        : { error: 'error: custom-columns format specified but no custom columns given' };
    default:
      return {
        error: `error: unable to match a printer suitable for the output format "${format}", allowed formats are: custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml`,
      };
  }
}
