/** Jobs. */

import type { World } from '../../../kernel/world.ts';
import { ageOf, humanDuration } from '../../printers/age.ts';
import { newUid } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { age, workloadWide } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { defaultTemplate } from '../shapes/defaults.ts';
import { JOB } from '../shapes/workloads.ts';
import { validateJob } from './validate.ts';

const condition = (o: KubeObject, type: string): boolean =>
  ((o.status?.conditions ?? []) as { type: string; status: string }[]).some(
    (c) => c.type === type && c.status === 'True',
  );

function state(o: KubeObject): string {
  if (condition(o, 'Complete')) return 'Complete';
  if (condition(o, 'Failed')) return 'Failed';
  if (o.metadata.deletionTimestamp) return 'Terminating';
  if (condition(o, 'Suspended')) return 'Suspended';
  if (condition(o, 'FailureTarget')) return 'FailureTarget';
  return condition(o, 'SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function completions(o: KubeObject): string {
  const succeeded = o.status?.succeeded ?? 0;
  if (o.spec?.completions !== undefined) return `${succeeded}/${o.spec.completions}`;
  const parallelism = o.spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration(w: World, o: KubeObject): string {
  const { startTime, completionTime } = o.status ?? {};
  if (startTime === undefined) return '';
  return completionTime === undefined
    ? ageOf(w, startTime)
    : humanDuration((Date.parse(completionTime) - Date.parse(startTime)) / 1000);
}

/** Its Pods are told by its uid: the server gives it both. Source: pkg/registry/batch/job/strategy.go, generateSelector. */
function select(w: World, o: KubeObject): void {
  const uid = (o.metadata.uid ??= newUid(w));
  const template = (o.spec.template ??= {});
  template.metadata = {
    ...template.metadata,
    labels: {
      ...template.metadata?.labels,
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': o.metadata.name,
      'controller-uid': uid,
      'job-name': o.metadata.name,
    },
  };
  o.spec.selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
}

export const kind = defineKind({
  name: 'jobs',
  kind: 'Job',
  apiVersion: 'batch/v1',
  namespaced: true,
  schema: JOB,
  all: true,
  subresources: ['status'],
  table: {
    ...workloadWide,
    columns: ['NAME', 'STATUS', 'COMPLETIONS', 'DURATION', 'AGE'],
    row: (w, o) => [o.metadata.name, state(o), completions(o), duration(w, o), age(w, o)],
  },
  defaults(o) {
    const spec = (o.spec ??= {});
    if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
    spec.parallelism ??= 1;
    spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1;
    spec.completionMode ??= 'NonIndexed';
    spec.suspend ??= false;
    spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
    spec.manualSelector ??= false;
    defaultTemplate(spec);
    o.status ??= {};
  },
  prepare(world, o, old) {
    if (!old && !o.spec.manualSelector && o.spec.template) select(world, o);
    return null;
  },
  validate: validateJob,
});
