/** Nodes whose kubelet is silent. Source: kubernetes/kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go (1.34). */
import type { World } from '../../../kernel/world.ts';
import { emitEvent } from '../../events.ts';
import { getObject, timestamp, touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { enqueue, type Loop } from '../follow/loop.ts';
import { byKey, type Context, having } from '../follow/memory.ts';
import { type Condition, conditionOf } from '../follow/status.ts';

const NAME = 'nodehealth';
const COMPONENT = 'node-controller';
/** How long a kubelet may be silent, µs (--node-monitor-grace-period of 1.32 and later). */
const GRACE = 50_000_000;
const TYPES = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** Says of every condition that nobody knows. */
function forget(world: World, node: KubeObject): void {
  const conditions = [...((node.status?.conditions ?? []) as Condition[])];
  for (const type of TYPES) {
    const at = conditions.findIndex((c) => c.type === type);
    const never = { reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' };
    const stopped = { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' };
    const known = conditions[at];
    if (known?.status === 'Unknown') continue;
    const next: Condition = {
      ...(known ?? { lastHeartbeatTime: node.metadata.creationTimestamp }),
      type,
      status: 'Unknown',
      lastTransitionTime: timestamp(world),
      ...(known ? stopped : never),
    };
    if (at >= 0) conditions[at] = next;
    else conditions.push(next);
  }
  node.status = { ...node.status, conditions };
  touchObject(world, 'nodes', node);
}

/** Pods of a node that is not ready are not ready. */
function unready({ world, memory }: Context, node: KubeObject): void {
  for (const pod of having({ world, memory }, memory.labels, `node ${node.metadata.name}`)) {
    const conditions = (pod.status?.conditions ?? []) as Condition[];
    if (!conditions.some((c) => c.type === 'Ready' && c.status === 'True')) continue;
    pod.status = {
      ...pod.status,
      conditions: conditions.map((c) =>
        c.type === 'Ready' ? { ...c, status: 'False', lastTransitionTime: timestamp(world) } : c,
      ),
    };
    touchObject(world, 'pods', pod);
    emitEvent(world, pod, 'Warning', 'NodeNotReady', 'Node is not ready', COMPONENT);
  }
}

/** When the node was last heard of, virtual µs: its Lease or its heartbeat changed then. */
function heard({ world, memory }: Context, node: KubeObject): number {
  const { name, uid, creationTimestamp } = node.metadata;
  const lease = getObject(world, 'leases', 'kube-node-lease', name);
  const beat = conditionOf(node, 'Ready')?.lastHeartbeatTime ?? creationTimestamp;
  const sign = `${uid} ${lease?.spec?.renewTime} ${beat}`;
  const known = memory.heard.get(name);
  if (known?.sign === sign) return known.at;
  memory.heard.set(name, { sign, at: world.now, ready: known?.ready ?? false });
  return world.now;
}

function sync(context: Context, key: string): number | undefined {
  const { world, memory } = context;
  const node = byKey(world, 'nodes', key);
  const name = key.slice(1);
  if (!node) {
    memory.heard.delete(name);
    return undefined;
  }
  const due = heard(context, node) + GRACE;
  const silent = world.now >= due;
  if (silent && conditionOf(node, 'Ready')?.status !== 'Unknown') forget(world, node);
  const ready = conditionOf(node, 'Ready')?.status === 'True';
  const memo = memory.heard.get(name);
  if (memo?.ready && !ready) {
    emitEvent(world, node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`, COMPONENT);
    unready(context, node);
  }
  if (memo) memo.ready = ready;
  return silent ? undefined : due;
}

export const nodeHealth: Loop = {
  name: NAME,
  follow({ memory }, { resource, key, object }) {
    if (resource === 'nodes') enqueue(memory, NAME, key);
    if (resource === 'leases' && object.metadata.namespace === 'kube-node-lease')
      enqueue(memory, NAME, `/${object.metadata.name}`);
  },
  sync,
};
