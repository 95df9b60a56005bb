/** StatefulSets. */

import { age, containerCells } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { defaultTemplate } from '../shapes/defaults.ts';
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
    const spec = (o.spec ??= {});
    spec.replicas ??= 1;
    spec.podManagementPolicy ||= 'OrderedReady';
    spec.revisionHistoryLimit ??= 10;
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ||= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.partition ??= 0;
    }
    spec.persistentVolumeClaimRetentionPolicy ??= {};
    spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain';
    spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain';
    defaultTemplate(spec);
    o.status ??= { replicas: 0, availableReplicas: 0 };
  },
  validate: workloadErrors,
});
