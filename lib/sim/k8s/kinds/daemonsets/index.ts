/** DaemonSets. */

import { age, labelText, workloadWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { defaultTemplate } from '../shapes/defaults.ts';
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
    const spec = (o.spec ??= {});
    spec.revisionHistoryLimit ??= 10;
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ||= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
    }
    defaultTemplate(spec);
    o.status ??= { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 };
  },
  validate: workloadErrors,
});
