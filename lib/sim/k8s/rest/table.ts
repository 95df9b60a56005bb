/** meta.k8s.io/v1 Table: the server's own columns. Source: k8s.io/apiserver pkg/registry/rest/table.go. */
import type { World } from '../../kernel/world.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KubeObject } from '../types.ts';

/** Whether a client asks for a table. */
export const wantsTable = (accept: string): boolean => /as=Table/.test(accept);

/** A table of objects; each row carries its object's metadata, all of it with `includeObject=Object`, or nothing with `None`. */
export function tableBody(
  world: World,
  kind: Kind,
  objects: readonly KubeObject[],
  include: string | undefined,
  metadata: Record<string, unknown>,
): unknown {
  const columns = [
    ...kind.table.columns.map((name) => ({ name, priority: 0 })),
    ...kind.table.wide.map((name) => ({ name, priority: 1 })),
  ];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(({ name, priority }) => ({
      name: name
        .toLowerCase()
        .split(' ')
        .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
        .join(' '),
      type: 'string',
      format: name === 'NAME' ? 'name' : '',
      description: '',
      priority,
    })),
    rows: objects.map((object) => ({
      cells: [...kind.table.row(world, object), ...kind.table.wideRow(world, object)],
      ...(include === 'None'
        ? {}
        : {
            object:
              include === 'Object'
                ? object
                : { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
          }),
    })),
  };
}
