/**
 * What changed among Services and EndpointSlices since kube-proxy looked last, and the ports that follow: only what changed is
 * made anew. Source: pkg/proxy/{servicechangetracker,endpointschangetracker}.go.
 */
import type { World } from '../../kernel/world.ts';
import type { KubeObject } from '../types.ts';
import type { ProxyFamily } from './mode.ts';
import { type ProxyNode, portsOf, portText, type ServicePort } from './service-ports.ts';

/** Plain data: what was seen of the API, and the ports by Service. */
export interface Tracked {
  seen: number;
  node: string;
  /** `ns/name` of a Service by the key of each of its slices in the store. */
  slices: Map<string, string>;
  services: Set<string>;
  ports: Record<ProxyFamily, Map<string, ServicePort[]>>;
}

export interface Changes {
  /** `ns/name` of what changed; null when everything is to be made anew. */
  changed: Set<string> | null;
  /** The ports that a changed Service had before, and has now. */
  before: Record<ProxyFamily, ServicePort[]>;
  after: Record<ProxyFamily, ServicePort[]>;
}

export const newTracked = (): Tracked => ({
  seen: -1,
  node: '',
  slices: new Map(),
  services: new Set(),
  ports: { ip: new Map(), ip6: new Map() },
});

const FAMILIES: readonly ProxyFamily[] = ['ip', 'ip6'];
const NONE: ReadonlyMap<string, KubeObject> = new Map();

const serviceOf = (slice: KubeObject): string =>
  `${slice.metadata.namespace}/${slice.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`;

const isNew = (object: KubeObject, seen: number): boolean => Number(object.metadata.resourceVersion) > seen;

/** Brings `tracked` up to the API's state; tells what that changed. */
export function follow(world: World, tracked: Tracked, node: ProxyNode): Changes {
  const objects = world.cluster?.objects;
  const services = objects?.get('services') ?? NONE;
  const slices = objects?.get('endpointslices') ?? NONE;
  const where = `${node.name} ${node.zone ?? ''}`;
  const all = tracked.node !== where;
  if (all) Object.assign(tracked, newTracked(), { node: where });
  const changed = new Set<string>();
  for (const [key, service] of services) {
    if (!isNew(service, tracked.seen)) continue;
    changed.add(key);
    tracked.services.add(key);
  }
  for (const [key, slice] of slices) {
    if (!isNew(slice, tracked.seen)) continue;
    const of = serviceOf(slice);
    const old = tracked.slices.get(key);
    if (old !== undefined) changed.add(old);
    changed.add(of);
    tracked.slices.set(key, of);
  }
  if (tracked.services.size > services.size)
    for (const key of tracked.services) {
      if (services.has(key)) continue;
      tracked.services.delete(key);
      changed.add(key);
    }
  if (tracked.slices.size > slices.size)
    for (const [key, of] of tracked.slices) {
      if (slices.has(key)) continue;
      tracked.slices.delete(key);
      changed.add(of);
    }
  tracked.seen = world.cluster?.resourceVersion ?? 0;
  return remake(tracked, changed, all, services, slices, node);
}

function remake(
  tracked: Tracked,
  changed: Set<string>,
  all: boolean,
  services: ReadonlyMap<string, KubeObject>,
  slices: ReadonlyMap<string, KubeObject>,
  node: ProxyNode,
): Changes {
  const wanted = new Map<string, KubeObject[]>();
  for (const key of changed) wanted.set(key, []);
  if (changed.size > 0)
    for (const [key, of] of tracked.slices) {
      const slice = slices.get(key);
      if (slice) wanted.get(of)?.push(slice);
    }
  const result: Changes = { changed: all ? null : changed, before: { ip: [], ip6: [] }, after: { ip: [], ip6: [] } };
  for (const key of changed) {
    const service = services.get(key);
    for (const family of FAMILIES) {
      result.before[family].push(...(tracked.ports[family].get(key) ?? []));
      const ports = service ? portsOf(service, wanted.get(key) ?? [], family, node) : [];
      result.after[family].push(...ports);
      if (ports.length > 0) tracked.ports[family].set(key, ports);
      else tracked.ports[family].delete(key);
    }
  }
  return result;
}

/** All ports of a family, by name and protocol. */
export function allPorts(tracked: Tracked, family: ProxyFamily): ServicePort[] {
  const keyed: [string, ServicePort][] = [];
  for (const ports of tracked.ports[family].values()) for (const s of ports) keyed.push([portText(s) + s.protocol, s]);
  return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, s]) => s);
}
