/** IPAddresses: one for each cluster IP that is allocated. */
import { age, noWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { IP_ADDRESS } from '../shapes/network.ts';

export const kind = defineKind({
  name: 'ipaddresses',
  short: 'ip',
  kind: 'IPAddress',
  apiVersion: 'networking.k8s.io/v1',
  namespaced: false,
  schema: IP_ADDRESS,
  table: {
    ...noWide,
    columns: ['NAME', 'PARENTREF', 'AGE'],
    row: (w, o) => {
      const ref = o.spec?.parentRef ?? {};
      return [
        o.metadata.name,
        `${ref.resource ?? ''}${ref.group ? `.${ref.group}` : ''}/${ref.namespace ?? ''}/${ref.name ?? ''}`,
        age(w, o),
      ];
    },
  },
});
