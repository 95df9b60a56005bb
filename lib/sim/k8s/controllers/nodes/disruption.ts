import type { World } from '../../../kernel/world.ts';
import { touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { type Condition, withCondition } from '../follow/status.ts';

/** Tells in a Pod's status that it is about to be taken away, and why. Source: kubernetes/kubernetes pkg/api/v1/pod (DisruptionTarget). */
export function markDisrupted(world: World, pod: KubeObject, reason: string, message: string): void {
  const conditions = withCondition(world, (pod.status?.conditions ?? []) as Condition[], {
    type: 'DisruptionTarget',
    status: 'True',
    reason,
    message,
  });
  pod.status = { ...pod.status, conditions };
  touchObject(world, 'pods', pod);
}
