/** The kubelet of one node: makes the sandboxes and containers of its Pods through the runtime, and reports their state. */
import { waitFor } from '../../commands/io.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import type { Container } from '../../kernel/world.ts';
import { findLink, setLink } from '../../linux/link/ops.ts';
import { createNetns, destroyNetns } from '../../linux/netns/netns.ts';
import type { NetNs } from '../../linux/types.ts';
import { putNode, removeNode } from '../../shell/vfs/tree.ts';
import { emitEvent } from '../events.ts';
import { idle } from '../programs/idle.ts';
import { getObject, listObjects, newUid, removeObject, revision } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { newContainerId, startContainer } from './containers.ts';
import { ensureKubeletRules } from './iptables.ts';
import { logNetworkNotReady, logSandboxFailure } from './log.ts';
import { addNetwork, deleteNetwork, loadNetwork } from './network.ts';
import { setNodeReady, setPodStatus } from './status.ts';

/** How often the kubelet looks again by itself. */
const RELIST = 10_000_000;
/** How long it leaves a Pod alone whose sandbox could not be made. */
const SANDBOX_BACKOFF = 15_000_000;

/** How often it looks whether someone flushed its chains. */
const IPTABLES_CHECK = 60_000_000;

const NETWORK_STATE =
  'NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';
const NOT_READY = `container runtime network not ready: ${NETWORK_STATE}`;

/** The program. Containers are its children. */
export function* kubelet(proc: Proc, rest?: Memory): Program {
  const memory = rest ?? { checked: Number.NEGATIVE_INFINITY, retryAt: new Map(), settled: 0, until: 0 };
  if (!rest) yield* sync(proc, memory);
  for (;;) {
    const how = { on: 'api', rest: { main: kubelet, state: memory } } as const;
    yield* waitFor(() => revision(proc.world) !== memory.settled, memory.until, how);
    yield* sync(proc, memory);
  }
}

/** What it remembers between two looks. */
interface Memory {
  /** When it looked after its chains. */
  checked: number;
  /** When it tries Pods again whose sandbox could not be made, by uid. */
  retryAt: Map<string, number>;
  /** The API's revision it has seen to, and when it looks again by itself. */
  settled: number;
  until: number;
}

/** Looks until every Pod of the node has its sandbox, or has to wait for it. */
function* sync(proc: Proc, memory: Memory): Io<void> {
  const { world, host, netns } = proc;
  const { retryAt } = memory;
  for (;;) {
    if (world.now >= memory.checked + IPTABLES_CHECK) {
      ensureKubeletRules(world, netns);
      memory.checked = world.now;
    }
    const network = loadNetwork(proc);
    if ('error' in network) yield* logNetworkNotReady(proc, NETWORK_STATE);
    setNodeReady(world, host.name, 'error' in network ? NOT_READY : null);
    const all = listObjects(world, 'pods').filter((pod) => pod.spec?.nodeName === host.name);
    const pods = all.filter((pod) => pod.metadata.deletionTimestamp === undefined);
    yield* removeOrphans(proc, pods);
    for (const pod of all)
      if (pod.metadata.deletionTimestamp !== undefined)
        removeObject(world, 'pods', pod.metadata.namespace, pod.metadata.name);
    const waiting = pods.filter((pod) => !sandboxOf(proc, pod));
    for (const pod of waiting) {
      const uid = pod.metadata.uid ?? '';
      if ((retryAt.get(uid) ?? 0) > world.now) continue;
      if (yield* startPod(proc, pod)) retryAt.delete(uid);
      else retryAt.set(uid, world.now + SANDBOX_BACKOFF);
    }
    memory.settled = revision(world);
    // A Pod that came while others were started.
    if (
      listObjects(world, 'pods').some(
        (pod) =>
          pod.spec?.nodeName === host.name &&
          pod.metadata.deletionTimestamp === undefined &&
          !sandboxOf(proc, pod) &&
          !retryAt.has(pod.metadata.uid ?? ''),
      )
    )
      continue;
    const next = [...retryAt.values()].filter((at) => at > world.now);
    memory.until = Math.min(world.now + RELIST, ...next);
    return;
  }
}

