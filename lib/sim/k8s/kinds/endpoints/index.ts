/** Endpoints, the older form of EndpointSlices. */

import type { KubeObject } from '../../types.ts';
import { age, few, noWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { ENDPOINTS } from '../shapes/network.ts';

const endpointTexts = (o: KubeObject): string[] =>
  ((o.subsets ?? []) as { addresses?: { ip: string }[]; ports?: { port: number }[] }[]).flatMap((s) =>
    (s.ports ?? []).flatMap((p) => (s.addresses ?? []).map((a) => `${a.ip}:${p.port}`)),
  );

export const kind = defineKind({
  name: 'endpoints',
  short: 'ep',
  kind: 'Endpoints',
  apiVersion: 'v1',
  namespaced: true,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  schema: ENDPOINTS,
  table: {
    ...noWide,
    columns: ['NAME', 'ENDPOINTS', 'AGE'],
    row: (w, o) => [o.metadata.name, few(endpointTexts(o)), age(w, o)],
  },
});
