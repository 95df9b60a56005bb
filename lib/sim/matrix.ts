/** Who reaches whom: one flow from each Pod of some manifests to each, through the data plane. */
import { type Ip, parseIp } from './addr/ip.ts';
import { type FlowProtocol, sendFlow } from './flow.ts';
import { findPod, podSpawnOptions } from './k8s/lookup.ts';
import { matchesLabels } from './k8s/store/selector.ts';
import { listObjects } from './k8s/store/store.ts';
import type { KubeObject } from './k8s/types.ts';
import type { Machine } from './kernel/machine.ts';
import type { NetNs } from './linux/types.ts';
import { runStep } from './run-steps.ts';

export interface MatrixPort {
  protocol: FlowProtocol;
  port: number;
}

export interface MatrixRequest {
  /** YAML documents, as `kubectl apply -f -` takes them. */
  manifests: string;
  ports: readonly MatrixPort[];
  /** Flows go to the Pods' own addresses, or to the ClusterIP of a Service that selects the Pod and has the port. */
  to: 'pod-ip' | 'service';
}

export interface Matrix {
  /** `namespace/name`, sorted: the rows and the columns. */
  pods: string[];
  ports: string[];
  /** By port: row = source, column = destination. */
  allowed: Record<string, boolean[][]>;
  /** What the cells do not tell: Pods that do not run, Pods without a Service. */
  notes: string[];
}

/** How long Pods may take to run, and how long what follows from them (rules, routes) is given, µs. */
const START_LIMIT = 180_000_000;
const SETTLE = 5_000_000;
/** Connections a node may have in its table before the matrix lets the old ones expire, and how long that takes, µs. */
const MANY_CONNECTIONS = 50_000;
const EXPIRY = 125_000_000;

interface Place {
  id: string;
  object: KubeObject;
  ip: Ip | null;
  ns: NetNs | null;
}

/** Lets virtual time pass until `done`, at most `us`. */
function pass(machine: Machine, us: number, done: () => boolean = () => false): void {
  const until = machine.world.now + us;
  for (;;) {
    machine.pump();
    if (done()) return;
    const at = machine.nextAt();
    if (at === null || at > until) break;
    machine.advance(at);
  }
  machine.advance(until);
  machine.pump();
}

const idOf = (pod: KubeObject): string => `${pod.metadata.namespace}/${pod.metadata.name}`;

/** `TCP/80`, `UDP/53`, `SCTP/7777`; null when it is none of them. */
export function parseMatrixPort(text: string): MatrixPort | null {
  const m = /^(TCP|UDP|SCTP)\/(\d{1,5})$/.exec(text.toUpperCase());
  const port = Number(m?.[2]);
  return m && port >= 1 && port <= 65535 ? { protocol: m[1] as FlowProtocol, port } : null;
}

