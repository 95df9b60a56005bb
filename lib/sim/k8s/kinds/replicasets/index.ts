/** ReplicaSets. */

import { age, workloadWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { defaultTemplate } from '../shapes/defaults.ts';
import { REPLICA_SET } from '../shapes/workloads.ts';
import { workloadErrors } from '../workload.ts';

export const kind = defineKind({
  name: 'replicasets',
  short: 'rs',
  kind: 'ReplicaSet',
  apiVersion: 'apps/v1',
  namespaced: true,
  schema: REPLICA_SET,
  all: true,
  subresources: ['status', 'scale'],
  table: {
    ...workloadWide,
    columns: ['NAME', 'DESIRED', 'CURRENT', 'READY', 'AGE'],
    row: (w, o) => [
      o.metadata.name,
      String(o.spec?.replicas ?? 1),
      String(o.status?.replicas ?? 0),
      String(o.status?.readyReplicas ?? 0),
      age(w, o),
    ],
  },
  defaults(o) {
    const spec = (o.spec ??= {});
    spec.replicas ??= 1;
    defaultTemplate(spec);
    o.status ??= { replicas: 0 };
  },
  validate: workloadErrors,
});
