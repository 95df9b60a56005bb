/** Pods. Source: kubernetes/kubernetes pkg/apis/core/{v1/defaults,validation/validation}.go (1.34). */
import type { KubeObject } from '../../types.ts';
import { age, none } from '../cells.ts';
import { defineKind } from '../kind.ts';
import { defaultPodSpec, defaultRequests } from '../shapes/defaults.ts';
import { POD } from '../shapes/pod.ts';
import { qosClass } from './qos.ts';
import { podState } from './state.ts';
import { validatePod } from './validate.ts';

/** PriorityClasses that a cluster has by itself. */
const PRIORITIES: Record<string, number> = {
  'system-node-critical': 2000001000,
  'system-cluster-critical': 2000000000,
};

interface Toleration {
  key?: string;
  effect?: string;
}

/** What the admission plugins Priority and DefaultTolerationSeconds add. Source: kubernetes/kubernetes plugin/pkg/admission. */
function admit(spec: NonNullable<KubeObject['spec']>): void {
  spec.priority ??= PRIORITIES[spec.priorityClassName ?? ''] ?? 0;
  spec.preemptionPolicy ??= 'PreemptLowerPriority';
  const given = (spec.tolerations ?? []) as Toleration[];
  const missing = ['not-ready', 'unreachable']
    .map((name) => `node.kubernetes.io/${name}`)
    .filter((key) => !given.some((t) => (!t.key || t.key === key) && (!t.effect || t.effect === 'NoExecute')));
  if (missing.length > 0)
    spec.tolerations = [
      ...given,
      ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })),
    ];
}

export const kind = defineKind({
  name: 'pods',
  short: 'po',
  kind: 'Pod',
  apiVersion: 'v1',
  namespaced: true,
  schema: POD,
  all: true,
  subresources: ['status', 'log', 'exec', 'portforward', 'ephemeralcontainers', 'eviction', 'binding'],
  table: {
    columns: ['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'],
    wide: ['IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES'],
    row: (w, o) => {
      const { ready, status, restarts } = podState(w, o);
      return [o.metadata.name, ready, status, restarts, age(w, o)];
    },
    wideRow: (_w, o) => [none(o.status?.podIP), none(o.spec?.nodeName), '<none>', '<none>'],
  },
  defaults(pod) {
    const spec = (pod.spec ??= {});
    spec.serviceAccountName ||= spec.serviceAccount || 'default';
    spec.enableServiceLinks ??= true;
    defaultPodSpec(spec);
    defaultRequests(spec);
    admit(spec);
    pod.status ??= {};
    pod.status.phase ??= 'Pending';
    pod.status.qosClass ??= qosClass(pod);
  },
  validate: validatePod,
  gracePeriod: (pod) =>
    !pod.spec?.nodeName || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
      ? 0
      : (pod.spec.terminationGracePeriodSeconds ?? 30),
});
