/** ConfigMaps. */

import { age, noWide } from '../cells.ts';
import { validateConfigMap } from '../data.ts';
import { defineKind } from '../kind.ts';
import { CONFIG_MAP } from '../shapes/cluster.ts';

export const kind = defineKind({
  name: 'configmaps',
  short: 'cm',
  kind: 'ConfigMap',
  apiVersion: 'v1',
  namespaced: true,
  schema: CONFIG_MAP,
  table: {
    ...noWide,
    columns: ['NAME', 'DATA', 'AGE'],
    row: (w, o) => [
      o.metadata.name,
      String(Object.keys(o.data ?? {}).length + Object.keys(o.binaryData ?? {}).length),
      age(w, o),
    ],
  },
  validate: validateConfigMap,
});
