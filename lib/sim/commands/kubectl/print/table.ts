/** Tables as the server's columns make them. Source: k8s.io/cli-runtime pkg/printers/tableprinter.go. */
import { labelText } from '../../../k8s/kinds/cells.ts';
import type { Kind } from '../../../k8s/kinds/resources.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { World } from '../../../kernel/world.ts';
import { alignColumns } from '../../../text/tabwriter.ts';
import { typedName } from '../output.ts';
import type { Selected } from '../select.ts';

export interface TableOptions {
  wide: boolean;
  namespaces: boolean;
  labels: boolean;
  /** Labels that get a column of their own. */
  labelColumns: readonly string[];
  headers: boolean;
  /** Names with their type in front. */
  prefix: boolean;
}

/** Column headings of a kind. */
export function headings({ table, namespaced }: Kind, options: TableOptions): string[] {
  return [
    ...(options.namespaces && namespaced ? ['NAMESPACE'] : []),
    ...table.columns,
    ...(options.wide ? table.wide : []),
    ...options.labelColumns.map((l) => l.slice(l.lastIndexOf('/') + 1).toUpperCase()),
    ...(options.labels ? ['LABELS'] : []),
  ];
}

/** One object's cells. */
export function cells(world: World, resource: Kind, object: KubeObject, options: TableOptions): string[] {
  const { table, namespaced } = resource;
  const row = [
    ...table.row(world, object),
    ...(options.wide ? table.wideRow(world, object) : []),
    ...options.labelColumns.map((l) => object.metadata.labels?.[l] ?? ''),
    ...(options.labels ? [labelText(object.metadata.labels)] : []),
  ];
  const at = table.columns.indexOf('NAME');
  if (options.prefix && at >= 0) row[at] = typedName({ resource }, object);
  return options.namespaces && namespaced ? [object.metadata.namespace ?? '', ...row] : row;
}

/** One table for each type, blank lines between. */
export function printTables(world: World, groups: readonly Selected[], options: TableOptions): string {
  return groups
    .filter((g) => g.objects.length > 0)
    .map(({ resource, objects }) => {
      const rows = objects.map((object) => cells(world, resource, object, options));
      return alignColumns(options.headers ? [headings(resource, options), ...rows] : rows);
    })
    .join(options.headers ? '\n' : '');
}
