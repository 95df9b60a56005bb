import type { KubeObject } from '../../types.ts';

interface ContainerStatus {
  ready: boolean;
  restartCount: number;
  state: { waiting?: { reason: string }; terminated?: { reason: string }; running?: unknown };
}

/** READY, STATUS and RESTARTS of a Pod, as the table shows them. */
export function podState(pod: KubeObject): { ready: string; status: string; restarts: string } {
  const statuses = (pod.status?.containerStatuses ?? []) as ContainerStatus[];
  const total = (pod.spec?.containers ?? []).length;
  let status: string = pod.status?.reason ?? pod.status?.phase ?? 'Unknown';
  for (const s of statuses) status = s.state.waiting?.reason ?? s.state.terminated?.reason ?? status;
  if (pod.metadata.deletionTimestamp) status = 'Terminating';
  else if (statuses.length === 0 && pod.spec?.nodeName && status === 'Pending') status = 'ContainerCreating';
  return {
    ready: `${statuses.filter((s) => s.ready).length}/${total}`,
    status,
    restarts: String(statuses.reduce((n, s) => n + s.restartCount, 0)),
  };
}

/** Whether its condition Ready is True. */
export const isPodReady = (pod: KubeObject): boolean =>
  (pod.status?.conditions as { type: string; status: string }[] | undefined)?.some(
    (c) => c.type === 'Ready' && c.status === 'True',
  ) ?? false;
