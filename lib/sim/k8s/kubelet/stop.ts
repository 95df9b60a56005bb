/** Stopping containers: preStop, SIGTERM, and SIGKILL when the grace period is over. Source: kubernetes/kubernetes pkg/kubelet/kuberuntime/kuberuntime_container.go. */
import type { Io, Proc } from '../../kernel/process.ts';
import type { Container } from '../../kernel/world.ts';
import { sendSignal } from '../../shell/send-signal.ts';
import { emitEvent } from '../events.ts';
import { abandon, advanceAttempt, beginAttempt } from './attempt.ts';
import type { ContainerWork, PodWork } from './memory.ts';
import { stopProbing } from './probes.ts';
import { sandboxOf } from './runtime.ts';
import { type ContainerSpec, fieldPathOf } from './spec.ts';

/** What a container is given at least. */
const SHORTEST = 2_000_000;

/** Begins: the event, the hook or the signal. `grace` in seconds. */
export function beginStop(
  proc: Proc,
  work: PodWork,
  own: ContainerWork,
  spec: ContainerSpec | undefined,
  container: Container,
  grace: number,
  message: string,
): void {
  const { world } = proc;
  emitEvent(world, work.pod, 'Normal', 'Killing', message, 'kubelet', fieldPathOf(work.pod, container.name));
  const deadline = world.now + grace * 1_000_000;
  own.stop = { container: container.id, deadline, hook: null, sleep: null, signalled: false };
  const hook = spec?.lifecycle?.preStop;
  if (hook?.sleep) own.stop.sleep = world.now + hook.sleep.seconds * 1_000_000;
  stopProbing(proc, own);
  if (!spec || !hook || hook.sleep) return;
  const ip = sandboxOf(proc.host, container.podUid)?.ips[0] ?? '';
  const begun = beginAttempt(proc, container, spec, ip, hook, deadline);
  if ('ok' in begun) failedHook(proc, work, container);
  else own.stop.hook = begun;
}

const failedHook = (proc: Proc, work: PodWork, container: Container): void =>
  emitEvent(
    proc.world,
    work.pod,
    'Warning',
    'FailedPreStopHook',
    'PreStopHook failed',
    'kubelet',
    fieldPathOf(work.pod, container.name),
  );

/** Goes on with it; answers when to look again, or null once the container has ended. */
export function* advanceStop(proc: Proc, work: PodWork, own: ContainerWork, container: Container): Io<number | null> {
  const { world, host, machine } = proc;
  const { stop } = own;
  if (container.exited !== null || stop === null) {
    if (stop?.hook) abandon(proc, stop.hook);
    own.stop = null;
    return null;
  }
  if (stop.hook !== null) {
    const outcome = yield* advanceAttempt(proc, stop.hook);
    if (!outcome) return stop.deadline;
    stop.hook = null;
    if (!outcome.ok) failedHook(proc, work, container);
  }
  if (stop.sleep !== null && world.now < Math.min(stop.sleep, stop.deadline))
    return Math.min(stop.sleep, stop.deadline);
  if (!stop.signalled) {
    stop.signalled = true;
    // What a hook has used up is made good a little.
    stop.deadline = Math.max(stop.deadline, world.now + SHORTEST);
    sendSignal(proc, container.pid, 15);
  }
  if (container.exited === null && world.now >= stop.deadline) {
    const main = machine.find(host.name, container.pid);
    if (main) machine.signal(main, 9);
    else container.exited = { at: world.now, status: 137 };
  }
  if (container.exited !== null) {
    own.stop = null;
    return null;
  }
  return stop.deadline;
}
