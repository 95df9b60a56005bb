/** NetworkPolicies. */
import { age, noWide, selectorText } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { NETWORK_POLICY } from '../shapes/network.ts';

export const kind = defineKind({
  name: 'networkpolicies',
  short: 'netpol',
  kind: 'NetworkPolicy',
  apiVersion: 'networking.k8s.io/v1',
  namespaced: true,
  schema: NETWORK_POLICY,
  table: {
    ...noWide,
    columns: ['NAME', 'POD-SELECTOR', 'AGE'],
    row: (w, o) => [o.metadata.name, selectorText(o.spec?.podSelector), age(w, o)],
  },
});
