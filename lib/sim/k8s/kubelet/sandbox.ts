/** Pod sandboxes: namespace, network by CNI, the pause container. Source: containerd internal/cri/server/sandbox_{run,stop}.go. */
import type { Io, Proc } from '../../kernel/process.ts';
import type { Container } from '../../kernel/world.ts';
import { findLink, setLink } from '../../linux/link/ops.ts';
import { createNetns, destroyNetns } from '../../linux/netns/netns.ts';
import { putNode, removeNode } from '../../shell/vfs/tree.ts';
import { getObject, newUid } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { newContainerId, pause } from './containers.ts';
import { addNetwork, deleteNetwork, loadNetwork } from './network.ts';
import { appContainers, initContainers } from './spec.ts';

const PAUSE_IMAGE = 'registry.k8s.io/pause:3.10';
const netnsPath = (name: string): string => `/run/netns/${name}`;

/** The node's own addresses, the first of each family. */
export function nodeAddresses(proc: Proc): string[] {
  const addresses = (getObject(proc.world, 'nodes', undefined, proc.host.name)?.status?.addresses ?? []) as {
    type: string;
    address: string;
  }[];
  return addresses.filter((a) => a.type === 'InternalIP').map((a) => a.address);
}

/** What portmap gets of a Pod's hostPorts. */
const portMappings = (pod: KubeObject) =>
  [...initContainers(pod), ...appContainers(pod)].flatMap((c) =>
    (c.ports ?? []).flatMap(({ hostPort, containerPort, protocol, hostIP }) =>
      hostPort ? [{ hostPort, containerPort, protocol: (protocol ?? 'TCP').toLowerCase(), hostIP: hostIP ?? '' }] : [],
    ),
  );

const argsOf = (pod: KubeObject, id: string): string =>
  `IgnoreUnknown=1;K8S_POD_NAMESPACE=${pod.metadata.namespace};K8S_POD_NAME=${pod.metadata.name};K8S_POD_INFRA_CONTAINER_ID=${id};K8S_POD_UID=${pod.metadata.uid}`;

/** RunPodSandbox. Answers the sandbox, or the runtime's error. */
export function* runSandbox(proc: Proc, pod: KubeObject, attempt: number): Io<Container | { error: string }> {
  const { world, host, machine } = proc;
  const id = newContainerId(world);
  const name = `cni-${newUid(world)}`;
  let ns = proc.netns;
  let ips = nodeAddresses(proc);
  if (pod.spec?.hostNetwork !== true) {
    const network = loadNetwork(proc);
    if ('error' in network)
      return {
        error: `rpc error: code = Unknown desc = failed to setup network for sandbox "${id}": ${network.error}`,
      };
    ns = createNetns(world, host, `pod ${pod.metadata.namespace}/${pod.metadata.name}`);
    putNode(host.fs, netnsPath(name), { type: 'netns', netns: ns.id, mode: 0o444, uid: 0, gid: 0, mtime: world.now });
    const lo = findLink(ns, 'lo');
    if (lo) setLink(world, ns, lo, { up: true });
    const attachment = {
      containerId: id,
      netns: `/var${netnsPath(name)}`,
      args: argsOf(pod, id),
      ports: portMappings(pod),
    };
    const result = yield* addNetwork(proc, network, attachment);
    if ('error' in result) {
      yield* deleteNetwork(proc, network, attachment);
      removeNode(host.fs, netnsPath(name));
      destroyNetns(world, ns);
      return { error: `rpc error: code = Unknown desc = failed to setup network for sandbox "${id}": ${result.error}` };
    }
    ips = (result.ips ?? []).map((ip) => ip.address.split('/')[0] ?? '');
  }
  const sandbox: Container = {
    id,
    name: 'POD',
    namespace: pod.metadata.namespace ?? '',
    pod: pod.metadata.name,
    podUid: pod.metadata.uid ?? '',
    image: PAUSE_IMAGE,
    netns: ns.id,
    root: host.fs,
    hostname: name,
    env: [],
    pid: 0,
    started: world.now,
    log: [],
    partial: { stdout: '', stderr: '' },
    attempt,
    ips,
    exited: null,
  };
  host.containers.set(id, sandbox);
  const process = machine.spawn({
    host,
    argv: ['/pause'],
    main: pause,
    netns: ns,
    container: id,
    daemon: true,
    cwd: '/',
    termStatus: 0,
  });
  if (process) sandbox.pid = process.info.pid;
  return sandbox;
}

/** StopPodSandbox: it stays known, as not ready. Answers the runtime's error when the network could not be taken down; it stays ready then. */
export function* stopSandbox(proc: Proc, sandbox: Container): Io<string | null> {
  const { world, host, machine } = proc;
  if (sandbox.netns !== proc.netns.id) {
    const network = loadNetwork(proc);
    const path = netnsPath(sandbox.hostname);
    const attachment = {
      containerId: sandbox.id,
      netns: `/var${path}`,
      args: `IgnoreUnknown=1;K8S_POD_NAMESPACE=${sandbox.namespace};K8S_POD_NAME=${sandbox.pod};K8S_POD_INFRA_CONTAINER_ID=${sandbox.id};K8S_POD_UID=${sandbox.podUid}`,
      ports: [],
    };
    const error = 'error' in network ? network.error : yield* deleteNetwork(proc, network, attachment);
    if (error !== null)
      return `rpc error: code = Unknown desc = failed to destroy network for sandbox "${sandbox.id}": ${error}`;
    removeNode(host.fs, path);
  }
  const running = machine.find(host.name, sandbox.pid);
  if (running) machine.signal(running, 15);
  sandbox.exited ??= { at: world.now, status: 0 };
  const ns = world.netns.get(sandbox.netns);
  if (ns && ns.id !== proc.netns.id) destroyNetns(world, ns);
  return null;
}
