/** Which nodes a Pod wants and tolerates. Source: k8s.io/component-helpers scheduling/corev1. */
import type { KubeObject } from '../../types.ts';

export interface Taint {
  key: string;
  value?: string;
  effect: string;
  timeAdded?: string;
}

interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
}

export const taintsOf = (node: KubeObject): readonly Taint[] => node.spec?.taints ?? [];

/** Whether one toleration covers a taint. */
export const covers = (t: Toleration, taint: Taint): boolean =>
  (!t.effect || t.effect === taint.effect) &&
  (!t.key || t.key === taint.key) &&
  (t.operator === 'Exists' || (Boolean(t.key) && (t.value ?? '') === (taint.value ?? '')));

/** The Pod's tolerations of a taint. */
export const tolerationsOf = (spec: KubeObject, taint: Taint): Toleration[] =>
  ((spec.tolerations ?? []) as Toleration[]).filter((t) => covers(t, taint));

/** The first taint of the given effects that the Pod does not tolerate. */
export const untolerated = (spec: KubeObject, node: KubeObject, effects: readonly string[]): Taint | undefined =>
  taintsOf(node).find((taint) => effects.includes(taint.effect) && tolerationsOf(spec, taint).length === 0);

interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

interface Term {
  matchExpressions?: Requirement[];
  matchFields?: Requirement[];
}

function satisfies(value: string | undefined, { operator, values = [] }: Requirement): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** Whether a node satisfies a term; one that asks for nothing selects nothing. */
export function matchesTerm(node: KubeObject, term: Term): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return (
    matchExpressions.every((r) => satisfies(node.metadata.labels?.[r.key], r)) &&
    matchFields.every((r) => satisfies(r.key === 'metadata.name' ? node.metadata.name : undefined, r))
  );
}

/** Whether nodeSelector and required node affinity let the Pod onto the node. */
export function wantsNode(spec: KubeObject, node: KubeObject): boolean {
  for (const [k, v] of Object.entries((spec.nodeSelector ?? {}) as Record<string, string>))
    if (node.metadata.labels?.[k] !== v) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || ((required.nodeSelectorTerms ?? []) as Term[]).some((term) => matchesTerm(node, term));
}
