/** Which Pods of a ReplicaSet go first. Source: kubernetes/kubernetes pkg/controller/controller_utils.go, ActivePodsWithRanks. */
import { isPodReady } from '../../kinds/pods/state.ts';
import type { KubeObject } from '../../types.ts';
import { readySince } from '../follow/pods.ts';

const PHASES = ['Pending', 'Unknown', 'Running'];

const cost = (pod: KubeObject): number =>
  Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0;

const restarts = (pod: KubeObject): number =>
  Math.max(0, ...((pod.status?.containerStatuses ?? []) as { restartCount: number }[]).map((s) => s.restartCount));

const created = (pod: KubeObject): number => Date.parse(pod.metadata.creationTimestamp ?? '') / 1000;

/** Ages within one power of two count as the same. */
const bucket = (now: number, at: number): number => (now > at ? Math.floor(Math.log2((now - at) * 1e9)) : -1);

function byAge(a: number, b: number, now: number, uids: [string, string]): number {
  const difference = bucket(now, a) - bucket(now, b);
  if (difference !== 0) return difference;
  return uids[0] < uids[1] ? -1 : 1;
}

/** Those that are to be deleted first come first. `related` counts Pods of the same controller on a Pod's node. */
export function deletionOrder(
  pods: readonly KubeObject[],
  related: (pod: KubeObject) => number,
  now: number,
): KubeObject[] {
  return [...pods].sort((a, b) => {
    const assigned = Number(Boolean(a.spec?.nodeName)) - Number(Boolean(b.spec?.nodeName));
    if (assigned !== 0) return assigned;
    const phase = PHASES.indexOf(a.status?.phase) - PHASES.indexOf(b.status?.phase);
    if (phase !== 0) return phase;
    const ready = Number(isPodReady(a)) - Number(isPodReady(b));
    if (ready !== 0) return ready;
    if (cost(a) !== cost(b)) return cost(a) - cost(b);
    if (related(a) !== related(b)) return related(b) - related(a);
    const uids: [string, string] = [a.metadata.uid ?? '', b.metadata.uid ?? ''];
    const [x, y] = [readySince(a), readySince(b)];
    if (x !== null && y !== null && x !== y) return byAge(x, y, now, uids);
    if (restarts(a) !== restarts(b)) return restarts(b) - restarts(a);
    return created(a) === created(b) ? 0 : byAge(created(a), created(b), now, uids);
  });
}
