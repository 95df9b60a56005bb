/** Rolling update and Recreate. Source: kubernetes/kubernetes pkg/controller/deployment/{rolling,recreate}.go. */
import type { KubeObject } from '../../types.ts';
import { having } from '../follow/memory.ts';
import * as n from './numbers.ts';
import { type Rollout, rolloutOf, scaleSet } from './sets.ts';

/** One step of a rolling update: up with the new set when there is room, else down with the old ones. */
export function rollStep(rollout: Rollout): void {
  const { deployment, sets, current } = rollout;
  if (!current) return;
  const wanted = n.replicasOf(deployment);
  const now = n.replicasOf(current);
  if (now !== wanted && scaleSet(rollout, current, now > wanted ? wanted : n.newSetReplicas(deployment, sets, current)))
    return;
  scaleDownOld(rollout, current);
}

function scaleDownOld(rollout: Rollout, current: KubeObject): void {
  const { deployment, sets, old } = rollout;
  if (n.wantedOf(old) === 0) return;
  const least = n.replicasOf(deployment) - n.maxUnavailable(deployment);
  const notYet = n.replicasOf(current) - (current.status?.availableReplicas ?? 0);
  const most = n.wantedOf(sets) - least - notYet;
  if (most <= 0) return;
  // Those first that are of no use anyway.
  let down = 0;
  for (const set of old) {
    const replicas = n.replicasOf(set);
    const useless = replicas - (set.status?.availableReplicas ?? 0);
    const by = Math.min(most - down, useless);
    if (replicas === 0 || by <= 0) continue;
    scaleSet(rollout, set, replicas - by);
    down += by;
  }
  let spare = n.statusSum(sets, 'availableReplicas') - least;
  for (const set of old) {
    const by = Math.min(n.replicasOf(set), spare);
    if (by <= 0) continue;
    scaleSet(rollout, set, n.replicasOf(set) - by);
    spare -= by;
  }
}

/** One step of Recreate: all old Pods go, and only when none of them runs the new set comes. */
export function recreateStep(rollout: Rollout): Rollout {
  const { deployment, old, memory } = rollout;
  let scaled = false;
  for (const set of old) if (n.replicasOf(set) > 0) scaled = scaleSet(rollout, set, 0) || scaled;
  if (scaled) return rollout;
  const running = old.some((set) =>
    having(rollout, memory.dependents, set.metadata.uid ?? '').some(
      (pod) => pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded',
    ),
  );
  if (running) return rollout;
  const next = rollout.current ? rollout : rolloutOf(rollout, deployment, rollout.sets, true);
  if (next.current) scaleSet(next, next.current, n.replicasOf(deployment));
  return next;
}
