/** Which nodes a DaemonSet's Pods belong on, and what such a Pod looks like. Source: pkg/controller/daemon/{daemon_controller,util/daemonset_util}.go. */
import type { KubeObject } from '../../types.ts';
import { untolerated, wantsNode } from '../scheduler/affinity.ts';

const OWN_TOLERATIONS = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const HOST_NETWORK = { key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' };

/** Adds what every Pod of a DaemonSet tolerates. */
export function tolerate(spec: KubeObject): void {
  const own = spec.hostNetwork ? [...OWN_TOLERATIONS, HOST_NETWORK] : OWN_TOLERATIONS;
  const given = (spec.tolerations ?? []) as { key?: string; effect?: string; operator?: string }[];
  const missing = own.filter((t) => !given.some((g) => g.key === t.key && g.effect === t.effect));
  spec.tolerations = [...given, ...missing.map((t) => ({ ...t }))];
}

/** Binds a Pod's spec to one node by node affinity: the scheduler puts it there. */
export function pin(spec: KubeObject, node: string): void {
  const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] };
  const affinity = (spec.affinity ??= {});
  const nodeAffinity = (affinity.nodeAffinity ??= {});
  const required = (nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution ??= {});
  required.nodeSelectorTerms = [term];
}

/** Whether a Pod of the set is to be made on a node, and whether one that is there may stay. */
export function belongs(set: KubeObject, node: KubeObject): { run: boolean; stay: boolean } {
  const spec: KubeObject = { ...set.spec?.template?.spec };
  tolerate(spec);
  if ((spec.nodeName && spec.nodeName !== node.metadata.name) || !wantsNode(spec, node))
    return { run: false, stay: false };
  if (!untolerated(spec, node, ['NoSchedule', 'NoExecute'])) return { run: true, stay: true };
  return { run: false, stay: !untolerated(spec, node, ['NoExecute']) };
}
