/** ServiceCIDRs: the ranges that Services' addresses come from. Source: pkg/printers/internalversion/printers.go (1.34). */
import { age, noWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { SERVICE_CIDR } from '../shapes/network.ts';

export const kind = defineKind({
  name: 'servicecidrs',
  kind: 'ServiceCIDR',
  apiVersion: 'networking.k8s.io/v1',
  namespaced: false,
  schema: SERVICE_CIDR,
  subresources: ['status'],
  table: {
    ...noWide,
    columns: ['NAME', 'CIDRS', 'AGE'],
    row: (w, o) => [o.metadata.name, ((o.spec?.cidrs ?? []) as string[]).join(','), age(w, o)],
  },
});
