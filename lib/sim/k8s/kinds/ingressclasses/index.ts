/** IngressClasses. */
import { age, none, noWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { INGRESS_CLASS } from '../shapes/network.ts';

export const kind = defineKind({
  name: 'ingressclasses',
  kind: 'IngressClass',
  apiVersion: 'networking.k8s.io/v1',
  namespaced: false,
  schema: INGRESS_CLASS,
  table: {
    ...noWide,
    columns: ['NAME', 'CONTROLLER', 'PARAMETERS', 'AGE'],
    row: (w, o) => {
      const p = o.spec?.parameters;
      const parameters = p ? `${p.kind}${p.apiGroup ? `.${p.apiGroup}` : ''}/${p.name}` : undefined;
      return [o.metadata.name, o.spec?.controller ?? '', none(parameters), age(w, o)];
    },
  },
});