const sandboxOf = (proc: Proc, pod: KubeObject): Container | undefined => {
  for (const c of proc.host.containers.values()) if (c.name === 'POD' && c.podUid === pod.metadata.uid) return c;
  return undefined;
};

const netnsPath = (sandbox: string): string => `/run/netns/${sandbox}`;

/** Answers whether the Pod has its sandbox now. */
function* startPod(proc: Proc, pod: KubeObject): Io<boolean> {
  const { world, host } = proc;
  const hostNetwork = pod.spec?.hostNetwork === true;
  const network = loadNetwork(proc);
  if (!hostNetwork && 'error' in network) {
    emitEvent(world, pod, 'Warning', 'NetworkNotReady', `network is not ready: ${NOT_READY}`);
    return false;
  }
  const id = newContainerId(world);
  const name = `cni-${newUid(world)}`;
  let ns: NetNs = proc.netns;
  let ip = nodeAddress(world, host.name);
  if (!hostNetwork && !('error' in network)) {
    ns = createNetns(world, host, `pod ${pod.metadata.namespace}/${pod.metadata.name}`);
    putNode(host.fs, netnsPath(name), { type: 'netns', netns: ns.id, mode: 0o444, uid: 0, gid: 0, mtime: world.now });
    const lo = findLink(ns, 'lo');
    if (lo) setLink(world, ns, lo, { up: true });
    const args = `IgnoreUnknown=1;K8S_POD_NAMESPACE=${pod.metadata.namespace};K8S_POD_NAME=${pod.metadata.name};K8S_POD_INFRA_CONTAINER_ID=${id};K8S_POD_UID=${pod.metadata.uid}`;
    const attachment = { containerId: id, netns: `/var${netnsPath(name)}`, args };
    const result = yield* addNetwork(proc, network, attachment);
    if ('error' in result) {
      yield* deleteNetwork(proc, network, attachment);
      removeNode(host.fs, netnsPath(name));
      destroyNetns(world, ns);
      const error = `rpc error: code = Unknown desc = failed to setup network for sandbox "${id}": ${result.error}`;
      yield* logSandboxFailure(proc, pod, error);
      emitEvent(world, pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${error}`);
      return false;
    }
    ip = result.ips?.[0]?.address.split('/')[0] ?? '';
  }
  const pause = proc.machine.spawn({
    parent: proc,
    argv: ['/pause'],
    main: idle,
    netns: ns,
    container: id,
    daemon: true,
  });
  if (!pause) return false;
  host.containers.set(id, {
    id,
    name: 'POD',
    namespace: pod.metadata.namespace ?? '',
    pod: pod.metadata.name,
    podUid: pod.metadata.uid ?? '',
    image: 'registry.k8s.io/pause:3.10',
    netns: ns.id,
    root: host.fs,
    hostname: name,
    env: [],
    pid: pause.info.pid,
    started: world.now,
    log: [],
  });
  const states = (pod.spec?.containers ?? []).map((spec: Parameters<typeof startContainer>[2]) => ({
    spec,
    started: startContainer(proc, pod, spec, ns, ip),
  }));
  setPodStatus(world, host.name, pod, ip, states);
  return true;
}

function nodeAddress(world: Proc['world'], node: string): string {
  const addresses = (getObject(world, 'nodes', undefined, node)?.status?.addresses ?? []) as {
    type: string;
    address: string;
  }[];
  return addresses.find((a) => a.type === 'InternalIP')?.address ?? '';
}

/** Tears down what belongs to Pods that are gone. */
function* removeOrphans(proc: Proc, pods: readonly KubeObject[]): Io<void> {
  const { host, machine, world } = proc;
  const alive = new Set(pods.map((pod) => pod.metadata.uid));
  for (const container of [...host.containers.values()]) {
    if (alive.has(container.podUid)) continue;
    const running = machine.find(host.name, container.pid);
    if (running) machine.kill(running, 137);
    host.containers.delete(container.id);
    if (container.name !== 'POD' || container.netns === proc.netns.id) continue;
    const network = loadNetwork(proc);
    const path = netnsPath(container.hostname);
    if (!('error' in network))
      yield* deleteNetwork(proc, network, { containerId: container.id, netns: `/var${path}`, args: '' });
    removeNode(host.fs, path);
    const ns = world.netns.get(container.netns);
    if (ns) destroyNetns(world, ns);
  }
}
