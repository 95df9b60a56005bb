/** DaemonSets. */
import { age, labelText, workloadWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { DAEMON_SET } from '../shapes/workloads.ts';
import { workloadErrors } from '../workload.ts';

export const kind = defineKind({
  name: 'daemonsets',
  short: 'ds',
  kind: 'DaemonSet',
  apiVersion: 'apps/v1',
  namespaced: true,
  schema: DAEMON_SET,
  all: true,
  subresources: ['status'],
  table: {
    ...workloadWide,
    columns: ['NAME', 'DESIRED', 'CURRENT', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'NODE SELECTOR', 'AGE'],
    row: (w, o) => {
      const n = (key: string) => String(o.status?.[key] ?? 0);
      return [
        o.metadata.name,
        n('desiredNumberScheduled'),
        n('currentNumberScheduled'),
        n('numberReady'),
        n('updatedNumberScheduled'),
        n('numberAvailable'),
        labelText(o.spec?.template?.spec?.nodeSelector),
        age(w, o),
      ];
    },
  },
  defaults(o) {
    if (!o.spec) return;
    o.spec.revisionHistoryLimit ??= 10;
    const strategy = (o.spec.updateStrategy ??= {});
    strategy.type ??= 'RollingUpdate';
    if (strategy.type !== 'RollingUpdate') return;
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= 1;
    rolling.maxSurge ??= 0;
  },
  validate: workloadErrors,
});
