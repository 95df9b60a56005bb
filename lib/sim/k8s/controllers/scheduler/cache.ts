/** What nodes have left: the scheduler's cache. Source: kubernetes/kubernetes pkg/scheduler/framework/types.go. */
import type { World } from '../../../kernel/world.ts';
import { parseQuantity } from '../../printers/quantity.ts';
import { listObjects, revision } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { controllerOf } from '../follow/memory.ts';

export interface Amounts {
  /** Thousandths. */
  cpu: number;
  /** Bytes. */
  memory: number;
}

export interface NodeInfo {
  node: KubeObject;
  pods: KubeObject[];
  allocatable: Amounts & { pods: number };
  requested: Amounts;
  /** Requests as scores count them: who asks for nothing counts as a little. */
  weighed: Amounts;
  /** `0.0.0.0 TCP 80` of host ports in use. */
  ports: Set<string>;
  /** Pods by the uid of who controls them. */
  owned: Map<string, number>;
}

/** What a Pod without requests counts as. */
const LITTLE: Amounts = { cpu: 100, memory: 200 * 1024 * 1024 };

interface Container {
  resources?: { requests?: Record<string, string> };
  restartPolicy?: string;
  ports?: { hostPort?: number; hostIP?: string; protocol?: string; containerPort: number }[];
}

const of = (container: Container, name: 'cpu' | 'memory', none: number): number => {
  const text = container.resources?.requests?.[name];
  return text === undefined ? none : parseQuantity(text, name === 'cpu');
};

/** Requests of a Pod: its containers' sum, or what its largest init container needs when that is more. */
export function requestsOf(pod: KubeObject, none: Amounts = { cpu: 0, memory: 0 }): Amounts {
  const containers = (pod.spec?.containers ?? []) as Container[];
  const init = (pod.spec?.initContainers ?? []) as Container[];
  const total = (name: 'cpu' | 'memory'): number => {
    let sum = containers.reduce((n, c) => n + of(c, name, none[name]), 0);
    let besides = 0;
    let most = 0;
    for (const c of init) {
      if (c.restartPolicy === 'Always') {
        besides += of(c, name, none[name]);
        most = Math.max(most, besides);
      } else most = Math.max(most, besides + of(c, name, 0));
    }
    sum += besides;
    const overhead = pod.spec?.overhead?.[name];
    return Math.max(sum, most) + (overhead === undefined ? 0 : parseQuantity(overhead, name === 'cpu'));
  };
  return { cpu: total('cpu'), memory: total('memory') };
}

export const weighedRequests = (pod: KubeObject): Amounts => requestsOf(pod, LITTLE);

/** Host ports that a Pod asks for: `0.0.0.0 TCP 80`. */
export function hostPorts(pod: KubeObject): string[] {
  return ((pod.spec?.containers ?? []) as Container[]).flatMap((c) =>
    (c.ports ?? []).flatMap((p) => {
      const port = p.hostPort ?? (pod.spec?.hostNetwork ? p.containerPort : 0);
      return port ? [`${p.hostIP || '0.0.0.0'} ${p.protocol ?? 'TCP'} ${port}`] : [];
    }),
  );
}

/** What Pods ask for, by their specs: a spec is never changed in place but for the node. */
const asked = new WeakMap<object, { plain: Amounts; weighed: Amounts; ports: string[] }>();

function askedBy(pod: KubeObject): { plain: Amounts; weighed: Amounts; ports: string[] } {
  let known = asked.get(pod.spec);
  if (!known) {
    known = { plain: requestsOf(pod), weighed: weighedRequests(pod), ports: hostPorts(pod) };
    asked.set(pod.spec, known);
  }
  return known;
}

/** Counts a Pod as being on the node. */
export function assume(info: NodeInfo, pod: KubeObject): void {
  info.pods.push(pod);
  const { plain, weighed, ports } = askedBy(pod);
  info.requested.cpu += plain.cpu;
  info.requested.memory += plain.memory;
  info.weighed.cpu += weighed.cpu;
  info.weighed.memory += weighed.memory;
  for (const port of ports) info.ports.add(port);
  const owner = controllerOf(pod)?.uid;
  if (owner !== undefined) info.owned.set(owner, (info.owned.get(owner) ?? 0) + 1);
}

function newInfo(node: KubeObject): NodeInfo {
  const { cpu, memory, pods } = node.status?.allocatable ?? {};
  return {
    node,
    pods: [],
    allocatable: { cpu: parseQuantity(cpu, true), memory: parseQuantity(memory, false), pods: Number(pods ?? 110) },
    requested: { cpu: 0, memory: 0 },
    weighed: { cpu: 0, memory: 0 },
    ports: new Set(),
    owned: new Map(),
  };
}

/** Nodes with what is on them: made anew when someone else has written to the API since. */
export interface Cache {
  revision: number;
  nodes: NodeInfo[];
}

const caches = new WeakMap<World, Cache>();

export function cacheOf(world: World): Cache {
  const known = caches.get(world);
  if (known && known.revision === revision(world)) return known;
  const nodes = new Map(listObjects(world, 'nodes').map((node) => [node.metadata.name, newInfo(node)]));
  for (const pod of listObjects(world, 'pods')) {
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue;
    const info = nodes.get(pod.spec?.nodeName ?? '');
    if (info) assume(info, pod);
  }
  const cache = { revision: revision(world), nodes: [...nodes.values()] };
  caches.set(world, cache);
  return cache;
}
