/** Which of the nodes that fit is best: the default plugins' scores with their weights. Source: pkg/scheduler/framework/plugins (1.34). */
import type { World } from '../../../kernel/world.ts';
import { matchesLabels } from '../../store/selector.ts';
import type { KubeObject } from '../../types.ts';
import { type Context, controllerOf, having } from '../follow/memory.ts';
import { matchesTerm, taintsOf, tolerationsOf } from './affinity.ts';
import { type NodeInfo, weighedRequests } from './cache.ts';
import { affinityScore, constraintsOf, domains } from './topology.ts';

const MOST = 100;
const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';

/** Scales raw scores so that the largest is 100. */
function scaled(raw: readonly number[], reverse: boolean): number[] {
  const most = Math.max(0, ...raw);
  return raw.map((n) => {
    if (most === 0) return reverse ? MOST : n;
    const share = Math.floor((n * MOST) / most);
    return reverse ? MOST - share : share;
  });
}

function resourceScores(pod: KubeObject, fits: readonly NodeInfo[]): number[] {
  const asked = weighedRequests(pod);
  return fits.map(({ allocatable, weighed }) => {
    const used = (['cpu', 'memory'] as const).map((r) =>
      allocatable[r] === 0 ? 1 : Math.min(1, (weighed[r] + asked[r]) / allocatable[r]),
    ) as [number, number];
    const least = Math.floor((Math.floor((1 - used[0]) * MOST) + Math.floor((1 - used[1]) * MOST)) / 2);
    return least + Math.floor((1 - Math.abs(used[0] - used[1]) / 2) * MOST);
  });
}

function affinityScores(pod: KubeObject, fits: readonly NodeInfo[]): number[] | null {
  const preferred = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution as
    | { weight: number; preference: Parameters<typeof matchesTerm>[1] }[]
    | undefined;
  if (!preferred) return null;
  const raw = fits.map(({ node }) =>
    preferred.reduce((n, { weight, preference }) => (matchesTerm(node, preference) ? n + weight : n), 0),
  );
  return scaled(raw, false);
}

const taintScores = (pod: KubeObject, fits: readonly NodeInfo[]): number[] =>
  scaled(
    fits.map(
      ({ node }) =>
        taintsOf(node).filter((t) => t.effect === 'PreferNoSchedule' && tolerationsOf(pod.spec, t).length === 0).length,
    ),
    true,
  );

/** A test of the Pods among which this one is to be spread: its controller's, else those of its Services. */
function companions(context: Context, pod: KubeObject): ((info: NodeInfo) => number) | null {
  const owner = controllerOf(pod);
  if (owner) return owner.kind === 'DaemonSet' ? null : (info) => info.owned.get(owner.uid) ?? 0;
  const { labels = {}, namespace } = pod.metadata;
  const services = having(context, context.memory.places, `services ${namespace}`).filter((s) =>
    matchesLabels(labels, s.spec?.selector ?? {}),
  );
  if (services.length === 0) return null;
  return (info) =>
    info.pods.filter(
      (p) =>
        p.metadata.namespace === namespace &&
        services.every((s) => matchesLabels(p.metadata.labels ?? {}, s.spec?.selector ?? {})),
    ).length;
}

interface Spread {
  key: string;
  maxSkew: number;
  counts: Map<string, number>;
}

function spreadsOf(context: Context, pod: KubeObject, nodes: readonly NodeInfo[]): Spread[] {
  const own = (pod.spec?.topologySpreadConstraints ?? []) as unknown[];
  if (own.length > 0)
    return constraintsOf(pod, 'ScheduleAnyway').map((c) => ({
      key: c.topologyKey,
      maxSkew: c.maxSkew,
      counts: domains(pod, nodes, c),
    }));
  const counted = companions(context, pod);
  if (!counted) return [];
  return [
    { key: HOSTNAME, maxSkew: 3 },
    { key: ZONE, maxSkew: 5 },
  ].map(({ key, maxSkew }) => {
    const counts = new Map<string, number>();
    for (const info of nodes) {
      const domain = info.node.metadata.labels?.[key];
      if (domain !== undefined) counts.set(domain, (counts.get(domain) ?? 0) + counted(info));
    }
    return { key, maxSkew, counts };
  });
}

function spreadScores(context: Context, pod: KubeObject, fits: readonly NodeInfo[]): number[] | null {
  const spreads = spreadsOf(context, pod, fits);
  if (spreads.length === 0) return null;
  const raw = fits.map(({ node }) =>
    Math.round(
      spreads.reduce((sum, { key, maxSkew, counts }) => {
        const n = counts.get(node.metadata.labels?.[key] ?? '');
        return n === undefined ? sum : sum + n * Math.log(counts.size + 2) + (maxSkew - 1);
      }, 0),
    ),
  );
  const [most, least] = [Math.max(...raw), Math.min(...raw)];
  return raw.map((n) => (most === 0 ? MOST : Math.floor((MOST * (most + least - n)) / most)));
}

function podAffinityScores(world: World, pod: KubeObject, fits: readonly NodeInfo[]): number[] | null {
  const score = affinityScore(world, pod, fits);
  if (!score) return null;
  const raw = fits.map(score);
  const [most, least] = [Math.max(...raw), Math.min(...raw)];
  return raw.map((n) => (most === least ? 0 : Math.floor((MOST * (n - least)) / (most - least))));
}

/** The best node; of several that are as good the one with the fewest Pods, then the first. */
export function best(context: Context, pod: KubeObject, fits: readonly NodeInfo[]): NodeInfo {
  if (fits.length === 1) return fits[0] as NodeInfo;
  const total = resourceScores(pod, fits);
  const weights: [number[] | null, number][] = [
    [taintScores(pod, fits), 3],
    [affinityScores(pod, fits), 2],
    [spreadScores(context, pod, fits), 2],
    [podAffinityScores(context.world, pod, fits), 2],
  ];
  for (const [scores, weight] of weights)
    scores?.forEach((n, i) => {
      total[i] = (total[i] as number) + weight * n;
    });
  let at = 0;
  for (let i = 1; i < fits.length; i++) {
    const difference = (total[i] as number) - (total[at] as number);
    const fewer = (fits[at] as NodeInfo).pods.length - (fits[i] as NodeInfo).pods.length;
    if (difference > 0 || (difference === 0 && fewer > 0)) at = i;
  }
  return fits[at] as NodeInfo;
}
