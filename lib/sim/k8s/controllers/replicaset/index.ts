/** ReplicaSets: as many Pods as they say. Source: kubernetes/kubernetes pkg/controller/replicaset (1.34). */
import { isPodReady } from '../../kinds/pods/state.ts';
import type { KubeObject } from '../../types.ts';
import { claim } from '../follow/claim.ts';
import { followOwned, type Loop } from '../follow/loop.ts';
import { byKey, type Context, controllerOf, having } from '../follow/memory.ts';
import { count, createPod, deletePod, isActive, isAvailable, nextAvailable, unixNow } from '../follow/pods.ts';
import { type Condition, counts, setStatus, withCondition } from '../follow/status.ts';
import { deletionOrder } from './rank.ts';

const COMPONENT = 'replicaset-controller';
/** Pods that are made or deleted at one look. */
const BURST = 500;

/** How many active Pods of the same Deployment (or of this set alone) are on a Pod's node. */
function relatedOn(context: Context, set: KubeObject): (pod: KubeObject) => number {
  const owner = controllerOf(set);
  const sets = owner ? having(context, context.memory.dependents, owner.uid) : [set];
  const byNode = new Map<string, number>();
  for (const one of sets)
    for (const pod of having(context, context.memory.dependents, one.metadata.uid ?? '')) {
      const node = pod.spec?.nodeName;
      if (node && isActive(pod)) byNode.set(node, (byNode.get(node) ?? 0) + 1);
    }
  return (pod) => byNode.get(pod.spec?.nodeName ?? '') ?? 0;
}

/** Makes or deletes Pods. Answers whether the API refused one. */
function manage(context: Context, set: KubeObject, pods: readonly KubeObject[]): boolean {
  const { world } = context;
  const wanted = set.spec?.replicas ?? 1;
  if (pods.length < wanted) {
    for (let i = pods.length; i < Math.min(wanted, pods.length + BURST); i++)
      if (!createPod(world, set, COMPONENT)) return true;
  } else if (pods.length > wanted) {
    const order = deletionOrder(pods, relatedOn(context, set), unixNow(world));
    for (const pod of order.slice(0, Math.min(pods.length - wanted, BURST))) deletePod(world, set, pod, COMPONENT);
  }
  return false;
}

function sync(context: Context, key: string): number | undefined {
  const { world } = context;
  const set = byKey(world, 'replicasets', key);
  if (!set) return undefined;
  const pods = claim(context, set, 'pods').filter(isActive);
  const failed = set.metadata.deletionTimestamp === undefined && manage(context, set, pods);
  const minReady = set.spec?.minReadySeconds ?? 0;
  const labels = Object.entries((set.spec?.template?.metadata?.labels ?? {}) as Record<string, string>);
  let conditions = ((set.status?.conditions ?? []) as Condition[]).filter((c) => failed || c.type !== 'ReplicaFailure');
  if (failed)
    conditions = withCondition(world, conditions, { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' });
  setStatus(world, 'replicasets', set, {
    ...counts(
      {
        replicas: pods.length,
        fullyLabeledReplicas: count(pods, (p) => labels.every(([k, v]) => p.metadata.labels?.[k] === v)),
        readyReplicas: count(pods, isPodReady),
        availableReplicas: count(pods, (p) => isAvailable(world, p, minReady)),
      },
      ['replicas'],
    ),
    observedGeneration: set.metadata.generation,
    ...(conditions.length > 0 ? { conditions } : {}),
  });
  // What was refused is tried again.
  return failed ? world.now + RETRY : nextAvailable(world, pods, minReady);
}

const RETRY = 5_000_000;

export const replicaSets: Loop = {
  name: 'replicasets',
  follow: followOwned('replicasets', 'replicasets', 'pods'),
  sync,
};
