/** StatefulSets. */
import { age, containerCells } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { STATEFUL_SET } from '../shapes/workloads.ts';
import { workloadErrors } from '../workload.ts';

export const kind = defineKind({
  name: 'statefulsets',
  short: 'sts',
  kind: 'StatefulSet',
  apiVersion: 'apps/v1',
  namespaced: true,
  schema: STATEFUL_SET,
  all: true,
  subresources: ['status', 'scale'],
  table: {
    columns: ['NAME', 'READY', 'AGE'],
    wide: ['CONTAINERS', 'IMAGES'],
    row: (w, o) => [o.metadata.name, `${o.status?.readyReplicas ?? 0}/${o.spec?.replicas ?? 1}`, age(w, o)],
    wideRow: (_w, o) => containerCells(o),
  },
  defaults(o) {
    if (!o.spec) return;
    o.spec.replicas ??= 1;
    o.spec.podManagementPolicy ??= 'OrderedReady';
    o.spec.revisionHistoryLimit ??= 10;
    const strategy = (o.spec.updateStrategy ??= {});
    strategy.type ??= 'RollingUpdate';
    if (strategy.type === 'RollingUpdate') (strategy.rollingUpdate ??= {}).partition ??= 0;
    o.spec.persistentVolumeClaimRetentionPolicy ??= { whenDeleted: 'Retain', whenScaled: 'Retain' };
  },
  validate: workloadErrors,
});
