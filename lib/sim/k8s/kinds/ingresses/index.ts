/** Ingresses. */
import type { KubeObject } from '../../types.ts';
import { age, none, noWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { INGRESS } from '../shapes/network.ts';
import { validateIngress } from './validate.ts';

function hosts(o: KubeObject): string {
  const named = ((o.spec?.rules ?? []) as { host?: string }[]).flatMap((r) => (r.host ? [r.host] : []));
  if (named.length === 0) return '*';
  return named.length > 3 ? `${named.slice(0, 3).join(',')} + ${named.length - 3} more...` : named.join(',');
}

const address = (o: KubeObject): string =>
  ((o.status?.loadBalancer?.ingress ?? []) as { ip?: string; hostname?: string }[])
    .map((i) => i.ip ?? i.hostname ?? '')
    .join(',');

export const kind = defineKind({
  name: 'ingresses',
  short: 'ing',
  kind: 'Ingress',
  apiVersion: 'networking.k8s.io/v1',
  namespaced: true,
  schema: INGRESS,
  subresources: ['status'],
  table: {
    ...noWide,
    columns: ['NAME', 'CLASS', 'HOSTS', 'ADDRESS', 'PORTS', 'AGE'],
    row: (w, o) => [
      o.metadata.name,
      none(o.spec?.ingressClassName),
      hosts(o),
      address(o),
      (o.spec?.tls ?? []).length > 0 ? '80, 443' : '80',
      age(w, o),
    ],
  },
  defaults(o) {
    o.status ??= { loadBalancer: {} };
  },
  validate: validateIngress,
});
