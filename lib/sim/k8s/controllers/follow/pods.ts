/** Pods as controllers make, count and delete them. Source: kubernetes/kubernetes pkg/controller/controller_utils.go, pkg/api/v1/pod. */
import type { World } from '../../../kernel/world.ts';
import { deleteResource } from '../../api/delete.ts';
import { isApiError } from '../../api/status.ts';
import { createResource } from '../../api/write.ts';
import { emitEvent } from '../../events.ts';
import { isPodReady } from '../../kinds/pods/state.ts';
import { kindOf } from '../../kinds/resources.ts';
import { clone } from '../../store/clone.ts';
import type { KubeObject } from '../../types.ts';
import { reference } from './claim.ts';

/** Neither done nor about to go. */
export const isActive = (pod: KubeObject): boolean =>
  pod.metadata.deletionTimestamp === undefined && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed';

interface Condition {
  type: string;
  status: string;
  lastTransitionTime?: string;
}

/** Unix seconds since when it is ready, or null. */
export function readySince(pod: KubeObject): number | null {
  const ready = ((pod.status?.conditions ?? []) as Condition[]).find((c) => c.type === 'Ready' && c.status === 'True');
  return ready ? Date.parse(ready.lastTransitionTime ?? pod.metadata.creationTimestamp ?? '') / 1000 : null;
}

/** Unix seconds of now. */
export const unixNow = (world: World): number => world.epoch + Math.floor(world.now / 1_000_000);

/** Virtual µs of a Unix second. */
export const virtualTime = (world: World, unix: number): number => (unix - world.epoch) * 1_000_000;

/** Whether it has been ready for `minReady` seconds. */
export function isAvailable(world: World, pod: KubeObject, minReady: number): boolean {
  if (!isPodReady(pod)) return false;
  return minReady === 0 || (readySince(pod) ?? Number.POSITIVE_INFINITY) + minReady <= unixNow(world);
}

/** When the next of the Pods that are ready becomes available, virtual µs; undefined when none will by time alone. */
export function nextAvailable(world: World, pods: readonly KubeObject[], minReady: number): number | undefined {
  if (minReady === 0) return undefined;
  const times = pods.flatMap((pod) => {
    const since = readySince(pod);
    return since === null || since + minReady <= unixNow(world) ? [] : [virtualTime(world, since + minReady)];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

export interface PodOptions {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  /** What its name begins with; by default the owner's name and a dash. */
  prefix?: string;
  /** Changes what the template says. */
  spec?(spec: KubeObject): void;
}

/** Makes a Pod of the owner's template, and says so in an event about the owner. Null when the API refuses it. */
export function createPod(
  world: World,
  owner: KubeObject,
  component: string,
  options: PodOptions = {},
  template: KubeObject = owner.spec?.template,
): KubeObject | null {
  const spec = clone(template.spec);
  options.spec?.(spec);
  const annotations = { ...template.metadata?.annotations, ...options.annotations };
  const made = createResource(world, kindOf('pods'), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: options.prefix ?? `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      labels: { ...template.metadata?.labels, ...options.labels },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(options.finalizers === undefined ? {} : { finalizers: options.finalizers }),
      ownerReferences: [reference(owner)],
    } as KubeObject['metadata'],
    spec,
  });
  if (isApiError(made)) {
    emitEvent(world, owner, 'Warning', 'FailedCreate', `Error creating: ${made.message}`, component);
    return null;
  }
  emitEvent(world, owner, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`, component);
  return made;
}

/** Deletes a Pod on behalf of its owner, and says so. */
export function deletePod(world: World, owner: KubeObject, pod: KubeObject, component: string): void {
  if (pod.metadata.deletionTimestamp !== undefined) return;
  const left = deleteResource(world, kindOf('pods'), pod.metadata.namespace, pod.metadata.name, {
    ...(pod.metadata.uid === undefined ? {} : { uid: pod.metadata.uid }),
  });
  if (isApiError(left)) return;
  emitEvent(world, owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`, component);
}

/** How many Pods satisfy a test. */
export const count = (pods: readonly KubeObject[], test: (pod: KubeObject) => boolean): number =>
  pods.reduce((n, pod) => (test(pod) ? n + 1 : n), 0);
