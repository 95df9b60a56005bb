/** A container's log as the kubelet serves it. Source: kubernetes/kubernetes pkg/kubelet/kubelet_pods.go. */
import type { Machine } from '../../kernel/machine.ts';
import type { LogLine } from '../../kernel/world.ts';
import { type ApiError, badRequest } from '../api/status.ts';
import { findContainer } from '../lookup.ts';
import { getObject } from '../store/store.ts';
import type { RestLog } from './contract.ts';

/** The container's lines as they stand (they go on growing), or why there are none. */
export function containerLog(machine: Machine, { log }: RestLog): readonly LogLine[] | ApiError {
  const pod = getObject(machine.world, 'pods', log.namespace, log.name);
  const names = ((pod?.spec?.containers ?? []) as { name: string }[]).map((c) => c.name);
  const container = log.container ?? (names.length === 1 ? names[0] : undefined);
  if (container === undefined)
    return badRequest(`a container name must be specified for pod ${log.name}, choose one of: [${names.join(' ')}]`);
  if (!names.includes(container)) return badRequest(`container ${container} is not valid for pod ${log.name}`);
  if (log.previous) return badRequest(`previous terminated container "${container}" in pod "${log.name}" not found`);
  const found = findContainer(machine, log.namespace, log.name, container);
  return (
    found?.container.log ??
    badRequest(`container "${container}" in pod "${log.name}" is waiting to start: ContainerCreating`)
  );
}
