/** Topology spread constraints and affinity between Pods. Source: pkg/scheduler/framework/plugins/{podtopologyspread,interpodaffinity}. */
import type { World } from '../../../kernel/world.ts';
import { type LabelSelector, matchesLabelSelector } from '../../store/selector.ts';
import { getObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { untolerated, wantsNode } from './affinity.ts';
import type { NodeInfo } from './cache.ts';

export interface SpreadConstraint {
  maxSkew: number;
  topologyKey: string;
  whenUnsatisfiable: string;
  labelSelector?: LabelSelector;
  minDomains?: number;
  nodeAffinityPolicy?: string;
  nodeTaintsPolicy?: string;
  matchLabelKeys?: string[];
}

const labelOf = (info: NodeInfo, key: string): string | undefined => info.node.metadata.labels?.[key];

export const constraintsOf = (pod: KubeObject, when: string): SpreadConstraint[] =>
  ((pod.spec?.topologySpreadConstraints ?? []) as SpreadConstraint[]).filter((c) => c.whenUnsatisfiable === when);

/** How many Pods that a constraint counts are in each domain, over the nodes that count. */
export function domains(pod: KubeObject, nodes: readonly NodeInfo[], c: SpreadConstraint): Map<string, number> {
  const counts = new Map<string, number>();
  const own = Object.fromEntries(
    (c.matchLabelKeys ?? []).flatMap((key) => {
      const value = pod.metadata.labels?.[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
  for (const info of nodes) {
    const domain = labelOf(info, c.topologyKey);
    if (domain === undefined) continue;
    if (c.nodeAffinityPolicy !== 'Ignore' && !wantsNode(pod.spec, info.node)) continue;
    if (c.nodeTaintsPolicy === 'Honor' && untolerated(pod.spec, info.node, ['NoSchedule', 'NoExecute'])) continue;
    const here = info.pods.filter(
      (p) =>
        p.metadata.namespace === pod.metadata.namespace &&
        p.metadata.deletionTimestamp === undefined &&
        matchesLabelSelector(p.metadata.labels ?? {}, c.labelSelector) &&
        Object.entries(own).every(([k, v]) => p.metadata.labels?.[k] === v),
    ).length;
    counts.set(domain, (counts.get(domain) ?? 0) + here);
  }
  return counts;
}

/** Why a node would upset the spread that the Pod demands; null when it would not. */
export function spreadComplaint(pod: KubeObject, nodes: readonly NodeInfo[]): (info: NodeInfo) => string | null {
  const hard = constraintsOf(pod, 'DoNotSchedule').map((c) => ({ c, counts: domains(pod, nodes, c) }));
  return (info) => {
    for (const { c, counts } of hard) {
      const domain = labelOf(info, c.topologyKey);
      if (domain === undefined) return "node(s) didn't match pod topology spread constraints (missing required label)";
      const self = matchesLabelSelector(pod.metadata.labels ?? {}, c.labelSelector) ? 1 : 0;
      const least = counts.size < (c.minDomains ?? 1) ? 0 : Math.min(...counts.values());
      if ((counts.get(domain) ?? 0) + self - least > c.maxSkew)
        return "node(s) didn't match pod topology spread constraints";
    }
    return null;
  };
}

interface PodTerm {
  labelSelector?: LabelSelector;
  namespaces?: string[];
  namespaceSelector?: LabelSelector;
  topologyKey: string;
}

/** Whether a Pod is among those that a term of another one in `namespace` means. */
function means(world: World, term: PodTerm, namespace: string, other: KubeObject): boolean {
  const where = other.metadata.namespace ?? '';
  const named = term.namespaces ?? [];
  const labels = getObject(world, 'namespaces', undefined, where)?.metadata.labels ?? {};
  const inside = term.namespaceSelector
    ? matchesLabelSelector(labels, term.namespaceSelector) || named.includes(where)
    : named.length > 0
      ? named.includes(where)
      : where === namespace;
  return inside && matchesLabelSelector(other.metadata.labels ?? {}, term.labelSelector);
}

const required = (pod: KubeObject, kind: 'podAffinity' | 'podAntiAffinity'): PodTerm[] =>
  pod.spec?.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];

/** Why Pods on the nodes keep this one away from a node; null when they do not. */
export function affinityComplaint(
  world: World,
  pod: KubeObject,
  nodes: readonly NodeInfo[],
): (info: NodeInfo) => string | null {
  const namespace = pod.metadata.namespace ?? '';
  const placesOf = (term: PodTerm): Set<string> => {
    const places = new Set<string>();
    for (const info of nodes) {
      const domain = labelOf(info, term.topologyKey);
      if (domain !== undefined && info.pods.some((p) => means(world, term, namespace, p))) places.add(domain);
    }
    return places;
  };
  const near = required(pod, 'podAffinity').map((term) => ({ term, places: placesOf(term) }));
  const far = required(pod, 'podAntiAffinity').map((term) => ({ term, places: placesOf(term) }));
  const kept: [string, string][] = [];
  for (const info of nodes)
    for (const other of info.pods)
      for (const term of required(other, 'podAntiAffinity')) {
        const domain = labelOf(info, term.topologyKey);
        if (domain !== undefined && means(world, term, other.metadata.namespace ?? '', pod))
          kept.push([term.topologyKey, domain]);
      }
  // The first of a group may go anywhere.
  const first = near.every(({ term, places }) => places.size === 0 && means(world, term, namespace, pod));
  return (info) => {
    const misses = near.some(({ term, places }) => {
      const domain = labelOf(info, term.topologyKey);
      return domain === undefined || (!first && !places.has(domain));
    });
    if (misses) return "node(s) didn't match pod affinity rules";
    if (far.some(({ term, places }) => places.has(labelOf(info, term.topologyKey) ?? '')))
      return "node(s) didn't match pod anti-affinity rules";
    if (kept.some(([key, domain]) => labelOf(info, key) === domain))
      return "node(s) didn't satisfy existing pods anti-affinity rules";
    return null;
  };
}

/** The sum of weights of preferred affinity to and from Pods in a node's domains. */
export function affinityScore(
  world: World,
  pod: KubeObject,
  nodes: readonly NodeInfo[],
): ((info: NodeInfo) => number) | null {
  const sum = new Map<string, number>();
  for (const [kind, sign] of [
    ['podAffinity', 1],
    ['podAntiAffinity', -1],
  ] as const) {
    const terms = (pod.spec?.affinity?.[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? []) as {
      weight: number;
      podAffinityTerm: PodTerm;
    }[];
    for (const { weight, podAffinityTerm: term } of terms)
      for (const info of nodes) {
        const domain = labelOf(info, term.topologyKey);
        if (domain === undefined) continue;
        const n = info.pods.filter((p) => means(world, term, pod.metadata.namespace ?? '', p)).length;
        const at = `${term.topologyKey} ${domain}`;
        sum.set(at, (sum.get(at) ?? 0) + sign * weight * n);
      }
  }
  if (sum.size === 0) return null;
  return (info) => {
    let total = 0;
    for (const [at, n] of sum) {
      const space = at.indexOf(' ');
      if (labelOf(info, at.slice(0, space)) === at.slice(space + 1)) total += n;
    }
    return total;
  };
}
