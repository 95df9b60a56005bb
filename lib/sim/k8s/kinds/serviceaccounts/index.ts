/** ServiceAccounts. */
import { age, noWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { SERVICE_ACCOUNT } from '../shapes/cluster.ts';

export const kind = defineKind({
  name: 'serviceaccounts',
  short: 'sa',
  kind: 'ServiceAccount',
  apiVersion: 'v1',
  namespaced: true,
  schema: SERVICE_ACCOUNT,
  table: {
    ...noWide,
    columns: ['NAME', 'SECRETS', 'AGE'],
    row: (w, o) => [o.metadata.name, String((o.secrets ?? []).length), age(w, o)],
  },
});
