/** What the kubelet tells of its node: conditions and its Lease. Source: kubernetes/kubernetes pkg/kubelet/{nodestatus,kubelet_node_status.go}, k8s.io/component-helpers apimachinery/lease. */
import type { World } from '../../kernel/world.ts';
import { emitEvent } from '../events.ts';
import { formatTime, getObject, insertObject, timestamp, touchObject } from '../store/store.ts';

/** Conditions that this model's nodes never change: there is always enough of everything. */
const PRESSURES = [
  ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
] as const;

/** How often the status is told though nothing changed (nodeStatusReportFrequency). */
const REPORT = 300_000_000;
const LEASE_SECONDS = 40;

interface Condition {
  type: string;
  status: string;
  reason: string;
  lastHeartbeatTime: string;
  lastTransitionTime: string;
}

/** The node's conditions: `problem` is the kubelet's message why it is not ready, or null. Written when that changes, or every five minutes. */
export function setNodeReady(world: World, name: string, problem: string | null): void {
  const node = getObject(world, 'nodes', undefined, name);
  if (!node) return;
  const conditions = (node.status?.conditions ?? []) as Condition[];
  const known = conditions.find((c) => c.type === 'Ready');
  const status = problem === null ? 'True' : 'False';
  const due = formatTime(world.epoch + Math.floor((world.now - REPORT) / 1_000_000));
  if (known?.status === status && known.lastHeartbeatTime > due) return;
  const of = (type: string, value: string, reason: string, message: string) => {
    const was = conditions.find((c) => c.type === type);
    return {
      type,
      status: value,
      lastHeartbeatTime: timestamp(world),
      lastTransitionTime: was?.status === value ? was.lastTransitionTime : timestamp(world),
      reason,
      message,
    };
  };
  const ready =
    problem === null
      ? of('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')
      : of('Ready', 'False', 'KubeletNotReady', problem);
  const own = new Set<string>(['Ready', ...PRESSURES.map(([type]) => type)]);
  node.status = {
    ...node.status,
    conditions: [
      ...conditions.filter((c) => !own.has(c.type)),
      ...PRESSURES.map(([type, reason, message]) => of(type, 'False', reason, message)),
      ready,
    ],
  };
  touchObject(world, 'nodes', node);
  if (known && known.status !== status)
    emitEvent(
      world,
      node,
      'Normal',
      status === 'True' ? 'NodeReady' : 'NodeNotReady',
      `Node ${name} status is now: ${status === 'True' ? 'NodeReady' : 'NodeNotReady'}`,
    );
}

/** A time with its microseconds, as Leases have it. */
const microTime = (world: World): string =>
  `${timestamp(world).slice(0, -1)}.${String(((world.now % 1_000_000) + 1_000_000) % 1_000_000).padStart(6, '0')}Z`;

/** Renews the node's Lease in kube-node-lease. */
export function renewLease(world: World, name: string): void {
  const node = getObject(world, 'nodes', undefined, name);
  if (!node || !getObject(world, 'namespaces', undefined, 'kube-node-lease')) return;
  const lease = getObject(world, 'leases', 'kube-node-lease', name);
  if (lease) {
    lease.spec = { ...lease.spec, renewTime: microTime(world) };
    touchObject(world, 'leases', lease);
    return;
  }
  insertObject(world, 'leases', {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: 'kube-node-lease',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid ?? '' }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime: microTime(world) },
  });
}
