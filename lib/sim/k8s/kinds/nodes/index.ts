/** Nodes. */
import { age, none } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { NODE } from '../shapes/cluster.ts';
import { addressOf, nodeStatus, rolesOf } from './state.ts';

export const kind = defineKind({
  name: 'nodes',
  short: 'no',
  kind: 'Node',
  apiVersion: 'v1',
  namespaced: false,
  schema: NODE,
  subresources: ['status'],
  table: {
    columns: ['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION'],
    wide: ['INTERNAL-IP', 'EXTERNAL-IP', 'OS-IMAGE', 'KERNEL-VERSION', 'CONTAINER-RUNTIME'],
    row: (w, o) => [
      o.metadata.name,
      nodeStatus(o),
      none(rolesOf(o)),
      age(w, o),
      o.status?.nodeInfo?.kubeletVersion ?? '',
    ],
    wideRow: (_w, o) => [
      none(addressOf(o, 'InternalIP')),
      none(addressOf(o, 'ExternalIP')),
      o.status?.nodeInfo?.osImage ?? '<unknown>',
      o.status?.nodeInfo?.kernelVersion ?? '<unknown>',
      o.status?.nodeInfo?.containerRuntimeVersion ?? '<unknown>',
    ],
  },
});
