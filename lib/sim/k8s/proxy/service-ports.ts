/**
 * What kube-proxy makes of a Service and its EndpointSlices, whatever its mode: one entry for each port and family of
 * addresses, with the endpoints that take its traffic on this node. Source: kubernetes/kubernetes
 * pkg/proxy/{serviceport,endpoint,endpointslicecache,topology}.go (1.34).
 */
import { formatIp, parseIp, parsePrefix } from '../../addr/ip.ts';
import type { KubeObject } from '../types.ts';
import type { ProxyFamily } from './mode.ts';
import { nearest, usable } from './topology.ts';

export interface Endpoint {
  ip: string;
  port: number;
  local: boolean;
  ready: boolean;
  serving: boolean;
  terminating: boolean;
  /** Nodes and zones that its hints name. */
  forNodes: string[];
  forZones: string[];
}

export interface ServicePort {
  /** Its name and protocol: what ports are told apart and sorted by. */
  key: string;
  namespace: string;
  name: string;
  portName: string;
  protocol: 'tcp' | 'udp' | 'sctp';
  clusterIP: string;
  port: number;
  nodePort: number;
  externalIPs: string[];
  /** Addresses of the load balancer that this node answers for: without those of ipMode Proxy. */
  loadBalancerIPs: string[];
  sourceRanges: string[];
  internalLocal: boolean;
  externalLocal: boolean;
  /** Seconds; 0 for no affinity. */
  affinity: number;
  healthCheckNodePort: number;
  /** Endpoints for the Cluster policy, and those of this node for the Local one. */
  cluster: Endpoint[];
  local: Endpoint[];
  /** Those of either that this node's rules reach by its policies, sorted. */
  reachable: Endpoint[];
  /** Whether there is any usable endpoint anywhere. */
  hasEndpoints: boolean;
  /** All that its EndpointSlices name, usable or not, sorted. */
  all: Endpoint[];
}

/** Where the ports are for: topology and the Local policy depend on it. */
export interface ProxyNode {
  name: string;
  zone: string | undefined;
}

/** `ns/name:port`, or `ns/name` when the port has no name. */
export const portText = (s: Pick<ServicePort, 'namespace' | 'name' | 'portName'>): string =>
  `${s.namespace}/${s.name}${s.portName === '' ? '' : `:${s.portName}`}`;

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export const endpointText = (e: { ip: string; port: number }): string =>
  e.ip.includes(':') ? `[${e.ip}]:${e.port}` : `${e.ip}:${e.port}`;

/** Whether the port can be reached at other addresses than its cluster IP. */
export const isExternal = (s: ServicePort): boolean =>
  s.nodePort > 0 || s.externalIPs.length > 0 || s.loadBalancerIPs.length > 0;

export const usesCluster = (s: ServicePort): boolean => !s.internalLocal || isExternal(s);
export const usesLocal = (s: ServicePort): boolean => s.internalLocal || (s.externalLocal && isExternal(s));

/** An address of the family in its usual form, or none. */
function ipOf(value: unknown, family: ProxyFamily): string[] {
  const ip = typeof value === 'string' ? parseIp(value.trim()) : null;
  return ip !== null && (typeof ip === 'number') === (family === 'ip') ? [formatIp(ip)] : [];
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((x): x is string => typeof x === 'string') : [];

const names = (hints: { name?: string }[] | undefined): string[] =>
  (hints ?? []).flatMap((h) => (h.name ? [h.name] : []));

function endpointsOf(
  slices: readonly KubeObject[],
  portName: string,
  protocol: string,
  family: ProxyFamily,
  node: string,
): Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const slice of slices) {
    if (!isWatched(slice) || slice.addressType !== (family === 'ip' ? 'IPv4' : 'IPv6')) continue;
    for (const port of slice.ports ?? []) {
      if ((port.name ?? '') !== portName || typeof port.port !== 'number') continue;
      if ((port.protocol ?? 'TCP') !== protocol) continue;
      for (const endpoint of slice.endpoints ?? []) {
        const [ip] = ipOf(endpoint.addresses?.[0], family);
        if (ip === undefined) continue;
        const { ready, serving, terminating } = endpoint.conditions ?? {};
        const local = endpoint.nodeName !== undefined && endpoint.nodeName === node;
        const key = endpointText({ ip, port: port.port });
        // The same address twice: the one that is known to be on this node counts.
        if (found.has(key) && !local) continue;
        found.set(key, {
          ip,
          port: port.port,
          local,
          ready: ready ?? true,
          serving: serving ?? true,
          terminating: terminating === true,
          forNodes: names(endpoint.hints?.forNodes),
          forZones: names(endpoint.hints?.forZones),
        });
      }
    }
  }
  return sorted([...found.values()]);
}

