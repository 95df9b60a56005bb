/** Jobs: Pods until enough of them have succeeded. Source: kubernetes/kubernetes pkg/controller/job (1.34). */
import { deleteResource, removeIfDone } from '../../api/delete.ts';
import { emitEvent } from '../../events.ts';
import { isPodReady } from '../../kinds/pods/state.ts';
import { kindOf } from '../../kinds/resources.ts';
import { timestamp, touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { claim } from '../follow/claim.ts';
import { followOwned, type Loop } from '../follow/loop.ts';
import { byKey, type Context } from '../follow/memory.ts';
import { count, createPod, deletePod, isActive, unixNow, virtualTime } from '../follow/pods.ts';
import { type Condition, conditionOf, counts, setStatus, withCondition } from '../follow/status.ts';
import { freeIndexes, INDEX, indexesText, isIndexed } from './indexes.ts';

const NAME = 'jobs';
const COMPONENT = 'job-controller';
const FINALIZER = 'batch.kubernetes.io/job-tracking';
/** Seconds that a failure delays the next Pod, doubled at each, and their limit. */
const FIRST_BACKOFF = 10;
const MAX_BACKOFF = 600;

/** What is known of a Job's Pods at one look. */
interface Tally {
  active: KubeObject[];
  pods: KubeObject[];
  succeeded: number;
  failed: number;
  /** Unix seconds when the last failed. */
  lastFailure: number;
}

/** Unix seconds: when its last container ended, else when it stopped being ready or was deleted, else when it was made. */
function endedAt(pod: KubeObject): number {
  const containers = (pod.status?.containerStatuses ?? []) as { state?: { terminated?: { finishedAt?: string } } }[];
  const ends = containers.flatMap((s) => s.state?.terminated?.finishedAt ?? []).sort();
  const { deletionTimestamp, creationTimestamp } = pod.metadata;
  const at = ends.at(-1) ?? conditionOf(pod, 'Ready')?.lastTransitionTime ?? deletionTimestamp ?? creationTimestamp;
  return Date.parse(at ?? '') / 1000;
}

/** Counts Pods that have ended, each once: the finalizer that keeps them until then is taken off. */
function tally({ world }: Context, job: KubeObject, pods: KubeObject[]): Tally {
  const result: Tally = {
    active: pods.filter(isActive),
    pods,
    succeeded: job.status?.succeeded ?? 0,
    failed: job.status?.failed ?? 0,
    lastFailure: 0,
  };
  for (const pod of pods) {
    const done = pod.status?.phase === 'Succeeded';
    const lost = pod.status?.phase === 'Failed' || pod.metadata.deletionTimestamp !== undefined;
    if (lost && !done) result.lastFailure = Math.max(result.lastFailure, endedAt(pod));
    if ((!done && !lost) || !pod.metadata.finalizers?.includes(FINALIZER)) continue;
    if (done) result.succeeded++;
    else result.failed++;
    release(world, pod);
  }
  return result;
}

function release(world: Context['world'], pod: KubeObject): void {
  pod.metadata.finalizers = pod.metadata.finalizers?.filter((f) => f !== FINALIZER);
  if (!removeIfDone(world, kindOf('pods'), pod)) touchObject(world, 'pods', pod);
}

type Ending = { type: 'Complete' | 'Failed'; reason: string; message: string };

function endingOf({ world }: Context, job: KubeObject, { succeeded, failed, active }: Tally): Ending | null {
  const { completions, backoffLimit = 6, activeDeadlineSeconds } = job.spec ?? {};
  if (failed > backoffLimit)
    return {
      type: 'Failed',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    };
  const started = Date.parse(job.status?.startTime ?? '') / 1000;
  if (activeDeadlineSeconds !== undefined && started + activeDeadlineSeconds <= unixNow(world))
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  const enough = completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions;
  return enough
    ? { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
    : null;
}

/** Makes or deletes Pods. Answers when the next may come, virtual µs. */
function manage(context: Context, job: KubeObject, t: Tally): number | undefined {
  const { world } = context;
  const { parallelism = 1, completions } = job.spec ?? {};
  const left = completions === undefined ? parallelism : Math.min(parallelism, completions - t.succeeded);
  const wanted = completions === undefined && t.succeeded > 0 ? t.active.length : Math.max(0, left);
  const surplus = t.active.length - Math.min(wanted, parallelism);
  if (surplus > 0) for (const pod of t.active.slice(-surplus)) deletePod(world, job, pod, COMPONENT);
  if (t.active.length >= wanted) return undefined;
  if (t.failed > 0 && t.lastFailure > 0) {
    const at = t.lastFailure + Math.min(FIRST_BACKOFF * 2 ** (t.failed - 1), MAX_BACKOFF);
    if (at > unixNow(world)) return virtualTime(world, at);
  }
  const free = isIndexed(job) ? freeIndexes(job, t.pods) : null;
  for (let i = t.active.length; i < wanted; i++) {
    const index = free?.[i - t.active.length];
    if (free && index === undefined) break;
    const name = `${job.metadata.name}-${index}`;
    createPod(world, job, COMPONENT, {
      ...(index === undefined
        ? {}
        : { prefix: `${name}-`, labels: { [INDEX]: String(index) }, annotations: { [INDEX]: String(index) } }),
      finalizers: [FINALIZER],
      spec(spec) {
        if (index !== undefined) spec.hostname = name;
      },
    });
  }
  return undefined;
}

/** Sets the conditions of an end: first what led to it, then the end itself. */
function end({ world }: Context, job: KubeObject, t: Tally, ending: Ending, conditions: Condition[]): Condition[] {
  const { type, reason, message } = ending;
  const lead = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  let next = conditions;
  for (const each of [lead, type]) next = withCondition(world, next, { type: each, status: 'True', reason, message });
  for (const pod of t.active) deletePod(world, job, pod, COMPONENT);
  if (type === 'Complete') emitEvent(world, job, 'Normal', 'Completed', 'Job completed', COMPONENT);
  else emitEvent(world, job, 'Warning', reason, message, COMPONENT);
  return next;
}

function suspend({ world }: Context, job: KubeObject, t: Tally, conditions: Condition[]): Condition[] {
  const known = conditions.find((c) => c.type === 'Suspended');
  if (job.spec?.suspend) {
    for (const pod of t.active) deletePod(world, job, pod, COMPONENT);
    if (known?.status === 'True') return conditions;
    emitEvent(world, job, 'Normal', 'Suspended', 'Job suspended', COMPONENT);
    const said = { reason: 'JobSuspended', message: 'Job suspended' };
    return withCondition(world, conditions, { type: 'Suspended', status: 'True', ...said });
  }
  if (known?.status !== 'True') return conditions;
  emitEvent(world, job, 'Normal', 'Resumed', 'Job resumed', COMPONENT);
  const said = { reason: 'JobResumed', message: 'Job resumed' };
  return withCondition(world, conditions, { type: 'Suspended', status: 'False', ...said });
}

/** Deletes a Job that ended long ago, when it says so. */
function expire({ world }: Context, job: KubeObject): number | undefined {
  const seconds = job.spec?.ttlSecondsAfterFinished;
  const done = conditionOf(job, 'Complete') ?? conditionOf(job, 'Failed');
  if (seconds === undefined || !done) return undefined;
  const at = Date.parse(done.lastTransitionTime ?? '') / 1000 + seconds;
  if (at > unixNow(world)) return virtualTime(world, at);
  deleteResource(world, kindOf(NAME), job.metadata.namespace, job.metadata.name, { propagationPolicy: 'Foreground' });
  return undefined;
}

const isFinished = (job: KubeObject): boolean =>
  ['Complete', 'Failed'].some((type) => conditionOf(job, type)?.status === 'True');

function sync(context: Context, key: string): number | undefined {
  const { world } = context;
  const job = byKey(world, NAME, key);
  if (!job) return undefined;
  const pods = claim(context, job, 'pods');
  const t = tally(context, job, pods);
  if (isFinished(job)) return expire(context, job);
  const suspended = job.spec?.suspend === true;
  const startTime = suspended ? undefined : (job.status?.startTime ?? timestamp(world));
  let conditions = suspend(context, job, t, (job.status?.conditions ?? []) as Condition[]);
  const ending = suspended ? null : endingOf(context, job, t);
  let again: number | undefined;
  if (ending) conditions = end(context, job, t, ending, conditions);
  else if (!suspended && job.metadata.deletionTimestamp === undefined) again = manage(context, job, t);
  const active = ending || suspended ? 0 : count(pods, isActive);
  setStatus(world, NAME, job, {
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(startTime === undefined ? {} : { startTime }),
    ...(ending?.type === 'Complete' ? { completionTime: timestamp(world) } : {}),
    ...counts({ active, succeeded: t.succeeded, failed: t.failed }),
    ...(isIndexed(job) ? { completedIndexes: indexesText(job, pods) } : {}),
    terminating: count(
      pods,
      (pod) => pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded',
    ),
    ready: active === 0 ? 0 : count(t.active, isPodReady),
    uncountedTerminatedPods: {},
  });
  return again ?? (ending ? expire(context, job) : deadline(world, job));
}

function deadline(world: Context['world'], job: KubeObject): number | undefined {
  const seconds = job.spec?.activeDeadlineSeconds;
  const started = Date.parse(job.status?.startTime ?? '') / 1000;
  return seconds === undefined || Number.isNaN(started) ? undefined : virtualTime(world, started + seconds);
}

const followPods = followOwned(NAME, NAME, 'pods');

export const jobs: Loop = {
  name: NAME,
  follow(context, change) {
    followPods(context, change);
    // Nobody counts the Pods of a Job that is gone any more.
    const { object, gone, resource } = change;
    if (resource !== 'pods' || gone || !object.metadata.finalizers?.includes(FINALIZER)) return;
    if (change.owners.every((uid) => !context.memory.ids.has(uid))) release(context.world, object);
  },
  sync,
};
