/**
 * Bringing one Pod to what its spec says: sandbox, init containers one after the other, containers, restarts with back-off.
 * Source: kubernetes/kubernetes pkg/kubelet/kuberuntime/kuberuntime_manager.go (computePodActions, SyncPod).
 */
import type { Io, Proc } from '../../kernel/process.ts';
import type { Container } from '../../kernel/world.ts';
import { emitEvent } from '../events.ts';
import type { KubeObject } from '../types.ts';
import { advanceAttempt, beginAttempt } from './attempt.ts';
import { startContainer } from './containers.ts';
import { ensureImage } from './images.ts';
import { logSandboxFailure } from './log.ts';
import { type ContainerWork, containerWork, inBackOff, nextBackOff, type PodWork } from './memory.ts';
import { loadNetwork } from './network.ts';
import { probeContainer, stopProbing } from './probes.ts';
import { setUpVolumes } from './root.ts';
import { containersOf, sandboxOf } from './runtime.ts';
import { runSandbox } from './sandbox.ts';
import {
  appContainers,
  type ContainerSpec,
  ephemeralContainers,
  fieldPathOf,
  fullName,
  initContainers,
  isSidecar,
} from './spec.ts';
import { writeStatus } from './status.ts';
import { advanceStop, beginStop } from './stop.ts';
import { graceOf, stopContainers } from './terminate.ts';

/** How long the kubelet leaves a Pod alone whose sandbox could not be made, or whose sync failed. */
const SANDBOX_BACKOFF = 15_000_000;
const RETRY = 12_000_000;
/** How often volumes are written anew from the API. */
const REMOUNT = 60_000_000;

const NETWORK_STATE =
  'NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';
/** Why the node is not ready without a network configuration. */
export const NOT_READY = `container runtime network not ready: ${NETWORK_STATE}`;
export { NETWORK_STATE };

interface Context {
  proc: Proc;
  work: PodWork;
  pod: KubeObject;
  sandbox: Container;
  known: Map<string, Container[]>;
}

const soon = (work: PodWork, at: number): void => {
  work.due = Math.min(work.due, at);
};

/** Looks after one Pod; `work.due` says when to look again by itself. */
export function* syncPod(proc: Proc, work: PodWork): Io<void> {
  const { world, host } = proc;
  const { pod } = work;
  const uid = pod.metadata.uid ?? '';
  work.due = Number.POSITIVE_INFINITY;
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') {
    const due = yield* stopContainers(proc, work);
    if (due !== null) soon(work, due);
    return;
  }
  const sandbox = sandboxOf(host, uid) ?? (yield* makeSandbox(proc, work));
  if (!sandbox) {
    writeStatus(proc, work);
    return;
  }
  const broken = world.now >= work.mounted + REMOUNT ? setUpVolumes(world, host, pod, sandbox.ips) : null;
  if (!broken && world.now >= work.mounted + REMOUNT) work.mounted = world.now;
  if (broken) {
    emitEvent(
      world,
      pod,
      'Warning',
      'FailedMount',
      `MountVolume.SetUp failed for volume "${broken.volume}" : ${broken.message}`,
    );
    soon(work, world.now + RETRY);
    writeStatus(proc, work);
    return;
  }
  const context: Context = { proc, work, pod, sandbox, known: containersOf(host, uid) };
  const initialized = yield* runInits(context);
  if (initialized === 'done')
    for (const spec of appContainers(pod)) yield* runContainer(context, spec, pod.spec?.restartPolicy ?? 'Always');
  for (const spec of ephemeralContainers(pod)) yield* runContainer(context, spec, 'Never');
  writeStatus(proc, work, initialized === 'failed');
  if (pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed') return;
  // Sidecars go when all that they serve has ended.
  const due = yield* stopContainers(proc, work);
  if (due !== null) soon(work, due);
}

