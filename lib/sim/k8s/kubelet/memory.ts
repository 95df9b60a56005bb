/** What a kubelet remembers between two looks: plain data, lost when it is started anew; what the runtime runs stays. */
import type { Host } from '../../kernel/world.ts';
import type { KubeObject } from '../types.ts';
import type { Attempt } from './attempt.ts';
import type { ProbeType, ProbeWork } from './probes.ts';

export interface Memory {
  /** When it looked after its chains, and when it tells of its node again. */
  checked: number;
  heartbeat: number;
  /** The API's revision it has seen to, and when it looks again by itself. */
  settled: number;
  until: number;
  /** Pods of this node by uid, those whose object is gone included while something of them runs. */
  pods: Map<string, PodWork>;
  /** Containers whose end it knows of, and those that it will hear of with the next look at the runtime, virtual µs. */
  noted: Set<string>;
  ending: Map<string, number>;
}

export interface PodWork {
  /** The Pod as it was seen last: it outlives the object. */
  pod: KubeObject;
  /** The version that this kubelet wrote itself: what it says there is no news. */
  written: string;
  /** Sandboxes that were made or tried. */
  attempts: number;
  /** When a sandbox that could not be made is tried again. */
  retryAt: number;
  /** When its volumes were made or looked after. */
  mounted: number;
  /** When it wants to be looked at next, virtual µs. */
  due: number;
  containers: Map<string, ContainerWork>;
  /** Set once it is being taken down. */
  stopping: boolean;
}

export interface ContainerWork {
  /** Restarts so far. */
  restarts: number;
  /** Back-off of its restarts: how long the next one waits, and when that was set. */
  backoff: BackOff | null;
  /** When the back-off was told of. */
  told: number;
  /** Why it does not run, while it does not. */
  waiting: { reason: string; message?: string } | null;
  pull: Pull;
  /** Being stopped: how, and why. */
  stop: Stop | null;
  /** Its postStart hook. */
  hook: Attempt | null;
  probes: Map<ProbeType, ProbeWork>;
  /** What its probes say: it has started up, it is ready. */
  started: boolean;
  ready: boolean;
}

export interface BackOff {
  delay: number;
  updated: number;
}

export interface Pull {
  /** When the image is there; null when none is under way. */
  until: number | null;
  started: number;
  /** Why the last one failed. */
  error: { reason: string; message: string } | null;
  backoff: BackOff | null;
}

export interface Stop {
  container: string;
  /** When SIGKILL follows. */
  deadline: number;
  /** The preStop hook; null when there is none, or it is done. */
  hook: Attempt | null;
  /** Until when a preStop hook sleeps. */
  sleep: number | null;
  signalled: boolean;
}

export const newMemory = (): Memory => ({
  checked: Number.NEGATIVE_INFINITY,
  heartbeat: Number.NEGATIVE_INFINITY,
  settled: 0,
  until: 0,
  pods: new Map(),
  noted: new Set(),
  ending: new Map(),
});

/** A Pod seen for the first time by this kubelet; what already runs of it, by an earlier one, is counted on. */
export function newWork(host: Host, pod: KubeObject): PodWork {
  const work: PodWork = {
    pod,
    written: '',
    attempts: 0,
    retryAt: 0,
    mounted: Number.NEGATIVE_INFINITY,
    due: 0,
    containers: new Map(),
    stopping: false,
  };
  for (const c of host.containers.values()) {
    if (c.podUid !== pod.metadata.uid) continue;
    if (c.name === 'POD') work.attempts = Math.max(work.attempts, c.attempt + 1);
    else {
      const own = containerWork(work, c.name);
      const status = statusOf(pod, c.name);
      own.restarts = c.attempt;
      own.started = c.exited === null && (status?.started ?? true);
      own.ready = c.exited === null && (status?.ready ?? true);
    }
  }
  return work;
}

/** What the API has of one of its containers. */
function statusOf(pod: KubeObject, name: string): { started?: boolean; ready?: boolean } | undefined {
  for (const field of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'])
    for (const s of (pod.status?.[field] ?? []) as { name: string; started?: boolean; ready?: boolean }[])
      if (s.name === name) return s;
  return undefined;
}

/** Tries that are under way: of its hooks and probes. */
export function* attemptsOf(work: PodWork): Generator<Attempt> {
  for (const own of work.containers.values()) {
    if (own.hook) yield own.hook;
    if (own.stop?.hook) yield own.stop.hook;
    for (const probe of own.probes.values()) if (probe.attempt) yield probe.attempt;
  }
}

/** What is remembered of one of its containers. */
export function containerWork(work: PodWork, name: string): ContainerWork {
  let found = work.containers.get(name);
  if (!found) {
    found = {
      restarts: 0,
      backoff: null,
      told: Number.NEGATIVE_INFINITY,
      waiting: null,
      pull: { until: null, started: 0, error: null, backoff: null },
      stop: null,
      hook: null,
      probes: new Map(),
      started: false,
      ready: false,
    };
    work.containers.set(name, found);
  }
  return found;
}

const FIRST_DELAY = 10_000_000;
const LONGEST_DELAY = 300_000_000;

/** Whether a back-off that counts from `since` is over (client-go util/flowcontrol IsInBackOffSince). */
export const inBackOff = (backoff: BackOff | null, since: number, now: number): boolean =>
  backoff !== null && since - backoff.updated <= 2 * LONGEST_DELAY && now - since < backoff.delay;

/** The back-off after one more try: 10 s, doubled up to 5 min, forgotten after 10 quiet minutes. */
export const nextBackOff = (backoff: BackOff | null, since: number, now: number): BackOff => ({
  delay:
    backoff === null || since - backoff.updated > 2 * LONGEST_DELAY
      ? FIRST_DELAY
      : Math.min(backoff.delay * 2, LONGEST_DELAY),
  updated: now,
});
