/** Secrets. */
import { age, noWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { SECRET } from '../shapes/cluster.ts';

export const kind = defineKind({
  name: 'secrets',
  short: '',
  kind: 'Secret',
  apiVersion: 'v1',
  namespaced: true,
  schema: SECRET,
  table: {
    ...noWide,
    columns: ['NAME', 'TYPE', 'DATA', 'AGE'],
    row: (w, o) => [o.metadata.name, o.type ?? 'Opaque', String(Object.keys(o.data ?? {}).length), age(w, o)],
  },
});
