/** A Pod's status as the kubelet makes it of what runs. Source: kubernetes/kubernetes pkg/kubelet/{kubelet_pods.go,status/generate.go}. */
import type { Proc } from '../../kernel/process.ts';
import type { Container } from '../../kernel/world.ts';
import { qosClass } from '../kinds/pods/qos.ts';
import { clone, same } from '../store/clone.ts';
import { getObject, timestamp, touchObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { fullReference, imageIdOf } from './images.ts';
import type { PodWork } from './memory.ts';
import { containersOf, sandboxOf } from './runtime.ts';
import { nodeAddresses } from './sandbox.ts';
import { appContainers, type ContainerSpec, ephemeralContainers, initContainers, isSidecar } from './spec.ts';

interface State {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: { exitCode: number; reason: string; message?: string; startedAt: string | null; finishedAt: string };
}

export interface ContainerStatus {
  name: string;
  state: State;
  lastState: State;
  ready: boolean;
  restartCount: number;
  started?: boolean;
  [field: string]: unknown;
}

interface Truth {
  status: string;
  reason?: string;
  message?: string;
}

type Condition = Truth & { type: string; lastTransitionTime?: string };

function terminated(proc: Proc, c: Container): State {
  const { exited } = c;
  if (exited === null) return {};
  const failed = exited.error !== undefined;
  return {
    terminated: {
      containerID: `containerd://${c.id}`,
      exitCode: exited.status,
      finishedAt: timestamp(proc.world, exited.at),
      ...(failed ? { message: exited.error } : {}),
      reason: failed ? 'StartError' : exited.status === 0 ? 'Completed' : 'Error',
      startedAt: failed ? '1970-01-01T00:00:00Z' : timestamp(proc.world, c.started),
    } as State['terminated'],
  };
}

/** One container's status; `waiting` is what it waits for where nothing of it has run. */
function containerStatus(
  proc: Proc,
  work: PodWork,
  spec: ContainerSpec,
  known: readonly Container[],
  waiting: string,
  role: 'init' | 'app' | 'ephemeral',
): ContainerStatus {
  const own = work.containers.get(spec.name);
  const [latest, before] = known;
  const running = latest !== undefined && latest.exited === null;
  // One that ended and waits to be started again shows the end as its last state.
  const again = latest !== undefined && !running && own?.waiting != null;
  const shown = latest && (running || !again) ? latest : undefined;
  const last = again ? latest : shown ? before : undefined;
  const state: State = running
    ? { running: { startedAt: timestamp(proc.world, latest.started) } }
    : shown
      ? terminated(proc, shown)
      : { waiting: own?.waiting ?? { reason: waiting } };
  const started = running && (own?.started ?? false);
  return {
    ...(latest ? { containerID: `containerd://${latest.id}` } : {}),
    image: latest ? fullReference(spec.image) : spec.image,
    imageID: latest ? imageIdOf(spec.image) : '',
    lastState: last ? terminated(proc, last) : {},
    name: spec.name,
    ready: role === 'init' && !isSidecar(spec) ? shown?.exited?.status === 0 : running && (own?.ready ?? false),
    restartCount: latest?.attempt ?? own?.restarts ?? 0,
    ...(role === 'ephemeral' ? {} : { started }),
    state,
    ...(spec.volumeMounts?.length
      ? {
          volumeMounts: spec.volumeMounts.map((m) => ({
            mountPath: m.mountPath,
            name: m.name,
            ...(m.readOnly ? { readOnly: true, recursiveReadOnly: 'Disabled' } : {}),
          })),
        }
      : {}),
  };
}

/** The phase by its containers. Source: getPhase. */
function phaseOf(
  pod: KubeObject,
  inits: readonly ContainerStatus[],
  apps: readonly ContainerStatus[],
  ended: boolean,
): string {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  const initSpecs = initContainers(pod);
  for (const [i, s] of inits.entries()) {
    const spec = initSpecs[i] as ContainerSpec;
    if (isSidecar(spec)) {
      if (!s.started && !ended) return 'Pending';
      continue;
    }
    if (s.state.terminated?.exitCode === 0) continue;
    if (s.state.terminated && policy === 'Never') return 'Failed';
    if (!ended) return 'Pending';
    return 'Failed';
  }
  const waiting = apps.filter((s) => s.state.waiting && !s.lastState.terminated).length;
  const running = apps.filter((s) => s.state.running).length;
  const ends = apps.flatMap((s) => s.state.terminated ?? (s.state.waiting ? (s.lastState.terminated ?? []) : []));
  const succeeded = ends.every((t) => t.exitCode === 0);
  if (ended && running === 0) return waiting === 0 && succeeded ? 'Succeeded' : 'Failed';
  if (waiting > 0) return 'Pending';
  if (running > 0) return 'Running';
  if (policy === 'Always') return 'Running';
  if (succeeded) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

const unready = (statuses: readonly ContainerStatus[]): string =>
  statuses
    .filter((s) => !s.ready)
    .map((s) => s.name)
    .join(' ');

function conditionsOf(
  pod: KubeObject,
  phase: string,
  network: boolean,
  inits: ContainerStatus[],
  apps: ContainerStatus[],
): Condition[] {
  const done = phase === 'Succeeded' || phase === 'Failed';
  const specs = initContainers(pod);
  const pending = inits.filter((s, i) =>
    isSidecar(specs[i] as ContainerSpec) ? !s.started : s.state.terminated?.exitCode !== 0,
  );
  const initialized = pending.length === 0 || phase === 'Succeeded';
  const completed = { status: 'False', reason: phase === 'Failed' ? 'PodFailed' : 'PodCompleted' };
  const sidecars = inits.filter((_, i) => isSidecar(specs[i] as ContainerSpec));
  const bad = unready([...sidecars, ...apps]);
  const containers: Truth = done
    ? completed
    : bad === ''
      ? { status: 'True' }
      : { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${bad}]` };
  const known = (pod.status?.conditions ?? []) as Condition[];
  const gates = ((pod.spec?.readinessGates ?? []) as { conditionType: string }[]).flatMap(({ conditionType }) => {
    const found = known.find((c) => c.type === conditionType);
    if (found?.status === 'True') return [];
    return [
      found
        ? `the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`
        : `corresponding condition of pod readiness gate "${conditionType}" does not exist.`,
    ];
  });
  const ready: Truth =
    containers.status === 'True' && gates.length > 0
      ? { status: 'False', reason: 'ReadinessGatesNotReady', message: gates.join(', ') }
      : containers;
  return [
    { type: 'PodReadyToStartContainers', status: network ? 'True' : 'False' },
    {
      type: 'Initialized',
      ...(initialized
        ? { status: 'True', ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) }
        : {
            status: 'False',
            reason: 'ContainersNotInitialized',
            message: `containers with incomplete status: [${pending.map((s) => s.name).join(' ')}]`,
          }),
    },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...containers },
    { type: 'PodScheduled', status: 'True' },
  ];
}

const OWN = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];

/** Writes the Pod's status, when it is another than before. `ended`: nothing of it will be started again. */
export function writeStatus(proc: Proc, work: PodWork, ended = work.stopping): void {
  const { world, host } = proc;
  const uid = work.pod.metadata.uid ?? '';
  const pod = getObject(world, 'pods', work.pod.metadata.namespace, work.pod.metadata.name);
  if (!pod || pod.metadata.uid !== uid) return;
  const known = containersOf(host, uid);
  const sandbox = sandboxOf(host, uid);
  const old = (pod.status ?? {}) as Record<string, unknown>;
  const initializing = initContainers(pod).some((spec) => {
    const latest = known.get(spec.name)?.[0];
    return isSidecar(spec)
      ? !(latest && latest.exited === null && work.containers.get(spec.name)?.started)
      : latest?.exited?.status !== 0;
  });
  const of = (specs: ContainerSpec[], role: 'init' | 'app' | 'ephemeral', waiting: string) =>
    specs.map((spec) => containerStatus(proc, work, spec, known.get(spec.name) ?? [], waiting, role));
  const hasInit = initContainers(pod).length > 0;
  const inits = of(initContainers(pod), 'init', 'PodInitializing');
  const apps = of(appContainers(pod), 'app', hasInit && initializing ? 'PodInitializing' : 'ContainerCreating').sort(
    (a, b) => (a.name < b.name ? -1 : 1),
  );
  const ephemeral = of(ephemeralContainers(pod), 'ephemeral', 'ContainerCreating');
  const running = [...inits, ...apps].some((s) => s.state.running);
  const final = old.phase === 'Succeeded' || old.phase === 'Failed';
  const phase = final ? String(old.phase) : phaseOf(pod, inits, apps, ended && !running);
  const observed = pod.metadata.generation ?? 1;
  const before = (pod.status?.conditions ?? []) as Condition[];
  const conditions = [
    ...conditionsOf(pod, phase, sandbox !== undefined, inits, apps).map((c) => {
      const was = before.find((b) => b.type === c.type);
      const since = was?.status === c.status ? was.lastTransitionTime : timestamp(world);
      return {
        lastProbeTime: null,
        lastTransitionTime: since,
        ...(c.message === undefined ? {} : { message: c.message }),
        observedGeneration: observed,
        ...(c.reason === undefined ? {} : { reason: c.reason }),
        status: c.status,
        type: c.type,
      };
    }),
    ...before.filter((b) => !OWN.includes(b.type)),
  ];
  const hostIps = nodeAddresses(proc);
  const ips = sandbox?.ips ?? ((old.podIPs ?? []) as { ip: string }[]).map((p) => p.ip);
  const status: Record<string, unknown> = {
    conditions,
    ...(apps.length > 0 ? { containerStatuses: apps } : {}),
    ...(ephemeral.length > 0 ? { ephemeralContainerStatuses: ephemeral } : {}),
    hostIP: hostIps[0],
    hostIPs: hostIps.map((ip) => ({ ip })),
    ...(inits.length > 0 ? { initContainerStatuses: inits } : {}),
    observedGeneration: observed,
    phase,
    ...(ips.length > 0 ? { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) } : {}),
    qosClass: qosClass(pod),
    startTime: old.startTime ?? timestamp(world),
    ...(old.message === undefined ? {} : { message: old.message }),
    ...(old.reason === undefined ? {} : { reason: old.reason }),
  };
  if (same(old, status)) return;
  pod.status = clone(status);
  touchObject(world, 'pods', pod);
  work.written = pod.metadata.resourceVersion ?? '';
}
