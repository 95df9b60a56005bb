/** Leases: who leads, which nodes are alive. */
import { age, noWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { LEASE } from '../shapes/cluster.ts';

export const kind = defineKind({
  name: 'leases',
  kind: 'Lease',
  apiVersion: 'coordination.k8s.io/v1',
  namespaced: true,
  schema: LEASE,
  table: {
    ...noWide,
    columns: ['NAME', 'HOLDER', 'AGE'],
    row: (w, o) => [o.metadata.name, o.spec?.holderIdentity ?? '', age(w, o)],
  },
});
