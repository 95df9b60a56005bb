/** DaemonSets: one Pod on each node that fits. Source: kubernetes/kubernetes pkg/controller/daemon (1.34). */
import { emitEvent } from '../../events.ts';
import { isPodReady } from '../../kinds/pods/state.ts';
import { listObjects } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { claim } from '../follow/claim.ts';
import { share } from '../follow/hash.ts';
import { enqueue, followOwned, type Loop } from '../follow/loop.ts';
import { byKey, type Context } from '../follow/memory.ts';
import { count, createPod, deletePod, isAvailable, nextAvailable } from '../follow/pods.ts';
import { presentRevision, REVISION_HASH, trimHistory } from '../follow/revisions.ts';
import { counts, setStatus } from '../follow/status.ts';
import { belongs, pin, tolerate } from './nodes.ts';

const NAME = 'daemonsets';
const COMPONENT = 'daemonset-controller';

/** One look at a set. */
interface Look extends Context {
  set: KubeObject;
  hash: string;
  nodes: KubeObject[];
  /** Its Pods by the node they are on or are to go to, oldest first. */
  pods: Map<string, KubeObject[]>;
}

const created = (pod: KubeObject): string => pod.metadata.creationTimestamp ?? '';

/** The node a Pod is on, or that its affinity names. */
const targetOf = (pod: KubeObject): string =>
  pod.spec?.nodeName ??
  pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.[0]
    ?.matchFields?.[0]?.values?.[0] ??
  '';

function podsByNode(pods: readonly KubeObject[]): Map<string, KubeObject[]> {
  const by = new Map<string, KubeObject[]>();
  for (const pod of pods) by.set(targetOf(pod), [...(by.get(targetOf(pod)) ?? []), pod]);
  for (const list of by.values()) list.sort((a, b) => (created(a) < created(b) ? -1 : created(a) > created(b) ? 1 : 0));
  return by;
}

const rolling = (set: KubeObject, field: 'maxSurge' | 'maxUnavailable', whole: number, none: number): number =>
  share(set.spec?.updateStrategy?.rollingUpdate?.[field] ?? none, whole, true);

function make({ world, set, hash }: Look, node: string): void {
  createPod(world, set, COMPONENT, {
    labels: {
      [REVISION_HASH]: hash,
      'pod-template-generation': String(set.metadata.annotations?.['deprecated.daemonset.template.generation'] ?? 1),
    },
    spec(spec) {
      tolerate(spec);
      pin(spec, node);
    },
  });
}

const isOfRevision = (pod: KubeObject, hash: string): boolean => pod.metadata.labels?.[REVISION_HASH] === hash;

