/** Puts Pods on nodes: of those that are ready and carry no taint the Pod does not tolerate, the one with the fewest Pods. */
import type { World } from '../../kernel/world.ts';
import { emitEvent } from '../events.ts';
import { listObjects, touchObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';

interface Taint {
  key: string;
  effect: string;
}

const isReady = (node: KubeObject): boolean =>
  (node.status?.conditions as { type: string; status: string }[] | undefined)?.some(
    (c) => c.type === 'Ready' && c.status === 'True',
  ) ?? false;

function tolerates(pod: KubeObject, taint: Taint): boolean {
  return ((pod.spec?.tolerations ?? []) as { key?: string; operator?: string; effect?: string }[]).some(
    (t) =>
      (t.key === undefined ? t.operator === 'Exists' : t.key === taint.key) && (!t.effect || t.effect === taint.effect),
  );
}

/** Binds every Pod that can be bound. */
export function schedule(world: World): void {
  const nodes = listObjects(world, 'nodes');
  for (const pod of listObjects(world, 'pods')) {
    if (pod.spec?.nodeName) continue;
    const selector = Object.entries((pod.spec?.nodeSelector ?? {}) as Record<string, string>);
    const fits = nodes.filter(
      (node) =>
        isReady(node) &&
        !node.spec?.unschedulable &&
        selector.every(([k, v]) => node.metadata.labels?.[k] === v) &&
        ((node.spec?.taints ?? []) as Taint[]).every(
          (taint) => taint.effect === 'PreferNoSchedule' || tolerates(pod, taint),
        ),
    );
    const load = (node: KubeObject): number =>
      listObjects(world, 'pods').filter((p) => p.spec?.nodeName === node.metadata.name && !p.spec?.hostNetwork).length;
    const [best] = [...fits].sort((a, b) => load(a) - load(b));
    if (!best) continue;
    pod.spec.nodeName = best.metadata.name;
    touchObject(world, 'pods', pod);
    emitEvent(
      world,
      pod,
      'Normal',
      'Scheduled',
      `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${best.metadata.name}`,
      'default-scheduler',
    );
  }
}
