/** A Deployment's arithmetic: surge, unavailability, counts over its ReplicaSets. Source: pkg/controller/deployment/util/deployment_util.go. */
import type { KubeObject } from '../../types.ts';
import { share } from '../follow/hash.ts';

export const COMPONENT = 'deployment-controller';
export const REVISION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED = 'deployment.kubernetes.io/desired-replicas';
export const MAX = 'deployment.kubernetes.io/max-replicas';

export const replicasOf = (object: KubeObject): number => object.spec?.replicas ?? 1;
export const isRolling = (deployment: KubeObject): boolean => deployment.spec?.strategy?.type !== 'Recreate';

const DEFAULT_SHARE = '25%';

function fenceposts(deployment: KubeObject): { surge: number; unavailable: number } {
  const { maxSurge = DEFAULT_SHARE, maxUnavailable = DEFAULT_SHARE } = deployment.spec?.strategy?.rollingUpdate ?? {};
  const replicas = replicasOf(deployment);
  const surge = share(maxSurge, replicas, true);
  const unavailable = share(maxUnavailable, replicas, false);
  // Both at zero would leave nothing that may be done.
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** Pods that may be there beyond the replicas. */
export const maxSurge = (deployment: KubeObject): number => (isRolling(deployment) ? fenceposts(deployment).surge : 0);

/** Pods that may be missing. */
export function maxUnavailable(deployment: KubeObject): number {
  const replicas = replicasOf(deployment);
  if (!isRolling(deployment) || replicas === 0) return 0;
  return Math.min(fenceposts(deployment).unavailable, replicas);
}

type Sets = readonly KubeObject[];

/** Replicas that the sets are to have. */
export const wantedOf = (sets: Sets): number => sets.reduce((n, set) => n + replicasOf(set), 0);

/** The sum of a count in the sets' status. */
export const statusSum = (sets: Sets, field: 'replicas' | 'readyReplicas' | 'availableReplicas'): number =>
  sets.reduce((n, set) => n + (set.status?.[field] ?? 0), 0);

/** How many replicas the new set is to have now. */
export function newSetReplicas(deployment: KubeObject, all: Sets, current: KubeObject | null): number {
  const wanted = replicasOf(deployment);
  if (!isRolling(deployment)) return wanted;
  const now = current ? replicasOf(current) : 0;
  const room = wanted + maxSurge(deployment) - wantedOf(all);
  return room <= 0 ? now : now + Math.min(room, wanted - now);
}

/** By creation, then by name. */
export const older = (a: KubeObject, b: KubeObject): number => {
  const [x, y] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (x !== y) return x < y ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
};

export const revisionOf = (object: KubeObject): number => Number(object.metadata.annotations?.[REVISION] ?? 0) || 0;
