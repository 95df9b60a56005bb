/** A Pod's READY, STATUS and RESTARTS. Source: kubernetes/kubernetes pkg/printers/internalversion/printers.go (printPod, 1.34). */
import type { World } from '../../../kernel/world.ts';
import { ageOf } from '../../printers/age.ts';
import type { KubeObject } from '../../types.ts';

interface Ended {
  exitCode: number;
  signal?: number;
  reason?: string;
  finishedAt?: string;
}

interface ContainerStatus {
  name: string;
  ready: boolean;
  started?: boolean;
  restartCount: number;
  state?: { waiting?: { reason?: string }; terminated?: Ended; running?: unknown };
  lastState?: { terminated?: Ended };
}

interface Condition {
  type: string;
  status: string;
  reason?: string;
}

const conditionsOf = (pod: KubeObject): Condition[] => (pod.status?.conditions ?? []) as Condition[];

const endReason = ({ reason, signal, exitCode }: Ended): string =>
  reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);

/** Restarts, and when the latest container that was restarted had ended. */
function restartsOf(world: World, statuses: readonly ContainerStatus[]): string {
  const count = statuses.reduce((n, s) => n + s.restartCount, 0);
  const times = statuses.flatMap((s) => s.lastState?.terminated?.finishedAt ?? []).sort();
  return count > 0 && times.length > 0 ? `${count} (${ageOf(world, times.at(-1))} ago)` : String(count);
}

/** As the table shows them. */
export function podState(world: World, pod: KubeObject): { ready: string; status: string; restarts: string } {
  const of = (field: string) => (pod.status?.[field] ?? []) as ContainerStatus[];
  const specs = (pod.spec?.initContainers ?? []) as { name: string; restartPolicy?: string }[];
  const sidecars = new Set(specs.filter((c) => c.restartPolicy === 'Always').map((c) => c.name));
  const inits = of('initContainerStatuses');
  const containers = of('containerStatuses');
  const total = (pod.spec?.containers ?? []).length + sidecars.size;
  const { phase = 'Unknown', reason } = (pod.status ?? {}) as { phase?: string; reason?: string };
  let status = reason || phase;
  if (conditionsOf(pod).some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated'))
    status = 'SchedulingGated';
  let ready = inits.filter((s) => sidecars.has(s.name) && s.started === true && s.ready).length;
  let restarted = inits;
  const at = inits.findIndex(
    (s) => !(s.state?.terminated?.exitCode === 0 || (sidecars.has(s.name) && s.started === true)),
  );
  const pending = inits[at];
  const blocked =
    pending !== undefined && !conditionsOf(pod).some((c) => c.type === 'Initialized' && c.status === 'True');
  if (pending && at >= 0) {
    const { terminated, waiting } = pending.state ?? {};
    status = terminated
      ? `Init:${endReason(terminated)}`
      : waiting?.reason && waiting.reason !== 'PodInitializing'
        ? `Init:${waiting.reason}`
        : `Init:${at}/${specs.length}`;
  }
  if (!blocked) {
    restarted = [...inits.filter((s) => sidecars.has(s.name)), ...containers];
    let running = false;
    for (const s of [...containers].reverse()) {
      const { waiting, terminated } = s.state ?? {};
      if (waiting?.reason) status = waiting.reason;
      else if (terminated) status = endReason(terminated);
      else if (s.ready && s.state?.running !== undefined) {
        running = true;
        ready++;
      }
    }
    if (status === 'Completed' && running)
      status = conditionsOf(pod).some((c) => c.type === 'Ready' && c.status === 'True') ? 'Running' : 'NotReady';
  }
  if (pod.metadata.deletionTimestamp !== undefined && reason === 'NodeLost') status = 'Unknown';
  else if (pod.metadata.deletionTimestamp !== undefined && phase !== 'Succeeded' && phase !== 'Failed')
    status = 'Terminating';
  return { ready: `${ready}/${total}`, status, restarts: restartsOf(world, restarted) };
}

/** Whether its condition Ready is True. */
export const isPodReady = (pod: KubeObject): boolean =>
  conditionsOf(pod).some((c) => c.type === 'Ready' && c.status === 'True');
