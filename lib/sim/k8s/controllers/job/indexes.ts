/** Indexed Jobs: each completion has its number. Source: kubernetes/kubernetes pkg/controller/job/indexed_job_utils.go. */
import type { KubeObject } from '../../types.ts';
import { isActive } from '../follow/pods.ts';

export const INDEX = 'batch.kubernetes.io/job-completion-index';

export const isIndexed = (job: KubeObject): boolean => job.spec?.completionMode === 'Indexed';

const indexOf = (pod: KubeObject): number => Number(pod.metadata.annotations?.[INDEX] ?? -1);

/** Numbers that have succeeded: those it knows already, and those of Pods that are there. */
function completed(job: KubeObject, pods: readonly KubeObject[]): number[] {
  const all = new Set<number>();
  for (const part of String(job.status?.completedIndexes ?? '')
    .split(',')
    .filter((x) => x !== '')) {
    const [first = 0, last = first] = part.split('-').map(Number);
    for (let i = first; i <= last; i++) all.add(i);
  }
  for (const pod of pods) if (pod.status?.phase === 'Succeeded' && indexOf(pod) >= 0) all.add(indexOf(pod));
  return [...all].sort((a, b) => a - b);
}

/** `0-2,4`. */
export function indexesText(job: KubeObject, pods: readonly KubeObject[]): string {
  const parts: [number, number][] = [];
  for (const i of completed(job, pods)) {
    const last = parts.at(-1);
    if (last && last[1] === i - 1) last[1] = i;
    else parts.push([i, i]);
  }
  return parts.map(([a, b]) => (a === b ? String(a) : b === a + 1 ? `${a},${b}` : `${a}-${b}`)).join(',');
}

/** Numbers for which a Pod is to be made, lowest first. */
export function freeIndexes(job: KubeObject, pods: readonly KubeObject[]): number[] {
  const taken = new Set([...completed(job, pods), ...pods.filter(isActive).map(indexOf)]);
  return Array.from({ length: job.spec?.completions ?? 0 }, (_, i) => i).filter((i) => !taken.has(i));
}
