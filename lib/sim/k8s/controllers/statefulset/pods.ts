/** A StatefulSet's Pods: ordinals, names, revisions. Source: kubernetes/kubernetes pkg/controller/statefulset/stateful_set_utils.go. */
import type { World } from '../../../kernel/world.ts';
import { deleteResource } from '../../api/delete.ts';
import { isApiError } from '../../api/status.ts';
import { createResource } from '../../api/write.ts';
import { emitEvent } from '../../events.ts';
import { isPodReady } from '../../kinds/pods/state.ts';
import { kindOf } from '../../kinds/resources.ts';
import { clone } from '../../store/clone.ts';
import { touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { reference } from '../follow/claim.ts';
import { REVISION_HASH, templateOf } from '../follow/revisions.ts';

export const COMPONENT = 'statefulset-controller';
const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';

/** The number at the end of a Pod's name; -1 when it is not of this set. */
export function ordinalOf(set: KubeObject, pod: KubeObject): number {
  const match = /^(.+)-(\d+)$/.exec(pod.metadata.name);
  return match?.[1] === set.metadata.name ? Number(match[2]) : -1;
}

export const revisionName = (pod: KubeObject): string => pod.metadata.labels?.[REVISION_HASH] ?? '';
export const isHealthy = (pod: KubeObject): boolean =>
  pod.status?.phase === 'Running' && isPodReady(pod) && pod.metadata.deletionTimestamp === undefined;
export const isTerminating = (pod: KubeObject): boolean => pod.metadata.deletionTimestamp !== undefined;

function told(world: World, set: KubeObject, verb: 'create' | 'delete', pod: string, error: string | null): void {
  const reason = `${error === null ? 'Successful' : 'Failed'}${verb === 'create' ? 'Create' : 'Delete'}`;
  const how = error === null ? 'successful' : `failed error: ${error}`;
  const message = `${verb} Pod ${pod} in StatefulSet ${set.metadata.name} ${how}`;
  emitEvent(world, set, error === null ? 'Normal' : 'Warning', reason, message, COMPONENT);
}

/** Makes the Pod of an ordinal after a revision. Answers whether the API took it. */
export function createOrdinal(world: World, set: KubeObject, ordinal: number, revision: KubeObject): boolean {
  const template = templateOf(revision);
  const name = `${set.metadata.name}-${ordinal}`;
  const spec = clone(template.spec);
  spec.hostname = name;
  if (set.spec?.serviceName) spec.subdomain = set.spec.serviceName;
  const annotations = template.metadata?.annotations;
  const made = createResource(world, kindOf('pods'), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName: `${set.metadata.name}-`,
      ...(set.metadata.namespace === undefined ? {} : { namespace: set.metadata.namespace }),
      labels: {
        ...template.metadata?.labels,
        [REVISION_HASH]: revision.metadata.name,
        [POD_NAME]: name,
        [POD_INDEX]: String(ordinal),
      },
      ...(annotations ? { annotations: { ...annotations } } : {}),
      ownerReferences: [reference(set)],
    },
    spec,
  });
  told(world, set, 'create', name, isApiError(made) ? made.message : null);
  return !isApiError(made);
}

/** Deletes one of its Pods. */
export function deleteOrdinal(world: World, set: KubeObject, pod: KubeObject): void {
  if (isTerminating(pod)) return;
  const left = deleteResource(world, kindOf('pods'), pod.metadata.namespace, pod.metadata.name);
  told(world, set, 'delete', pod.metadata.name, isApiError(left) ? left.message : null);
}

/** Gives an adopted Pod the labels by which it is known. */
export function identify(world: World, set: KubeObject, pod: KubeObject): void {
  const labels = { [POD_NAME]: pod.metadata.name, [POD_INDEX]: String(ordinalOf(set, pod)) };
  if (Object.entries(labels).every(([k, v]) => pod.metadata.labels?.[k] === v)) return;
  pod.metadata.labels = { ...pod.metadata.labels, ...labels };
  touchObject(world, 'pods', pod);
}
