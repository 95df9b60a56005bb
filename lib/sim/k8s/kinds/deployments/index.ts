/** Deployments. */

import { age, workloadWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { defaultTemplate } from '../shapes/defaults.ts';
import { DEPLOYMENT } from '../shapes/workloads.ts';
import { workloadErrors } from '../workload.ts';

export const kind = defineKind({
  name: 'deployments',
  short: 'deploy',
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  namespaced: true,
  schema: DEPLOYMENT,
  all: true,
  subresources: ['status', 'scale'],
  table: {
    ...workloadWide,
    columns: ['NAME', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'AGE'],
    row: (w, o) => [
      o.metadata.name,
      `${o.status?.readyReplicas ?? 0}/${o.spec?.replicas ?? 1}`,
      String(o.status?.updatedReplicas ?? 0),
      String(o.status?.availableReplicas ?? 0),
      age(w, o),
    ],
  },
  defaults(o) {
    const spec = (o.spec ??= {});
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
    spec.strategy ??= {};
    spec.strategy.type ||= 'RollingUpdate';
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {};
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
      spec.strategy.rollingUpdate.maxSurge ??= '25%';
    }
    defaultTemplate(spec);
    o.status ??= {};
  },
  validate: workloadErrors,
});
