/** Taking a Pod down: containers by their grace period, then the sandbox, then what it had on the node; at last its object goes. */
import type { Io, Proc } from '../../kernel/process.ts';
import { removeNode } from '../../shell/vfs/tree.ts';
import { deleteResource } from '../api/delete.ts';
import { emitEvent } from '../events.ts';
import { kindOf } from '../kinds/resources.ts';
import { getObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { containerWork, type PodWork } from './memory.ts';
import { podFolder } from './root.ts';
import { containersOf, sandboxOf } from './runtime.ts';
import { stopSandbox } from './sandbox.ts';
import { appContainers, ephemeralContainers, initContainers, isSidecar } from './spec.ts';
import { writeStatus } from './status.ts';
import { advanceStop, beginStop } from './stop.ts';

/** How long until a sandbox whose network would not go is tried again. */
const RETRY = 10_000_000;
const DEFAULT_GRACE = 30;

/** Seconds its containers have: what the deletion says, or the spec; one at least. */
export const graceOf = ({ metadata, spec }: KubeObject): number =>
  Math.max(1, metadata.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE);

/** Stops a Pod's containers; sidecars after the others, the last first. Answers when to look again, or null once none runs. */
export function* stopContainers(proc: Proc, work: PodWork): Io<number | null> {
  const { host } = proc;
  const { pod } = work;
  const uid = pod.metadata.uid ?? '';
  const grace = graceOf(pod);
  const latest = containersOf(host, uid);
  const sidecars = initContainers(pod).filter(isSidecar);
  const rounds = [
    [...initContainers(pod).filter((c) => !isSidecar(c)), ...appContainers(pod), ...ephemeralContainers(pod)],
    ...sidecars.reverse().map((c) => [c]),
  ];
  for (const round of rounds) {
    let due: number | null = null;
    for (const spec of round) {
      const container = latest.get(spec.name)?.[0];
      if (!container || container.exited !== null) continue;
      const own = containerWork(work, spec.name);
      if (own.stop === null) beginStop(proc, work, own, spec, container, grace, `Stopping container ${spec.name}`);
      // A second deletion may shorten what is left.
      else own.stop.deadline = Math.min(own.stop.deadline, proc.world.now + grace * 1_000_000);
      const at = yield* advanceStop(proc, work, own, container);
      if (at !== null) due = due === null ? at : Math.min(due, at);
    }
    if (due !== null) return due;
  }
  return null;
}

/** Goes on with a Pod's end. Answers whether nothing of it is left; `work.due` says when to look again. */
export function* terminate(proc: Proc, work: PodWork): Io<boolean> {
  const { world, host } = proc;
  const { pod } = work;
  const uid = pod.metadata.uid ?? '';
  work.stopping = true;
  const due = yield* stopContainers(proc, work);
  const object = getObject(world, 'pods', pod.metadata.namespace, pod.metadata.name);
  const there = object?.metadata.uid === uid;
  if (there) writeStatus(proc, work);
  if (due !== null) {
    work.due = due;
    return false;
  }
  const sandbox = sandboxOf(host, uid);
  if (sandbox) {
    const error = yield* stopSandbox(proc, sandbox);
    if (error !== null) {
      const message = `error killing pod: failed to "KillPodSandbox" for "${uid}" with KillPodSandboxError: "${error.replaceAll('"', '\\"')}"`;
      if (there) emitEvent(world, pod, 'Warning', 'FailedKillPod', message);
      work.due = world.now + RETRY;
      return false;
    }
  }
  for (const container of [...host.containers.values()])
    if (container.podUid === uid) host.containers.delete(container.id);
  removeNode(host.fs, podFolder(uid));
  if (there) {
    writeStatus(proc, work);
    deleteResource(world, kindOf('pods'), pod.metadata.namespace, pod.metadata.name, { gracePeriodSeconds: 0, uid });
  }
  return true;
}
