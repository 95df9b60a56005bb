/** kube-scheduler: binds Pods to nodes one by one. Source: kubernetes/kubernetes pkg/scheduler (1.34). */
import type { World } from '../../../kernel/world.ts';
import { emitEvent } from '../../events.ts';
import { revision, touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { enqueue, type Loop } from '../follow/loop.ts';
import { byKey, type Context, having, keyOf } from '../follow/memory.ts';
import { type Condition, conditionOf, withCondition } from '../follow/status.ts';
import { assume, cacheOf } from './cache.ts';
import { failureText, fitTest } from './filter.ts';
import { best } from './score.ts';

const NAME = 'scheduler';
const COMPONENT = 'default-scheduler';

/** Says by the Pod's condition why it is not on a node. Answers whether that is new. */
function refuse(world: World, pod: KubeObject, reason: string, message: string): boolean {
  const known = conditionOf(pod, 'PodScheduled');
  if (known?.reason === reason && known.message === message) return false;
  const conditions = withCondition(world, (pod.status?.conditions ?? []) as Condition[], {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
  });
  pod.status = { ...pod.status, phase: pod.status?.phase ?? 'Pending', conditions };
  touchObject(world, 'pods', pod);
  return true;
}

function bind(world: World, pod: KubeObject, node: string): void {
  const conditions = withCondition(
    world,
    ((pod.status?.conditions ?? []) as Condition[]).filter((c) => c.type !== 'PodScheduled'),
    { type: 'PodScheduled', status: 'True' },
  );
  pod.spec.nodeName = node;
  pod.status = { ...pod.status, conditions };
  touchObject(world, 'pods', pod);
  const { namespace, name } = pod.metadata;
  const message = `Successfully assigned ${namespace}/${name} to ${node}`;
  emitEvent(world, pod, 'Normal', 'Scheduled', message, COMPONENT);
}

const waits = (pod: KubeObject): boolean =>
  !pod.spec?.nodeName &&
  pod.metadata.deletionTimestamp === undefined &&
  (pod.spec?.schedulerName ?? COMPONENT) === COMPONENT;

const GATED = 'Scheduling is blocked due to non-empty scheduling gates';

function sync(context: Context, key: string): number | undefined {
  const { world } = context;
  const pod = byKey(world, 'pods', key);
  if (!pod || !waits(pod)) return undefined;
  if ((pod.spec?.schedulingGates ?? []).length > 0) {
    refuse(world, pod, 'SchedulingGated', GATED);
    return undefined;
  }
  const cache = cacheOf(world);
  const test = fitTest(world, pod, cache.nodes);
  const complaints = cache.nodes.map(test);
  const fits = cache.nodes.filter((_, i) => complaints[i] === null);
  if (fits.length === 0) {
    const none = cache.nodes.length === 0;
    const message = none ? 'no nodes available to schedule pods' : failureText(complaints.flatMap((c) => c ?? []));
    refuse(world, pod, 'Unschedulable', message);
    emitEvent(world, pod, 'Warning', 'FailedScheduling', message, COMPONENT);
    cache.revision = revision(world);
    return world.now + RETRY;
  }
  const info = best(context, pod, fits);
  bind(world, pod, info.node.metadata.name);
  assume(info, pod);
  cache.revision = revision(world);
  return undefined;
}

/** Pods that did not fit are tried again by and by, µs (podMaxInUnschedulablePodsDuration). */
const RETRY = 300_000_000;

export const scheduler: Loop = {
  name: NAME,
  follow(context, { resource, object, key, gone, terms }) {
    const { memory } = context;
    if (resource === 'pods' && !gone && waits(object)) enqueue(memory, NAME, key);
    // What others waited for may be there now.
    const done = object.status?.phase === 'Succeeded' || object.status?.phase === 'Failed';
    const freed = resource === 'pods' && (gone || done);
    const bound = resource === 'pods' && terms.includes('unbound') && Boolean(object.spec?.nodeName);
    if (!freed && !bound && (resource !== 'nodes' || gone)) return;
    for (const pod of having(context, memory.labels, 'unbound'))
      if (!bound || freed || pod.spec?.affinity?.podAffinity) enqueue(memory, NAME, keyOf(pod));
  },
  sync,
};
