/** NetworkPolicies. */

import { age, noWide, selectorText } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { NETWORK_POLICY } from '../shapes/network.ts';
import { validateNetworkPolicy } from './validate.ts';

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
  defaults(o) {
    const spec = (o.spec ??= {});
    spec.podSelector ??= {};
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])] as { ports?: { protocol?: string }[] }[])
      for (const port of rule.ports ?? []) port.protocol ||= 'TCP';
    if ((spec.policyTypes ?? []).length === 0)
      spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  validate: validateNetworkPolicy,
});
