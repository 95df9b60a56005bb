/**
 * What changed among Services and EndpointSlices since kube-proxy looked last, and the ports that follow: only what changed is
 * made anew. Source: pkg/proxy/{servicechangetracker,endpointschangetracker}.go.
 */
import type { World } from '../../kernel/world.ts';
import { changesSince, getObject, listObjects, revision } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import type { ProxyFamily } from './mode.ts';
import { type ProxyNode, portsOf, type ServicePort } from './service-ports.ts';

/** Plain data: what was seen of the API, and the ports by Service. */
export interface Tracked {
  seen: number;
  node: string;
  /** A slice's Service by the slice's name, and the slices' names by Service, all as `ns/name`. */
  slices: { byName: Map<string, string>; byService: Map<string, Set<string>> };
  families: Record<ProxyFamily, TrackedFamily>;
}

interface TrackedFamily {
  byService: Map<string, ServicePort[]>;
  /** All of them by their keys. */
  sorted: ServicePort[];
  /** How many endpoints they have in all. */
  endpoints: number;
}

export interface Changes {
  /** `ns/name` of what changed; null when everything is to be made anew. */
  changed: Set<string> | null;
  /** The ports that changed Services had before, and have now. */
  before: Record<ProxyFamily, ServicePort[]>;
  after: Record<ProxyFamily, ServicePort[]>;
}

export const newTracked = (): Tracked => ({
  seen: -1,
  node: '',
  slices: { byName: new Map(), byService: new Map() },
  families: { ip: newFamily(), ip6: newFamily() },
});

const newFamily = (): TrackedFamily => ({ byService: new Map(), sorted: [], endpoints: 0 });

const FAMILIES: readonly ProxyFamily[] = ['ip', 'ip6'];

/** Brings `tracked` up to the API's state; tells what that changed. */
export function follow(world: World, tracked: Tracked, node: ProxyNode): Changes {
  const where = `${node.name} ${node.zone ?? ''}`;
  const log = tracked.node === where ? changesSince(world, tracked.seen) : null;
  const changed = new Set<string>();
  if (log)
    for (const { type, resource, object } of log) {
      if (resource === 'services') changed.add(`${object.metadata.namespace}/${object.metadata.name}`);
      if (resource === 'endpointslices') noteSlice(tracked, object, type === 'DELETED', changed);
    }
  else {
    Object.assign(tracked, newTracked(), { node: where });
    for (const service of listObjects(world, 'services'))
      changed.add(`${service.metadata.namespace}/${service.metadata.name}`);
    for (const slice of listObjects(world, 'endpointslices')) noteSlice(tracked, slice, false, changed);
  }
  tracked.seen = revision(world);
  return remake(world, tracked, changed, log === null, node);
}

/** Notes which Service a slice belongs to now: both that and the one before have changed. */
function noteSlice({ slices }: Tracked, slice: KubeObject, gone: boolean, changed: Set<string>): void {
  const { namespace, name, labels } = slice.metadata;
  const of = `${namespace}/${labels?.['kubernetes.io/service-name'] ?? ''}`;
  const old = slices.byName.get(`${namespace}/${name}`);
  if (old !== undefined && (gone || old !== of)) slices.byService.get(old)?.delete(name);
  changed.add(old ?? of);
  if (gone) {
    slices.byName.delete(`${namespace}/${name}`);
    return;
  }
  changed.add(of);
  slices.byName.set(`${namespace}/${name}`, of);
  const names = slices.byService.get(of);
  if (names) names.add(name);
  else slices.byService.set(of, new Set([name]));
}

function remake(world: World, tracked: Tracked, changed: Set<string>, all: boolean, node: ProxyNode): Changes {
  const result: Changes = { changed: all ? null : changed, before: { ip: [], ip6: [] }, after: { ip: [], ip6: [] } };
  for (const key of changed) {
    const [namespace = '', name = ''] = key.split('/');
    const service = getObject(world, 'services', namespace, name);
    const names = [...(tracked.slices.byService.get(key) ?? [])].sort();
    if (names.length === 0) tracked.slices.byService.delete(key);
    const slices = names.flatMap((slice) => getObject(world, 'endpointslices', namespace, slice) ?? []);
    for (const family of FAMILIES) {
      const { byService } = tracked.families[family];
      result.before[family].push(...(byService.get(key) ?? []));
      const ports = service ? portsOf(service, slices, family, node) : [];
      result.after[family].push(...ports);
      if (ports.length > 0) byService.set(key, ports);
      else byService.delete(key);
    }
  }
  for (const family of FAMILIES) rearrange(tracked.families[family], result.before[family], result.after[family]);
  return result;
}

const count = (ports: readonly ServicePort[]): number => ports.reduce((n, s) => n + s.all.length, 0);
const byKey = (a: ServicePort, b: ServicePort): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** More changes than this are sorted as a whole. */
const FEW = 64;

function rearrange(family: TrackedFamily, before: ServicePort[], after: ServicePort[]): void {
  before.sort(byKey);
  after.sort(byKey);
  family.endpoints += count(after) - count(before);
  if (before.length + after.length > FEW) {
    family.sorted = [...family.byService.values()].flat().sort(byKey);
    return;
  }
  for (const s of before) {
    const at = placeOf(family.sorted, s.key);
    if (family.sorted[at] === s) family.sorted.splice(at, 1);
  }
  for (const s of after) family.sorted.splice(placeOf(family.sorted, s.key), 0, s);
}

/** Where the first port stands whose key is not below `key`. */
export function placeOf(sorted: readonly ServicePort[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as ServicePort).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