const sorted = (endpoints: readonly Endpoint[]): Endpoint[] => {
  const keyed = endpoints.map((e): [string, Endpoint] => [endpointText(e), e]);
  return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, e]) => e);
};

/** Whether kube-proxy has to do with a Service at all. */
export const isProxied = (service: KubeObject): boolean =>
  isWatched(service) &&
  service.spec?.type !== 'ExternalName' &&
  Boolean(service.spec?.clusterIP) &&
  service.spec.clusterIP !== 'None';

/** What another proxy looks after, or nobody: such Services and slices are not even read. */
const isWatched = ({ metadata }: KubeObject): boolean =>
  metadata.labels?.['service.kubernetes.io/service-proxy-name'] === undefined &&
  metadata.labels?.['service.kubernetes.io/headless'] === undefined;

/** The prefixes of the family, as the network's address and length. */
const ranges = (value: unknown, family: ProxyFamily): string[] =>
  texts(value).flatMap((text) => {
    const prefix = parsePrefix(text.trim());
    return prefix !== null && (typeof prefix.ip === 'number') === (family === 'ip') && text.includes('/')
      ? [text.trim()]
      : [];
  });

/** A Service's ports for one family; none when it has no address of it. */
export function portsOf(
  service: KubeObject,
  slices: readonly KubeObject[],
  family: ProxyFamily,
  node: ProxyNode,
): ServicePort[] {
  const { spec, status, metadata } = service;
  if (!isProxied(service)) return [];
  const [clusterIP] = [...texts(spec.clusterIPs), spec.clusterIP].flatMap((ip) => ipOf(ip, family));
  if (clusterIP === undefined) return [];
  const ingress = (status?.loadBalancer?.ingress ?? []) as { ip?: string; ipMode?: string }[];
  const externalIPs = texts(spec.externalIPs).flatMap((ip) => ipOf(ip, family));
  const outside = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || texts(spec.externalIPs).length > 0;
  const externalLocal = spec.externalTrafficPolicy === 'Local' && outside;
  const out: ServicePort[] = [];
  for (const port of spec.ports ?? []) {
    const portName = port.name ?? '';
    const protocol = String(port.protocol ?? 'TCP');
    const all = endpointsOf(slices, portName, protocol, family, node.name);
    const namespace = metadata.namespace ?? '';
    const { name } = metadata;
    const made: ServicePort = {
      key: `${portText({ namespace, name, portName })} ${protocol.toLowerCase()}`,
      namespace,
      name,
      portName,
      protocol: protocol.toLowerCase() as 'tcp',
      clusterIP,
      port: port.port,
      nodePort: port.nodePort ?? 0,
      externalIPs,
      loadBalancerIPs: ingress.filter((i) => i.ipMode !== 'Proxy').flatMap((i) => ipOf(i.ip, family)),
      sourceRanges: ranges(spec.loadBalancerSourceRanges, family),
      internalLocal: spec.internalTrafficPolicy === 'Local',
      externalLocal,
      affinity:
        spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800) : 0,
      healthCheckNodePort:
        spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local' ? (spec.healthCheckNodePort ?? 0) : 0,
      cluster: [],
      local: [],
      reachable: [],
      hasEndpoints: false,
      all,
    };
    choose(made, node);
    out.push(made);
  }
  return out;
}

/** Sorts endpoints by policy: proxy.CategorizeEndpoints. */
function choose(s: ServicePort, node: ProxyNode): void {
  if (usesCluster(s)) s.cluster = nearest(s.all, node.name, node.zone);
  if (usesLocal(s)) s.local = usable(s.all.filter((e) => e.local));
  s.hasEndpoints = s.cluster.length > 0 || (usesLocal(s) && usable(s.all).length > 0);
  if (s.local.length === 0) s.reachable = s.cluster;
  else if (s.cluster.length === 0) s.reachable = s.local;
  else s.reachable = sorted([...new Set([...s.cluster, ...s.local])]);
}
