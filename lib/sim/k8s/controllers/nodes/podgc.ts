/** Pods of nodes that are gone. Source: kubernetes/kubernetes pkg/controller/podgc/gc_controller.go (1.34). */
import { deleteResource } from '../../api/delete.ts';
import { kindOf } from '../../kinds/resources.ts';
import { enqueue, type Loop } from '../follow/loop.ts';
import { byKey, having, objectOf } from '../follow/memory.ts';
import { markDisrupted } from './disruption.ts';

const NAME = 'podgc';
/** How long a node may be away before its Pods are taken for lost, µs. */
const QUARANTINE = 40_000_000;

export const podGarbage: Loop = {
  name: NAME,
  follow({ world, memory }, { resource, object, key, gone }) {
    if (resource === 'nodes' && gone) memory.timers.set(`${NAME} ${key}`, world.now + QUARANTINE);
    const node = object.spec?.nodeName;
    if (resource === 'pods' && !gone && node && objectOf(world, `nodes /${node}`) === undefined)
      if (!memory.timers.has(`${NAME} /${node}`)) memory.timers.set(`${NAME} /${node}`, world.now + QUARANTINE);
    // One that was never bound has no kubelet that would end it.
    if (resource === 'pods' && !gone && !node && (object.metadata.deletionGracePeriodSeconds ?? 0) > 0)
      enqueue(memory, NAME, `pod ${key}`);
  },
  sync(context, key) {
    const { world, memory } = context;
    if (key.startsWith('pod ')) {
      const pod = byKey(world, 'pods', key.slice(4));
      if (pod)
        deleteResource(world, kindOf('pods'), pod.metadata.namespace, pod.metadata.name, { gracePeriodSeconds: 0 });
      return undefined;
    }
    if (byKey(world, 'nodes', key)) return undefined;
    for (const pod of having(context, memory.labels, `node ${key.slice(1)}`)) {
      markDisrupted(world, pod, 'DeletionByPodGC', 'PodGC: node no longer exists');
      deleteResource(world, kindOf('pods'), pod.metadata.namespace, pod.metadata.name, { gracePeriodSeconds: 0 });
    }
    return undefined;
  },
};
