/** Which nodes a Pod can go to, and why not to the others, in the plugins' words and order. Source: pkg/scheduler/framework/plugins (1.34). */
import type { World } from '../../../kernel/world.ts';
import type { KubeObject } from '../../types.ts';
import { tolerationsOf, untolerated, wantsNode } from './affinity.ts';
import { hostPorts, type NodeInfo, requestsOf } from './cache.ts';
import { affinityComplaint, spreadComplaint } from './topology.ts';

/** Why a node does not fit. `hopeless`: not even without the Pods that are there. */
interface Complaint {
  reasons: string[];
  hopeless: boolean;
}

const UNSCHEDULABLE = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function resources(pod: KubeObject, info: NodeInfo): Complaint | null {
  const { cpu, memory } = requestsOf(pod);
  const { allocatable, requested } = info;
  const reasons: string[] = [];
  let hopeless = false;
  if (info.pods.length + 1 > allocatable.pods) reasons.push('Too many pods');
  for (const [name, asked] of [
    ['cpu', cpu],
    ['memory', memory],
  ] as const) {
    if (asked === 0 || asked <= allocatable[name] - requested[name]) continue;
    reasons.push(`Insufficient ${name}`);
    if (asked > allocatable[name]) hopeless = true;
  }
  return reasons.length > 0 ? { reasons, hopeless } : null;
}

function clashes(asked: readonly string[], used: ReadonlySet<string>): boolean {
  return asked.some((text) => {
    const [ip = '', protocol = '', port = ''] = text.split(' ');
    if (ip !== '0.0.0.0') return used.has(text) || used.has(`0.0.0.0 ${protocol} ${port}`);
    return [...used].some((u) => u.endsWith(` ${protocol} ${port}`));
  });
}

const no = (reason: string, hopeless = true): Complaint => ({ reasons: [reason], hopeless });

/** A test of nodes for one Pod: null when the node fits. */
export function fitTest(
  world: World,
  pod: KubeObject,
  nodes: readonly NodeInfo[],
): (info: NodeInfo) => Complaint | null {
  const ports = hostPorts(pod);
  const spread = spreadComplaint(pod, nodes);
  const affinity = affinityComplaint(world, pod, nodes);
  return (info) => {
    const { node } = info;
    if (node.spec?.unschedulable && tolerationsOf(pod.spec, UNSCHEDULABLE).length === 0)
      return no('node(s) were unschedulable');
    const taint = untolerated(pod.spec, node, ['NoSchedule', 'NoExecute']);
    if (taint) return no(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
    if (!wantsNode(pod.spec, node)) return no("node(s) didn't match Pod's node affinity/selector");
    if (ports.length > 0 && clashes(ports, info.ports))
      return no("node(s) didn't have free ports for the requested pod ports", false);
    const lacking = resources(pod, info);
    if (lacking) return lacking;
    const uneven = spread(info);
    if (uneven) return no(uneven, uneven.endsWith('(missing required label)'));
    const apart = affinity(info);
    return apart ? no(apart, apart.endsWith('pod affinity rules')) : null;
  };
}

function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, n]) => `${n} ${reason}`)
    .sort()
    .join(', ');
}

/** The words of FailedScheduling. */
export function failureText(complaints: readonly Complaint[]): string {
  const head = `0/${complaints.length} nodes are available:`;
  const victims = complaints.map((c) =>
    c.hopeless ? 'Preemption is not helpful for scheduling' : 'No preemption victims found for incoming pod',
  );
  return `${head} ${histogram(complaints.flatMap((c) => c.reasons))}. preemption: ${head} ${histogram(victims)}.`;
}
