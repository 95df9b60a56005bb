/** The endpoints that a Service's Pods are. Source: kubernetes/kubernetes staging/src/k8s.io/endpointslice/utils.go (1.34). */
import type { World } from '../../../kernel/world.ts';
import { isPodReady } from '../../kinds/pods/state.ts';
import { matchesLabels } from '../../store/selector.ts';
import { getObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { type Context, objectOf } from '../follow/memory.ts';
import { countOf, keysOf } from '../follow/terms.ts';

export type AddressType = 'IPv4' | 'IPv6';

export interface Endpoint {
  addresses: string[];
  conditions: { ready: boolean; serving: boolean; terminating: boolean };
  hostname?: string;
  targetRef: { kind: string; name: string; namespace: string; uid: string };
  nodeName?: string;
  zone?: string;
  hints?: { forZones?: { name: string }[]; forNodes?: { name: string }[] };
}

export interface EndpointPort {
  name: string;
  port: number;
  protocol: string;
  appProtocol?: string;
}

interface ServicePort {
  name?: string;
  port: number;
  protocol?: string;
  targetPort?: number | string;
  appProtocol?: string;
}

/** Pods that a Service selects, those on their way out among them. */
export function selectedPods(context: Context, service: KubeObject): KubeObject[] {
  const { labels } = context.memory;
  const selector = (service.spec?.selector ?? {}) as Record<string, string>;
  const { namespace } = service.metadata;
  const terms = Object.entries(selector).map(([k, v]) => `${namespace} ${k}=${v}`);
  const [rarest] = terms.sort((a, b) => countOf(labels, a) - countOf(labels, b));
  if (rarest === undefined) return [];
  return keysOf(labels, rarest).flatMap((id) => {
    const pod = objectOf(context.world, id);
    return pod && matchesLabels(pod.metadata.labels ?? {}, selector) ? pod : [];
  });
}

/** Whether a Pod can be an endpoint at all: it has addresses and has not ended. */
export const canServe = (pod: KubeObject): boolean =>
  Boolean(pod.status?.podIP) && pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed';

/** Addresses of a Pod in one family. */
export const addressesOf = (pod: KubeObject, type: AddressType): string[] =>
  ((pod.status?.podIPs ?? [{ ip: pod.status?.podIP }]) as { ip?: string }[]).flatMap(({ ip }) =>
    ip && ip.includes(':') === (type === 'IPv6') ? ip : [],
  );

export function endpointOf(world: World, service: KubeObject, pod: KubeObject, type: AddressType): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const { name, namespace = '', uid = '' } = pod.metadata;
  const { nodeName, hostname, subdomain } = pod.spec ?? {};
  const zone = getObject(world, 'nodes', undefined, nodeName ?? '')?.metadata.labels?.['topology.kubernetes.io/zone'];
  return {
    addresses: addressesOf(pod, type),
    conditions: {
      ready: service.spec?.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    ...(hostname && subdomain === service.metadata.name ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    targetRef: { kind: 'Pod', name, namespace, uid },
    ...(zone ? { zone } : {}),
  };
}

/** The container's port that a Service's port leads to; undefined when the Pod has none of that name. */
export function targetPort(pod: KubeObject, port: ServicePort): number | undefined {
  const wanted = port.targetPort ?? port.port;
  if (typeof wanted === 'number') return wanted;
  const sidecars = ((pod.spec?.initContainers ?? []) as KubeObject[]).filter((c) => c.restartPolicy === 'Always');
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars])
    for (const p of (container.ports ?? []) as { name?: string; protocol?: string; containerPort: number }[])
      if (p.name === wanted && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP')) return p.containerPort;
  return undefined;
}

/** Ports of a Service as this Pod serves them: a name may mean another number in another Pod. */
export const portsFor = (service: KubeObject, pod: KubeObject): EndpointPort[] =>
  ((service.spec?.ports ?? []) as ServicePort[]).flatMap((p) => {
    const port = targetPort(pod, p);
    if (port === undefined) return [];
    const appProtocol = p.appProtocol === undefined ? {} : { appProtocol: p.appProtocol };
    return [{ name: p.name ?? '', port, protocol: p.protocol ?? 'TCP', ...appProtocol }];
  });

/** Families in which a Service has endpoints. */
export function addressTypes(service: KubeObject): AddressType[] {
  const families = (service.spec?.ipFamilies ?? []) as AddressType[];
  if (families.length > 0) return families;
  return String(service.spec?.clusterIP ?? '').includes(':') ? ['IPv6'] : ['IPv4'];
}

/** Marks endpoints for the clients they are meant for. Source: staging/src/k8s.io/endpointslice/trafficdist/trafficdist.go. */
export function addHints(service: KubeObject, endpoints: readonly Endpoint[]): void {
  const wish = service.spec?.trafficDistribution;
  const sameZone = wish === 'PreferClose' || wish === 'PreferSameZone' || wish === 'PreferSameNode';
  if (!sameZone) return;
  for (const e of endpoints) {
    if (!e.conditions.ready) continue;
    const hints: Endpoint['hints'] = {};
    if (e.zone !== undefined) hints.forZones = [{ name: e.zone }];
    if (wish === 'PreferSameNode' && e.nodeName !== undefined) hints.forNodes = [{ name: e.nodeName }];
    if (Object.keys(hints).length > 0) e.hints = hints;
  }
}
