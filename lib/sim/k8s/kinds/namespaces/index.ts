/** Namespaces. */
import { age, noWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { NAMESPACE } from '../shapes/cluster.ts';

export const kind = defineKind({
  name: 'namespaces',
  short: 'ns',
  kind: 'Namespace',
  apiVersion: 'v1',
  namespaced: false,
  schema: NAMESPACE,
  subresources: ['status', 'finalize'],
  table: {
    ...noWide,
    columns: ['NAME', 'STATUS', 'AGE'],
    row: (w, o) => [o.metadata.name, o.status?.phase ?? 'Active', age(w, o)],
  },
  defaults(o) {
    o.metadata.labels = { ...o.metadata.labels, 'kubernetes.io/metadata.name': o.metadata.name };
    o.spec ??= { finalizers: ['kubernetes'] };
    o.status ??= { phase: 'Active' };
  },
});
