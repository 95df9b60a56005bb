/** Probes of running containers. Source: kubernetes/kubernetes pkg/kubelet/prober/{worker,prober}.go. */
import type { Io, Proc } from '../../kernel/process.ts';
import type { Container } from '../../kernel/world.ts';
import { emitEvent } from '../events.ts';
import { type Attempt, abandon, advanceAttempt, beginAttempt, type Outcome } from './attempt.ts';
import type { ContainerWork, PodWork } from './memory.ts';
import { type ContainerSpec, fieldPathOf, type Probe } from './spec.ts';

export type ProbeType = 'startup' | 'liveness' | 'readiness';

export interface ProbeWork {
  /** The container it asks: another one begins anew. */
  container: string;
  /** When it asks next. */
  next: number;
  /** Successes and failures in a row. */
  good: number;
  bad: number;
  attempt: Attempt | null;
}

const SECOND = 1_000_000;
const TYPES = [
  ['startup', 'startupProbe', 'Startup'],
  ['liveness', 'livenessProbe', 'Liveness'],
  ['readiness', 'readinessProbe', 'Readiness'],
] as const;

/** What probing leads to: when to look again, and whether the container is to be killed, by which probe. */
export interface Probed {
  due: number;
  kill: 'startup' | 'liveness' | null;
}

/** Lets go of what is under way; when the next is due stays. */
export function stopProbing(proc: Proc, own: ContainerWork): void {
  for (const work of own.probes.values()) {
    if (work.attempt) abandon(proc, work.attempt);
    work.attempt = null;
  }
}

/** Goes on probing a running container; sets what `own` says of it. */
export function* probeContainer(
  proc: Proc,
  work: PodWork,
  own: ContainerWork,
  spec: ContainerSpec,
  container: Container,
  ip: string,
): Io<Probed> {
  const { world } = proc;
  let due = Number.POSITIVE_INFINITY;
  for (const [type, field, label] of TYPES) {
    const probe = spec[field];
    // Until it has started up nothing else is asked, and then that is not asked any more.
    if (!probe || (type === 'startup') === own.started) continue;
    let state = own.probes.get(type);
    if (!state || state.container !== container.id) {
      let next = state?.next ?? world.now;
      while (state && next <= world.now) next += (probe.periodSeconds ?? 10) * SECOND;
      state = { container: container.id, next, good: 0, bad: 0, attempt: null };
      own.probes.set(type, state);
    }
    const outcome = yield* ask(proc, own, spec, container, ip, probe, state);
    if (outcome) {
      settle(own, type, probe, state, outcome);
      if (type === 'startup' && own.started) own.ready = spec.readinessProbe === undefined;
      if (!outcome.ok) {
        const message = `${label} probe failed: ${outcome.message}`;
        emitEvent(world, work.pod, 'Warning', 'Unhealthy', message, 'kubelet', fieldPathOf(work.pod, spec.name));
        if (type !== 'readiness' && state.bad >= (probe.failureThreshold ?? 3)) return { due, kill: type };
      }
      if (type === 'startup' && own.started) return yield* probeContainer(proc, work, own, spec, container, ip);
    }
    due = Math.min(due, state.attempt ? (state.attempt.deadline ?? state.next) : state.next);
  }
  return { due, kill: null };
}

/** One probe: begins it when it is time, and goes on with what is under way. */
function* ask(
  proc: Proc,
  own: ContainerWork,
  spec: ContainerSpec,
  container: Container,
  ip: string,
  probe: Probe,
  state: ProbeWork,
): Io<Outcome | null> {
  const { now } = proc.world;
  if (!state.attempt) {
    if (now < state.next || own.stop !== null) return null;
    const period = (probe.periodSeconds ?? 10) * SECOND;
    while (state.next <= now) state.next += period;
    if (now < container.started + (probe.initialDelaySeconds ?? 0) * SECOND) return null;
    const begun = beginAttempt(proc, container, spec, ip, probe, now + (probe.timeoutSeconds ?? 1) * SECOND);
    if ('ok' in begun) return begun;
    state.attempt = begun;
  }
  const outcome = yield* advanceAttempt(proc, state.attempt);
  if (outcome) state.attempt = null;
  return outcome;
}

/** Thresholds. */
function settle(own: ContainerWork, type: ProbeType, probe: Probe, state: ProbeWork, { ok }: Outcome): void {
  state.good = ok ? state.good + 1 : 0;
  state.bad = ok ? 0 : state.bad + 1;
  const passed = state.good >= (probe.successThreshold ?? 1);
  if (type === 'startup' && passed) own.started = true;
  if (type === 'readiness' && passed) own.ready = true;
  if (type === 'readiness' && state.bad >= (probe.failureThreshold ?? 3)) own.ready = false;
}
