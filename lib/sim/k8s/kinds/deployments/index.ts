/** Deployments. */
import { age, workloadWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
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
    if (!o.spec) return;
    o.spec.replicas ??= 1;
    o.spec.revisionHistoryLimit ??= 10;
    o.spec.progressDeadlineSeconds ??= 600;
    const strategy = (o.spec.strategy ??= {});
    strategy.type ??= 'RollingUpdate';
    if (strategy.type !== 'RollingUpdate') return;
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= '25%';
    rolling.maxSurge ??= '25%';
  },
  validate: workloadErrors,
});
