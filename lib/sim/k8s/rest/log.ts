/** A container's log as the kubelet serves it. Source: kubernetes/kubernetes pkg/kubelet/kubelet_pods.go (validateContainerLogStatus). */
import type { Machine } from '../../kernel/machine.ts';
import type { LogLine, World } from '../../kernel/world.ts';
import { type ApiError, badRequest } from '../api/status.ts';
import { logTime } from '../node/pod-logs.ts';
import { getObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import type { RestLog } from './contract.ts';

interface Status {
  name: string;
  containerID?: string;
  state?: { waiting?: { reason?: string }; terminated?: { containerID?: string } };
  lastState?: { terminated?: { containerID?: string } };
}

const LISTS = [
  ['initContainers', 'initContainerStatuses'],
  ['containers', 'containerStatuses'],
  ['ephemeralContainers', 'ephemeralContainerStatuses'],
] as const;

const namesOf = (pod: KubeObject | undefined, list: string): string[] =>
  ((pod?.spec?.[list] ?? []) as { name: string }[]).map((c) => c.name);

/** Why a container that waits has no log. */
const WAITS: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
};

/** A line as a client gets it, with the time of its writing when that is asked for. */
export const logText = (world: World, { at, text }: LogLine, timestamps: boolean): string =>
  `${timestamps ? `${logTime(world, at)} ` : ''}${text}\n`;

/** The container's lines as they stand (they go on growing), or why there are none. */
export function containerLog(machine: Machine, { log }: RestLog): readonly LogLine[] | ApiError {
  const pod = getObject(machine.world, 'pods', log.namespace, log.name);
  const names = namesOf(pod, 'containers');
  const container = log.container ?? (names.length === 1 ? names[0] : undefined);
  if (container === undefined)
    return badRequest(`a container name must be specified for pod ${log.name}, choose one of: [${names.join(' ')}]`);
  const list = LISTS.find(([specs]) => namesOf(pod, specs).includes(container));
  if (!list) return badRequest(`container ${container} is not valid for pod ${log.name}`);
  const status = ((pod?.status?.[list[1]] ?? []) as Status[]).find((s) => s.name === container);
  const last = status?.lastState?.terminated?.containerID;
  if (log.previous && last === undefined)
    return badRequest(`previous terminated container "${container}" in pod "${log.name}" not found`);
  const reason = status?.state?.waiting?.reason ?? 'ContainerCreating';
  const id = log.previous ? last : status?.state?.waiting ? last : status?.containerID;
  const known = machine.world.hosts.get(String(pod?.spec?.nodeName ?? ''))?.containers;
  return (
    known?.get((id ?? '').replace('containerd://', ''))?.log ??
    badRequest(`container "${container}" in pod "${log.name}" is waiting to start: ${WAITS[reason] ?? reason}`)
  );
}
