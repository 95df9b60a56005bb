/** What the kubelet reports of Pods and of its node. Source: kubernetes/kubernetes pkg/kubelet/status, pkg/kubelet/nodestatus. */
import type { Container, World } from '../../kernel/world.ts';
import { emitEvent } from '../events.ts';
import { getObject, timestamp, touchObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';

interface ContainerState {
  spec: { name: string; image: string };
  started: Container | { waiting: string; message: string };
}

const condition = (world: World, type: string, status: boolean, more: Record<string, unknown> = {}) => ({
  type,
  status: status ? 'True' : 'False',
  lastProbeTime: null,
  lastTransitionTime: timestamp(world),
  ...more,
});

/** Writes status: phase, addresses, conditions, container states. */
export function setPodStatus(
  world: World,
  node: string,
  pod: KubeObject,
  ip: string,
  states: readonly ContainerState[],
): void {
  const ready = states.every((s) => 'id' in s.started);
  const nodeIp = (
    getObject(world, 'nodes', undefined, node)?.status?.addresses as { type: string; address: string }[] | undefined
  )?.find((a) => a.type === 'InternalIP')?.address;
  pod.status = {
    phase: ready ? 'Running' : 'Pending',
    hostIP: nodeIp,
    hostIPs: [{ ip: nodeIp }],
    podIP: ip,
    podIPs: [{ ip }],
    qosClass: 'BestEffort',
    startTime: timestamp(world),
    conditions: [
      condition(world, 'PodReadyToStartContainers', true),
      condition(world, 'Initialized', true),
      condition(world, 'Ready', ready),
      condition(world, 'ContainersReady', ready),
      condition(world, 'PodScheduled', true),
    ],
    containerStatuses: states.map(({ spec, started }) => ({
      name: spec.name,
      image: spec.image,
      imageID: '',
      ready: 'id' in started,
      started: 'id' in started,
      restartCount: 0,
      lastState: {},
      ...('id' in started ? { containerID: `containerd://${started.id}` } : {}),
      state:
        'id' in started
          ? { running: { startedAt: timestamp(world) } }
          : { waiting: { reason: started.waiting, message: started.message } },
    })),
  };
  touchObject(world, 'pods', pod);
  for (const { spec, started } of states) {
    if ('id' in started) emitEvent(world, pod, 'Normal', 'Started', `Started container ${spec.name}`);
    else emitEvent(world, pod, 'Warning', 'Failed', `Error: ${started.waiting}: ${started.message}`);
  }
}

/** Conditions that this model's nodes never change: there is always enough of everything. */
const PRESSURES = [
  ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
] as const;

/** The node's conditions: `problem` is the kubelet's message why it is not ready, or null. Written only when that changes. */
export function setNodeReady(world: World, name: string, problem: string | null): void {
  const node = getObject(world, 'nodes', undefined, name);
  if (!node) return;
  const conditions = (node.status?.conditions ?? []) as { type: string; status: string }[];
  const known = conditions.find((c) => c.type === 'Ready');
  const status = problem === null ? 'True' : 'False';
  if (known?.status === status) return;
  const at = timestamp(world);
  const of = (type: string, value: string, reason: string, message: string) => ({
    type,
    status: value,
    lastHeartbeatTime: at,
    lastTransitionTime: at,
    reason,
    message,
  });
  const pressures = PRESSURES.filter(([type]) => !conditions.some((c) => c.type === type)).map(
    ([type, reason, message]) => of(type, 'False', reason, message),
  );
  const ready = of(
    'Ready',
    status,
    problem === null ? 'KubeletReady' : 'KubeletNotReady',
    problem ?? 'kubelet is posting ready status',
  );
  node.status = { ...node.status, conditions: [...conditions.filter((c) => c.type !== 'Ready'), ...pressures, ready] };
  touchObject(world, 'nodes', node);
}
