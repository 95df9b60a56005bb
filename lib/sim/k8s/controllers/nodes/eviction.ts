/** Pods leave nodes with a taint NoExecute that they do not tolerate, or not for ever. Source: kubernetes/kubernetes pkg/controller/tainteviction (1.34). */
import type { World } from '../../../kernel/world.ts';
import { deleteResource } from '../../api/delete.ts';
import { emitEvent } from '../../events.ts';
import { kindOf } from '../../kinds/resources.ts';
import { getObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { enqueue, type Loop } from '../follow/loop.ts';
import { byKey, type Context, having, keyOf } from '../follow/memory.ts';
import { virtualTime } from '../follow/pods.ts';
import { type Taint, taintsOf, tolerationsOf } from '../scheduler/affinity.ts';
import { markDisrupted } from './disruption.ts';

const NAME = 'tainteviction';
const COMPONENT = 'taint-eviction-controller';

const expelling = (node: KubeObject): Taint[] => taintsOf(node).filter((t) => t.effect === 'NoExecute');

function evict(world: World, pod: KubeObject): void {
  const { namespace, name } = pod.metadata;
  emitEvent(world, pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${namespace}/${name}`, COMPONENT);
  markDisrupted(world, pod, 'DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint');
  deleteResource(world, kindOf('pods'), namespace, name);
}

function sync({ world }: Context, key: string): number | undefined {
  const pod = byKey(world, 'pods', key);
  const node = pod?.spec?.nodeName ? getObject(world, 'nodes', undefined, pod.spec.nodeName) : undefined;
  if (!pod || !node || pod.metadata.deletionTimestamp !== undefined) return undefined;
  let due: number | undefined;
  for (const taint of expelling(node)) {
    const tolerations = tolerationsOf(pod.spec, taint);
    if (tolerations.length === 0) {
      evict(world, pod);
      return undefined;
    }
    const limits = tolerations.flatMap((t) => t.tolerationSeconds ?? []);
    if (limits.length === 0) continue;
    const since = taint.timeAdded === undefined ? world.now : virtualTime(world, Date.parse(taint.timeAdded) / 1000);
    const at = since + Math.max(0, Math.min(...limits)) * 1_000_000;
    due = due === undefined ? at : Math.min(due, at);
  }
  if (due === undefined || due > world.now) return due;
  evict(world, pod);
  return undefined;
}

export const taintEviction: Loop = {
  name: NAME,
  follow(context, { resource, object, key, gone }) {
    const { world, memory } = context;
    if (resource === 'nodes' && !gone) {
      // A taint that was taken away ends the waiting of its Pods, too.
      const waiting = memory.expelling.has(object.metadata.name);
      const now = expelling(object).length > 0;
      if (now) memory.expelling.add(object.metadata.name);
      else memory.expelling.delete(object.metadata.name);
      if (now || waiting)
        for (const pod of having(context, memory.labels, `node ${object.metadata.name}`))
          enqueue(memory, NAME, keyOf(pod));
    }
    if (resource !== 'pods' || gone || !object.spec?.nodeName) return;
    const node = getObject(world, 'nodes', undefined, object.spec.nodeName);
    if (node && expelling(node).length > 0) enqueue(memory, NAME, key);
  },
  sync,
};