function* makeSandbox(proc: Proc, work: PodWork): Io<Container | null> {
  const { world, host } = proc;
  const { pod } = work;
  if (work.retryAt > world.now) {
    soon(work, work.retryAt);
    return null;
  }
  const later = (): null => {
    work.retryAt = world.now + SANDBOX_BACKOFF;
    soon(work, work.retryAt);
    return null;
  };
  if (pod.spec?.hostNetwork !== true && 'error' in loadNetwork(proc)) {
    emitEvent(world, pod, 'Warning', 'NetworkNotReady', `network is not ready: ${NOT_READY}`);
    return later();
  }
  // A Pod whose sandbox is gone loses its containers with it.
  const left = [...containersOf(host, pod.metadata.uid ?? '').values()].flat().filter((c) => c.exited === null);
  if (work.attempts > 0)
    emitEvent(world, pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
  for (const c of left) {
    const main = proc.machine.find(host.name, c.pid);
    if (main) proc.machine.kill(main, 137);
  }
  const made = yield* runSandbox(proc, pod, work.attempts);
  if (!('error' in made)) {
    work.attempts++;
    return made;
  }
  yield* logSandboxFailure(proc, pod, made.error);
  emitEvent(world, pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${made.error}`);
  return later();
}

/** Init containers in their order. `failed`: one ended badly in a Pod that restarts nothing. */
function* runInits(context: Context): Io<'done' | 'waiting' | 'failed'> {
  const { pod, known } = context;
  const policy = pod.spec?.restartPolicy ?? 'Always';
  for (const spec of initContainers(pod)) {
    if (isSidecar(spec)) {
      yield* runContainer(context, spec, 'Always');
      const [latest] = context.known.get(spec.name) ?? [];
      if (!latest || latest.exited !== null || !containerWork(context.work, spec.name).started) return 'waiting';
      continue;
    }
    if (known.get(spec.name)?.[0]?.exited?.status === 0) continue;
    yield* runContainer(context, spec, policy === 'Never' ? 'Never' : 'OnFailure');
    const exit = context.known.get(spec.name)?.[0]?.exited;
    if (exit && exit.status !== 0 && policy === 'Never') return 'failed';
    if (exit?.status !== 0) return 'waiting';
  }
  return 'done';
}

/** One container: started, left alone, stopped, or started again. */
function* runContainer(context: Context, spec: ContainerSpec, policy: string): Io<void> {
  const { proc, work, known } = context;
  const { world } = proc;
  const own = containerWork(work, spec.name);
  const [latest] = known.get(spec.name) ?? [];
  if (latest && latest.exited === null) {
    own.waiting = null;
    yield* watchRunning(context, spec, own, latest);
    if (latest.exited === null) return;
  }
  if (latest?.exited) {
    own.started = own.ready = false;
    own.stop = null;
    stopProbing(proc, own);
    if (policy === 'Never' || (policy === 'OnFailure' && latest.exited.status === 0)) {
      own.waiting = null;
      return;
    }
    if (own.backoff && inBackOff(own.backoff, latest.exited.at, world.now)) {
      backOff(context, spec, own, latest.exited.at);
      return;
    }
  }
  start(context, spec, own, latest);
}

/** A restart that has to wait. */
function backOff({ proc, work, pod }: Context, spec: ContainerSpec, own: ContainerWork, exited: number): void {
  const { world } = proc;
  const until = exited + (own.backoff?.delay ?? 0);
  const name = fullName(pod);
  own.waiting = {
    message: `back-off ${goSeconds((own.backoff?.delay ?? 0) / 1_000_000)} restarting failed container=${spec.name} pod=${name}`,
    reason: 'CrashLoopBackOff',
  };
  if (world.now >= own.told + RETRY) {
    own.told = world.now;
    const message = `Back-off restarting failed container ${spec.name} in pod ${name}`;
    emitEvent(world, pod, 'Warning', 'BackOff', message, 'kubelet', fieldPathOf(pod, spec.name));
  }
  soon(work, Math.min(until, own.told + RETRY));
}

/** Whole seconds as Go prints a duration: `10s`, `2m40s`. */
const goSeconds = (s: number): string => (s < 60 ? `${s}s` : `${Math.floor(s / 60)}m${s % 60}s`);

function start(context: Context, spec: ContainerSpec, own: ContainerWork, latest: Container | undefined): void {
  const { proc, work, pod, sandbox, known } = context;
  const { world, host } = proc;
  const path = fieldPathOf(pod, spec.name);
  const say = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
    emitEvent(world, pod, type, reason, message, 'kubelet', path);
  const wait = ensureImage(proc, pod, spec, own.pull, path);
  if (wait) {
    const first = wait.reason === 'ContainerCreating';
    own.waiting = first
      ? own.waiting
      : { ...(wait.message === undefined ? {} : { message: wait.message }), reason: wait.reason };
    soon(work, wait.again);
    return;
  }
  const netns = world.netns.get(sandbox.netns);
  if (!netns) return;
  const attempt = latest ? latest.attempt + 1 : own.restarts;
  const made = startContainer(proc, pod, spec, netns, sandbox.ips, attempt);
  if ('config' in made) {
    own.waiting = { message: made.config, reason: 'CreateContainerConfigError' };
    say('Warning', 'Failed', `Error: ${made.config}`);
    soon(work, world.now + RETRY);
    return;
  }
  if (latest) own.backoff = nextBackOff(own.backoff, latest.exited?.at ?? world.now, world.now);
  own.restarts = attempt;
  own.waiting = null;
  own.started = spec.startupProbe === undefined;
  own.ready = own.started && spec.readinessProbe === undefined;
  // Of those before it, one is kept: `kubectl logs -p`.
  for (const older of (known.get(spec.name) ?? []).slice(1)) host.containers.delete(older.id);
  known.set(spec.name, [made, ...(latest ? [latest] : [])]);
  say('Normal', 'Created', `Created container: ${spec.name}`);
  if (made.exited?.error !== undefined) {
    say('Warning', 'Failed', `Error: ${made.exited.error}`);
    own.waiting = { message: made.exited.error, reason: 'RunContainerError' };
    soon(work, world.now + 1_000_000);
    return;
  }
  say('Normal', 'Started', `Started container ${spec.name}`);
  begin(context, spec, own, made);
}

/** What begins with a container: its postStart hook, and its probes. */
function begin(context: Context, spec: ContainerSpec, own: ContainerWork, container: Container): void {
  const { proc, work, sandbox } = context;
  soon(work, proc.world.now);
  const hook = spec.lifecycle?.postStart;
  if (!hook) return;
  const begun = beginAttempt(proc, container, spec, sandbox.ips[0] ?? '', hook, null);
  if ('ok' in begun) failedPostStart(context, spec, own, container);
  else own.hook = begun;
}

function failedPostStart(
  { proc, work, pod }: Context,
  spec: ContainerSpec,
  own: ContainerWork,
  container: Container,
): void {
  emitEvent(
    proc.world,
    pod,
    'Warning',
    'FailedPostStartHook',
    'PostStartHook failed',
    'kubelet',
    fieldPathOf(pod, spec.name),
  );
  beginStop(proc, work, own, spec, container, graceOf(pod), 'FailedPostStartHook');
}

/** A container that runs: its hook, its probes, and its end where it is being stopped. */
function* watchRunning(context: Context, spec: ContainerSpec, own: ContainerWork, container: Container): Io<void> {
  const { proc, work, sandbox, pod } = context;
  if (own.hook !== null) {
    const outcome = yield* advanceAttempt(proc, own.hook);
    if (outcome) {
      own.hook = null;
      if (!outcome.ok) failedPostStart(context, spec, own, container);
    }
  }
  if (own.stop === null) {
    const { due, kill } = yield* probeContainer(proc, work, own, spec, container, sandbox.ips[0] ?? '');
    soon(work, due);
    if (kill) {
      own.ready = false;
      const grace = spec[`${kill}Probe`]?.terminationGracePeriodSeconds ?? graceOf(pod);
      const message = `Container ${spec.name} failed ${kill} probe, will be restarted`;
      beginStop(proc, work, own, spec, container, grace, message);
    }
  }
  if (own.stop === null) return;
  const at = yield* advanceStop(proc, work, own, container);
  if (at !== null) soon(work, at);
}
