/** The kubelet of one node: makes the sandboxes and containers of its Pods through the runtime, and reports their state. */
import { waitFor } from '../../commands/io.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { changesSince, listObjects, revision } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { abandon, attemptPending } from './attempt.ts';
import { ensureKubeletRules } from './iptables.ts';
import { logNetworkNotReady } from './log.ts';
import { attemptsOf, type Memory, newMemory, newWork, type PodWork } from './memory.ts';
import { loadNetwork } from './network.ts';
import { renewLease, setNodeReady } from './node.ts';
import { NETWORK_STATE, NOT_READY, syncPod } from './sync.ts';
import { terminate } from './terminate.ts';

/** How often the kubelet renews its Lease and looks at its node by itself. */
const HEARTBEAT = 10_000_000;
/** How often it looks what the runtime runs (the PLEG's relist period). */
const RELIST = 1_000_000;
/** How often it looks whether someone flushed its chains. */
const IPTABLES_CHECK = 60_000_000;

/** The program. */
export function* kubelet(proc: Proc, before?: Memory): Program {
  const memory = before ?? newMemory();
  proc.atExit.push(() => {
    for (const work of memory.pods.values()) for (const attempt of attemptsOf(work)) abandon(proc, attempt);
  });
  if (!before) yield* sync(proc, memory, true);
  for (;;) {
    const rest = { main: kubelet, state: memory };
    // Packets are looked at only while a probe waits for some.
    const how = connected(memory) ? { rest } : ({ on: 'api', rest } as const);
    yield* waitFor(() => revision(proc.world) !== memory.settled || somethingEnded(proc, memory), memory.until, how);
    yield* sync(proc, memory, false);
  }
}

/** Whether a connection of a probe or hook is under way. */
function connected(memory: Memory): boolean {
  for (const work of memory.pods.values()) for (const attempt of attemptsOf(work)) if (attempt.socket) return true;
  return false;
}

/** Whether a container ended that it does not know to have, or a command that it ran in one. */
function somethingEnded(proc: Proc, memory: Memory): boolean {
  for (const c of proc.host.containers.values())
    if (c.exited !== null && !memory.noted.has(c.id) && !memory.ending.has(c.id)) return true;
  for (const work of memory.pods.values()) if (answered(proc, work)) return true;
  return false;
}

/** Whether something that one of a Pod's probes or hooks waits for has come. */
function answered(proc: Proc, work: PodWork): boolean {
  for (const attempt of attemptsOf(work)) if (attemptPending(proc, attempt)) return true;
  return false;
}

/** Takes in what changed in the API; answers the uids of this node's Pods that did. */
function takeChanges(proc: Proc, memory: Memory, all: boolean): Set<string> {
  const { world, host } = proc;
  const changes = all ? null : changesSince(world, memory.settled);
  memory.settled = revision(world);
  const touched = new Set<string>();
  const see = (pod: KubeObject): void => {
    if (pod.spec?.nodeName !== host.name) return;
    const uid = pod.metadata.uid ?? '';
    const work = memory.pods.get(uid);
    if (work?.written !== pod.metadata.resourceVersion) touched.add(uid);
    if (work) work.pod = pod;
    else memory.pods.set(uid, newWork(host, pod));
  };
  if (changes) {
    for (const { resource, type, object } of changes)
      if (resource === 'pods' && type !== 'DELETED') see(object);
      else if (resource === 'pods') touched.add(object.metadata.uid ?? '');
    return touched;
  }
  for (const pod of listObjects(world, 'pods')) see(pod);
  for (const uid of memory.pods.keys()) touched.add(uid);
  return touched;
}

/** What still runs of Pods that no longer exist, from before this kubelet was started. */
function takeOrphans({ host }: Proc, memory: Memory): void {
  for (const c of host.containers.values()) {
    if (c.name !== 'POD' || memory.pods.has(c.podUid)) continue;
    const pod: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: c.pod, namespace: c.namespace, uid: c.podUid },
      spec: {
        containers: [...host.containers.values()]
          .filter((x) => x.podUid === c.podUid && x.name !== 'POD')
          .map((x) => ({ name: x.name, image: x.image })),
      },
    };
    memory.pods.set(c.podUid, newWork(host, pod));
  }
}

/** Takes in which containers have ended: at once where that is waited for, else when the runtime is looked at next. */
function takeEnds({ world, host }: Proc, memory: Memory, touched: Set<string>): void {
  for (const c of host.containers.values()) {
    if (c.exited === null || memory.noted.has(c.id)) continue;
    const work = memory.pods.get(c.podUid);
    const expected = work?.stopping === true || work?.containers.get(c.name)?.stop?.container === c.id;
    const at = expected ? world.now : (memory.ending.get(c.id) ?? c.exited.at + RELIST);
    memory.ending.set(c.id, at);
    if (at > world.now) continue;
    memory.ending.delete(c.id);
    memory.noted.add(c.id);
    touched.add(c.podUid);
  }
}

/** Looks until nothing is left that can be done now. */
function* sync(proc: Proc, memory: Memory, first: boolean): Io<void> {
  const { world, host, netns } = proc;
  if (world.now >= memory.checked + IPTABLES_CHECK) {
    ensureKubeletRules(world, netns);
    memory.checked = world.now;
  }
  const beat = world.now >= memory.heartbeat + HEARTBEAT;
  const network = loadNetwork(proc);
  if ('error' in network && beat) yield* logNetworkNotReady(proc, NETWORK_STATE);
  setNodeReady(world, host.name, 'error' in network ? NOT_READY : null);
  if (beat) {
    memory.heartbeat = world.now;
    renewLease(world, host.name);
  }
  let all = first;
  for (;;) {
    const touched = takeChanges(proc, memory, all);
    if (all) takeOrphans(proc, memory);
    all = false;
    takeEnds(proc, memory, touched);
    for (const [uid, work] of [...memory.pods]) {
      if (!touched.has(uid) && work.due > world.now && !answered(proc, work)) continue;
      yield* lookAfter(proc, memory, uid, work);
    }
    if (revision(world) === memory.settled && !somethingEnded(proc, memory)) break;
  }
  for (const id of memory.noted) if (!host.containers.has(id)) memory.noted.delete(id);
  for (const id of memory.ending.keys()) if (!host.containers.has(id)) memory.ending.delete(id);
  let until = memory.heartbeat + HEARTBEAT;
  for (const work of memory.pods.values()) until = Math.min(until, work.due);
  for (const at of memory.ending.values()) until = Math.min(until, at);
  memory.until = until;
}

function* lookAfter(proc: Proc, memory: Memory, uid: string, work: PodWork): Io<void> {
  const { metadata } = work.pod;
  const objects = proc.world.cluster?.objects.get('pods');
  const there = objects?.get(`${metadata.namespace}/${metadata.name}`)?.metadata.uid === uid;
  if (there && metadata.deletionTimestamp === undefined && !work.stopping) yield* syncPod(proc, work);
  else if (yield* terminate(proc, work)) memory.pods.delete(uid);
}
