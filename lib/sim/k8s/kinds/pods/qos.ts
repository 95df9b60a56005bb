import type { KubeObject } from '../../types.ts';

type Amounts = Record<string, string> | undefined;
const COMPUTE = ['cpu', 'memory'] as const;

/**
 * Guaranteed when every container limits CPU and memory and asks for as much, BestEffort when none asks for anything.
 * Source: kubernetes/kubernetes pkg/apis/core/v1/helper/qos/qos.go.
 */
export function qosClass(pod: KubeObject): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])] as {
    resources?: { requests?: Amounts; limits?: Amounts };
  }[];
  const set = (amounts: Amounts, name: string): boolean =>
    amounts?.[name] !== undefined && !/^0\D*$/.test(amounts[name]);
  const any = containers.some(({ resources: r }) => COMPUTE.some((n) => set(r?.requests, n) || set(r?.limits, n)));
  if (!any) return 'BestEffort';
  const all = containers.every(({ resources: r }) =>
    COMPUTE.every((n) => set(r?.limits, n) && (r?.requests?.[n] === undefined || r.requests[n] === r.limits?.[n])),
  );
  return all ? 'Guaranteed' : 'Burstable';
}