function places(machine: Machine, pods: readonly KubeObject[]): Place[] {
  const found = pods.map((object) => {
    const { namespace = '', name } = object.metadata;
    const spawn = podSpawnOptions(machine, namespace, name);
    return { id: idOf(object), object, ip: findPod(machine, namespace, name)?.ip ?? null, ns: spawn?.netns ?? null };
  });
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** ClusterIP of the first Service, by name, that selects the Pod and serves the port. */
function serviceAddress(machine: Machine, pod: KubeObject, { protocol, port }: MatrixPort): [Ip, KubeObject] | null {
  const services = listObjects(machine.world, 'services', { namespace: pod.metadata.namespace });
  for (const service of services) {
    const { selector, ports = [], clusterIP } = service.spec ?? {};
    const ip = parseIp(String(clusterIP ?? ''));
    if (ip === null || !selector || !matchesLabels(pod.metadata.labels ?? {}, selector)) continue;
    if (ports.some((p: { port: number; protocol?: string }) => p.port === port && (p.protocol ?? 'TCP') === protocol))
      return [ip, service];
  }
  return null;
}

/** Where a column's flow goes, and the namespaces in which it has arrived. */
function target(machine: Machine, all: readonly Place[], to: Place, port: MatrixPort, kind: MatrixRequest['to']) {
  if (kind === 'pod-ip') return to.ip === null ? null : { ip: to.ip, at: new Set([to.ns?.label]) };
  const found = serviceAddress(machine, to.object, port);
  if (!found) return null;
  const [ip, service] = found;
  const behind = listObjects(machine.world, 'pods', { namespace: service.metadata.namespace }).filter((pod) =>
    matchesLabels(pod.metadata.labels ?? {}, service.spec?.selector),
  );
  const known = new Map(all.map((p) => [p.id, p]));
  const at = behind.map(
    (pod) =>
      (known.get(idOf(pod))?.ns ?? podSpawnOptions(machine, pod.metadata.namespace ?? '', pod.metadata.name)?.netns)
        ?.label,
  );
  return { ip, at: new Set(at) };
}

/** Lets connections expire when a node tracks many: a full table would drop what the rules allow. */
function makeRoom(machine: Machine): void {
  const { netns } = machine.world;
  for (const ns of netns.values())
    if (ns.ct.entries.size > MANY_CONNECTIONS) {
      pass(machine, EXPIRY);
      return;
    }
}

/**
 * Applies the manifests, waits until their Pods run and the data plane has followed, and sends one flow for each cell. A cell is true
 * when the first packet came to a Pod that it is for and the answer came back; a closed port answers, too. The Pods are those of the
 * manifests: what they name and what controllers make of them. Answers kubectl's complaint when it refuses the manifests.
 */
export function matrix(machine: Machine, request: MatrixRequest): Matrix | { error: string } {
  const { world } = machine;
  if (world.cluster === null) return { error: 'that scenario has no cluster' };
  const before = new Set(listObjects(world, 'pods').map((pod) => pod.metadata.uid));
  const applied = runStep(machine, { cmd: 'kubectl apply -f -', stdin: request.manifests });
  if (applied.exit !== 0) return { error: applied.stderr.trim() || `kubectl apply ended with ${applied.exit}` };
  const named = new Set([...applied.stdout.matchAll(/^pod\/(\S+) (?:unchanged|configured)$/gm)].map((m) => m[1]));
  const mine = () =>
    listObjects(world, 'pods').filter((pod) => !before.has(pod.metadata.uid) || named.has(pod.metadata.name));
  pass(machine, START_LIMIT, () => {
    const pods = mine();
    return pods.length > 0 && pods.every((pod) => pod.status?.phase !== 'Pending' && pod.status?.phase !== undefined);
  });
  pass(machine, SETTLE);
  const all = places(machine, mine());
  const notes = all.filter((p) => !p.ns || p.ip === null).map((p) => `${p.id} does not run`);
  const allowed: Matrix['allowed'] = {};
  for (const port of request.ports) {
    const name = `${port.protocol}/${port.port}`;
    const targets = all.map((to) => target(machine, all, to, port, request.to));
    for (const [i, to] of targets.entries())
      if (!to && request.to === 'service') notes.push(`no Service of ${all[i]?.id} has ${name}`);
    allowed[name] = all.map((from) => {
      makeRoom(machine);
      const row = targets.map((to) => {
        if (!to || !from.ns) return false;
        const { delivered, answered } = sendFlow(machine, from.ns, port.protocol, to.ip, port.port);
        return answered && delivered !== null && to.at.has(delivered);
      });
      // Programs let go of the connections that were reset.
      machine.pump();
      return row;
    });
  }
  return { pods: all.map((p) => p.id), ports: Object.keys(allowed), allowed, notes };
}

/** The matrix as text: `.` reached, `X` not. */
export function matrixText({ pods, ports, allowed }: Matrix): string {
  const width = Math.max(...pods.map((p) => p.length), 1);
  const head = `${' '.repeat(width)} ${pods.map((_, i) => String(i % 10)).join('')}`;
  return ports
    .map((port) => {
      const rows = pods.map(
        (p, i) => `${p.padEnd(width)} ${(allowed[port]?.[i] ?? []).map((ok) => (ok ? '.' : 'X')).join('')}`,
      );
      return `${port}\n${head}\n${rows.join('\n')}\n`;
    })
    .join('\n');
}