/** Makes what is missing, deletes what does not belong. */
function manage(look: Look): void {
  const { world, set, hash, nodes, pods } = look;
  const surge = rolling(set, 'maxSurge', nodes.length, 0) > 0;
  for (const node of nodes) {
    const all = pods.get(node.metadata.name) ?? [];
    const { run, stay } = belongs(set, node);
    if (!stay) {
      for (const pod of all) deletePod(world, set, pod, COMPONENT);
      continue;
    }
    const failed = all.filter((pod) => pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded');
    for (const pod of failed) {
      if (pod.metadata.deletionTimestamp !== undefined) continue;
      const what = pod.status.phase.toLowerCase();
      const message = `Found ${what} daemon pod ${pod.metadata.namespace}/${pod.metadata.name} on node ${node.metadata.name}, will try to ${what === 'failed' ? 'kill' : 'delete'} it`;
      emitEvent(
        world,
        set,
        what === 'failed' ? 'Warning' : 'Normal',
        what === 'failed' ? 'FailedDaemonPod' : 'SucceededDaemonPod',
        message,
        COMPONENT,
      );
      deletePod(world, set, pod, COMPONENT);
    }
    const live = all.filter((pod) => pod.metadata.deletionTimestamp === undefined && !failed.includes(pod));
    if (run && all.length === 0) make(look, node.metadata.name);
    const [first, ...rest] = live;
    const extra = surge && first && !isOfRevision(first, hash) ? rest.slice(0, -1) : rest;
    for (const pod of extra) deletePod(world, set, pod, COMPONENT);
  }
  const known = new Set(nodes.map((node) => node.metadata.name));
  for (const [node, orphaned] of pods)
    if (!known.has(node)) for (const pod of orphaned) deletePod(world, set, pod, COMPONENT);
}

/** Replaces Pods of older templates, as many at a time as the strategy allows. */
function roll(look: Look): void {
  const { world, set, hash, nodes, pods } = look;
  const desired = count(nodes, (node) => belongs(set, node).run);
  const surge = rolling(set, 'maxSurge', desired, 0);
  const most = rolling(set, 'maxUnavailable', desired, 1) || (surge === 0 ? 1 : 0);
  const minReady = set.spec?.minReadySeconds ?? 0;
  const available = (pod: KubeObject): boolean => isAvailable(world, pod, minReady);
  const replace: KubeObject[] = [];
  const candidates: KubeObject[] = [];
  let busy = 0;
  for (const node of nodes) {
    if (!belongs(set, node).run) continue;
    const live = (pods.get(node.metadata.name) ?? []).filter((pod) => pod.metadata.deletionTimestamp === undefined);
    const fresh = live.find((pod) => isOfRevision(pod, hash));
    const old = live.find((pod) => !isOfRevision(pod, hash));
    if (surge > 0) {
      if (!old) continue;
      if (!fresh) (available(old) ? candidates : replace).push(old);
      else if (available(fresh)) deletePod(world, set, old, COMPONENT);
      else busy++;
    } else if (fresh || !old) {
      if (!fresh || !available(fresh)) busy++;
    } else if (!available(old)) {
      replace.push(old);
      busy++;
    } else candidates.push(old);
  }
  replace.push(...candidates.slice(0, Math.max(0, (surge > 0 ? surge : most) - busy)));
  for (const pod of replace)
    if (surge > 0) make(look, targetOf(pod));
    else deletePod(world, set, pod, COMPONENT);
}

function report({ world, set, hash, nodes, pods }: Look): number | undefined {
  const minReady = set.spec?.minReadySeconds ?? 0;
  const at = nodes.map((node) => ({ run: belongs(set, node).run, pod: pods.get(node.metadata.name)?.[0] }));
  const wanted = at.filter((n) => n.run);
  const there = wanted.flatMap(({ pod }) => pod ?? []);
  const available = count(there, (pod) => isAvailable(world, pod, minReady));
  setStatus(world, NAME, set, {
    ...counts(
      {
        currentNumberScheduled: there.length,
        numberMisscheduled: at.filter((n) => !n.run && n.pod).length,
        desiredNumberScheduled: wanted.length,
        numberReady: count(there, isPodReady),
        updatedNumberScheduled: count(there, (pod) => isOfRevision(pod, hash)),
        numberAvailable: available,
        numberUnavailable: wanted.length - available,
      },
      ['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady'],
    ),
    observedGeneration: set.metadata.generation,
  });
  return nextAvailable(world, there, minReady);
}

function sync(context: Context, key: string): number | undefined {
  const { world } = context;
  const set = byKey(world, NAME, key);
  if (!set) return undefined;
  const revision = presentRevision(context, set);
  if (!revision) return undefined;
  const pods = claim(context, set, 'pods');
  const look: Look = {
    ...context,
    set,
    hash: revision.metadata.labels?.[REVISION_HASH] ?? '',
    nodes: listObjects(world, 'nodes'),
    pods: podsByNode(pods),
  };
  if (set.metadata.deletionTimestamp === undefined) {
    manage(look);
    if (set.spec?.updateStrategy?.type !== 'OnDelete') roll(look);
    const used = new Set(pods.map((pod) => `${set.metadata.name}-${pod.metadata.labels?.[REVISION_HASH]}`));
    trimHistory(context, set, used.add(revision.metadata.name));
  }
  return report(look);
}

const followPods = followOwned(NAME, NAME, 'pods');

export const daemonSets: Loop = {
  name: NAME,
  follow(context, change) {
    followPods(context, change);
    if (change.resource === 'nodes')
      for (const set of listObjects(context.world, NAME))
        enqueue(context.memory, NAME, `${set.metadata.namespace}/${set.metadata.name}`);
  },
  sync,
};
