/** Namespaces. */
import { age, noWide } from '../cells.ts';
import { defineKind } from '../kind.ts';

export const kind = defineKind({
  name: 'namespaces',
  short: 'ns',
  kind: 'Namespace',
  apiVersion: 'v1',
  namespaced: false,
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
