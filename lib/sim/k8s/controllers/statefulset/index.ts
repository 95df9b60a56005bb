/** StatefulSets: Pods with names and an order. Source: kubernetes/kubernetes pkg/controller/statefulset/stateful_set_control.go (1.34). */
import { emitEvent } from '../../events.ts';
import { isPodReady } from '../../kinds/pods/state.ts';
import type { KubeObject } from '../../types.ts';
import { claim } from '../follow/claim.ts';
import { followOwned, type Loop } from '../follow/loop.ts';
import { byKey, type Context } from '../follow/memory.ts';
import { count, isAvailable, nextAvailable } from '../follow/pods.ts';
import { historyOf, presentRevision, trimHistory } from '../follow/revisions.ts';
import { counts, setStatus } from '../follow/status.ts';
import * as p from './pods.ts';

const NAME = 'statefulsets';

interface Look extends Context {
  set: KubeObject;
  /** What new Pods are to be, and what those before the update are. */
  update: KubeObject;
  present: KubeObject;
  /** By ordinal. */
  replicas: Map<number, KubeObject>;
  condemned: KubeObject[];
  first: number;
  wanted: number;
}

const isParallel = (set: KubeObject): boolean => set.spec?.podManagementPolicy === 'Parallel';

/** The revision that a Pod of an ordinal is made of. */
function revisionFor({ set, update, present, first }: Look, ordinal: number): KubeObject {
  if (set.spec?.updateStrategy?.type === 'OnDelete') return present;
  const partition = set.spec?.updateStrategy?.rollingUpdate?.partition as number | undefined;
  const before = partition ? partition : (set.status?.currentReplicas ?? 0);
  return ordinal < first + before ? present : update;
}

/** Whether all of its ordinals are there and well, so that the next thing may be done. */
function fill(look: Look): boolean {
  const { world, set, replicas, first, wanted } = look;
  const inOrder = !isParallel(set);
  const minReady = set.spec?.minReadySeconds ?? 0;
  for (let ordinal = first; ordinal < first + wanted; ordinal++) {
    const pod = replicas.get(ordinal);
    if (!pod) {
      p.createOrdinal(world, set, ordinal, revisionFor(look, ordinal));
      if (inOrder) return false;
      continue;
    }
    if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') {
      if (!p.isTerminating(pod)) {
        const failed = pod.status.phase === 'Failed';
        emitEvent(
          world,
          set,
          failed ? 'Warning' : 'Normal',
          failed ? 'RecreatingFailedPod' : 'RecreatingTerminatedPod',
          `StatefulSet ${set.metadata.namespace}/${set.metadata.name} is recreating ${failed ? 'failed' : 'terminated'} Pod ${pod.metadata.name}`,
          p.COMPONENT,
        );
        p.deleteOrdinal(world, set, pod);
      }
      if (inOrder) return false;
      continue;
    }
    if (inOrder && (!p.isHealthy(pod) || !isAvailable(world, pod, minReady))) return false;
    p.identify(world, set, pod);
  }
  return true;
}

/** Deletes what is beyond its replicas, the highest first. Answers whether the next thing may be done. */
function shrink({ world, set, replicas, condemned }: Look): boolean {
  const inOrder = !isParallel(set);
  const unhealthy = [...replicas.values(), ...condemned]
    .filter((pod) => !p.isHealthy(pod))
    .sort((a, b) => p.ordinalOf(set, a) - p.ordinalOf(set, b))[0];
  for (const pod of condemned) {
    if (p.isTerminating(pod)) {
      if (inOrder) return false;
      continue;
    }
    if (inOrder && !p.isHealthy(pod) && pod !== unhealthy) return false;
    p.deleteOrdinal(world, set, pod);
    if (inOrder) return false;
  }
  return true;
}

/** Replaces Pods of an older revision, the highest first, down to the partition. */
function roll({ world, set, update, replicas, first, wanted }: Look): void {
  if (set.spec?.updateStrategy?.type === 'OnDelete') return;
  const partition = set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  const minReady = set.spec?.minReadySeconds ?? 0;
  for (let ordinal = first + wanted - 1; ordinal >= first + partition; ordinal--) {
    const pod = replicas.get(ordinal);
    if (!pod) return;
    if (p.revisionName(pod) !== update.metadata.name && !p.isTerminating(pod)) {
      p.deleteOrdinal(world, set, pod);
      return;
    }
    if (!p.isHealthy(pod) || !isAvailable(world, pod, minReady)) return;
  }
}

function report(look: Look): number | undefined {
  const { world, set, update, present, replicas, condemned } = look;
  const pods = [...replicas.values(), ...condemned];
  const minReady = set.spec?.minReadySeconds ?? 0;
  const of = (revision: KubeObject): number =>
    count(pods, (pod) => p.revisionName(pod) === revision.metadata.name && !p.isTerminating(pod));
  const status = {
    replicas: pods.length,
    readyReplicas: count(pods, (pod) => pod.status?.phase === 'Running' && isPodReady(pod)),
    currentReplicas: of(present),
    updatedReplicas: of(update),
    availableReplicas: count(pods, (pod) => pod.status?.phase === 'Running' && isAvailable(world, pod, minReady)),
  };
  let current = present;
  const through = status.updatedReplicas === status.replicas && status.readyReplicas === status.replicas;
  if (set.spec?.updateStrategy?.type !== 'OnDelete' && through && pods.length > 0) {
    status.currentReplicas = status.updatedReplicas;
    current = update;
  }
  setStatus(world, NAME, set, {
    observedGeneration: set.metadata.generation,
    ...counts(status, ['replicas', 'availableReplicas']),
    currentRevision: current.metadata.name,
    updateRevision: update.metadata.name,
    collisionCount: set.status?.collisionCount ?? 0,
  });
  return nextAvailable(world, pods, minReady);
}

function sync(context: Context, key: string): number | undefined {
  const { world } = context;
  const set = byKey(world, NAME, key);
  if (!set) return undefined;
  const pods = claim(context, set, 'pods').filter((pod) => p.ordinalOf(set, pod) >= 0);
  const update = presentRevision(context, set);
  if (!update) return undefined;
  const present = historyOf(context, set).find((r) => r.metadata.name === set.status?.currentRevision) ?? update;
  const first = set.spec?.ordinals?.start ?? 0;
  const wanted = set.spec?.replicas ?? 1;
  const inside = (pod: KubeObject): boolean => p.ordinalOf(set, pod) >= first && p.ordinalOf(set, pod) < first + wanted;
  const look: Look = {
    ...context,
    set,
    update,
    present,
    replicas: new Map(pods.filter(inside).map((pod) => [p.ordinalOf(set, pod), pod])),
    condemned: pods.filter((pod) => !inside(pod)).sort((a, b) => p.ordinalOf(set, b) - p.ordinalOf(set, a)),
    first,
    wanted,
  };
  if (set.metadata.deletionTimestamp === undefined && fill(look) && shrink(look)) roll(look);
  trimHistory(context, set, new Set([update.metadata.name, present.metadata.name, ...pods.map(p.revisionName)]));
  return report(look);
}

export const statefulSets: Loop = { name: NAME, follow: followOwned(NAME, NAME, 'pods'), sync };
