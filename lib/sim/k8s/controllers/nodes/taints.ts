/** Taints by a node's conditions. Source: kubernetes/kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go (1.34). */
import { same } from '../../store/clone.ts';
import { timestamp, touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { enqueue, type Loop } from '../follow/loop.ts';
import { byKey } from '../follow/memory.ts';
import { conditionOf } from '../follow/status.ts';
import { type Taint, taintsOf } from '../scheduler/affinity.ts';

const NAME = 'nodetaints';
const PREFIX = 'node.kubernetes.io/';

/** Conditions whose being true keeps Pods away. */
const PRESSURES: Record<string, string> = {
  MemoryPressure: 'memory-pressure',
  DiskPressure: 'disk-pressure',
  NetworkUnavailable: 'network-unavailable',
  PIDPressure: 'pid-pressure',
};

/** Taints that the controller sets and takes away, by key and effect. */
const OWN = new Set(
  [...Object.values(PRESSURES), 'not-ready', 'unreachable', 'unschedulable'].map((k) => `${PREFIX}${k} NoSchedule`),
).add(`${PREFIX}not-ready NoExecute`);
OWN.add(`${PREFIX}unreachable NoExecute`);

/** The taints that a node's conditions ask for. One that never said that it is ready takes no Pods yet. */
function wantedTaints(node: KubeObject): Taint[] {
  const ready = conditionOf(node, 'Ready');
  const out: Taint[] = [];
  const problem = ready?.status === 'Unknown' ? 'unreachable' : ready?.status === 'True' ? null : 'not-ready';
  if (problem !== null) out.push({ key: PREFIX + problem, effect: 'NoSchedule' });
  for (const [condition, key] of Object.entries(PRESSURES))
    if (conditionOf(node, condition)?.status === 'True') out.push({ key: PREFIX + key, effect: 'NoSchedule' });
  if (node.spec?.unschedulable) out.push({ key: `${PREFIX}unschedulable`, effect: 'NoSchedule' });
  if (problem !== null && ready) out.push({ key: PREFIX + problem, effect: 'NoExecute' });
  return out;
}

export const nodeTaints: Loop = {
  name: NAME,
  follow({ memory }, { resource, key, gone }) {
    if (resource === 'nodes' && !gone) enqueue(memory, NAME, key);
  },
  sync({ world }, key) {
    const node = byKey(world, 'nodes', key);
    if (!node) return undefined;
    const known = taintsOf(node);
    const wanted = wantedTaints(node);
    const is = (taint: Taint, other: Taint): boolean => taint.key === other.key && taint.effect === other.effect;
    const kept = known.filter((t) => !OWN.has(`${t.key} ${t.effect}`) || wanted.some((w) => is(w, t)));
    const added = wanted.filter((w) => !known.some((t) => is(w, t)));
    const taints = [...kept, ...added.map((t) => ({ ...t, timeAdded: timestamp(world) }))];
    if (same(known, taints)) return undefined;
    node.spec = { ...node.spec };
    if (taints.length > 0) node.spec.taints = taints;
    else delete node.spec.taints;
    touchObject(world, 'nodes', node, true);
    return undefined;
  },
};
