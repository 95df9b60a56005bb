/** Scaling a Deployment while it is paused or in the middle of an update: each set gets its share. Source: pkg/controller/deployment/sync.go, scale. */
import type { KubeObject } from '../../types.ts';
import * as n from './numbers.ts';
import { type Rollout, scaleSet } from './sets.ts';

/** Whether the Deployment was given another size since its sets were scaled. */
export const isScaling = ({ deployment, sets }: Rollout): boolean =>
  sets.some((set) => {
    const desired = set.metadata.annotations?.[n.DESIRED];
    return n.replicasOf(set) > 0 && desired !== undefined && Number(desired) !== n.replicasOf(deployment);
  });

function isSaturated(deployment: KubeObject, current: KubeObject | null): boolean {
  if (!current) return false;
  const wanted = n.replicasOf(deployment);
  return (
    n.replicasOf(current) === wanted &&
    Number(current.metadata.annotations?.[n.DESIRED] ?? 0) === wanted &&
    (current.status?.availableReplicas ?? 0) === wanted
  );
}

/** The only active set; the newest of all when none is active; null when several are. */
function activeOrLatest({ current, old }: Rollout): KubeObject | null {
  const all = current ? [...old, current] : old;
  const active = all.filter((set) => n.replicasOf(set) > 0);
  if (active.length === 0) return current ?? ([...old].sort(n.older).at(-1) as KubeObject | undefined) ?? null;
  return active.length === 1 ? (active[0] as KubeObject) : null;
}

/** What a set is to gain or lose in proportion to its size. */
function proportion(deployment: KubeObject, set: KubeObject, toAdd: number, added: number): number {
  const replicas = n.replicasOf(set);
  if (replicas === 0 || toAdd === 0 || toAdd === added) return 0;
  const before = Number(set.metadata.annotations?.[n.MAX] ?? 0) || deployment.status?.replicas || 1;
  const wanted = n.replicasOf(deployment);
  const fraction =
    wanted === 0 ? -replicas : Math.round((replicas * (wanted + n.maxSurge(deployment))) / before) - replicas;
  const allowed = toAdd - added;
  return toAdd > 0 ? Math.min(fraction, allowed) : Math.max(fraction, allowed);
}

/** Brings the sets to the Deployment's size without rolling it on. */
export function scaleStep(rollout: Rollout): void {
  const { deployment, current, old, sets } = rollout;
  const wanted = n.replicasOf(deployment);
  const only = activeOrLatest(rollout);
  if (only) {
    if (n.replicasOf(only) !== wanted) scaleSet(rollout, only, wanted);
    return;
  }
  if (isSaturated(deployment, current)) {
    for (const set of old) if (n.replicasOf(set) > 0) scaleSet(rollout, set, 0);
    return;
  }
  if (!n.isRolling(deployment)) return;
  const active = sets.filter((set) => n.replicasOf(set) > 0);
  const toAdd = (wanted > 0 ? wanted + n.maxSurge(deployment) : 0) - n.wantedOf(active);
  active.sort((a, b) => n.replicasOf(b) - n.replicasOf(a) || (toAdd > 0 ? n.older(b, a) : n.older(a, b)));
  let added = 0;
  const sizes = active.map((set) => {
    const by = proportion(deployment, set, toAdd, added);
    added += by;
    return n.replicasOf(set) + by;
  });
  active.forEach((set, i) => {
    const leftover = i === 0 && toAdd !== 0 ? toAdd - added : 0;
    scaleSet(rollout, set, Math.max(0, (sizes[i] as number) + leftover));
  });
}
