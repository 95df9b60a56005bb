/** EndpointSlices. */
import { age, few, noWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { ENDPOINT_SLICE } from '../shapes/network.ts';

export const kind = defineKind({
  name: 'endpointslices',
  kind: 'EndpointSlice',
  apiVersion: 'discovery.k8s.io/v1',
  namespaced: true,
  schema: ENDPOINT_SLICE,
  table: {
    ...noWide,
    columns: ['NAME', 'ADDRESSTYPE', 'PORTS', 'ENDPOINTS', 'AGE'],
    row: (w, o) => [
      o.metadata.name,
      o.addressType ?? '',
      (o.ports ?? []).length === 0 ? '<unset>' : few((o.ports as { port: number }[]).map((p) => String(p.port))),
      (o.endpoints ?? []).length === 0
        ? '<unset>'
        : few((o.endpoints as { addresses: string[] }[]).flatMap((e) => e.addresses)),
      age(w, o),
    ],
  },
});
