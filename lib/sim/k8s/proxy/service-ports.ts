/**
 * What kube-proxy makes of Services and EndpointSlices, whatever its mode: one entry for each port of a Service, with
 * the endpoints that take its traffic on this node. Source: kubernetes/kubernetes pkg/proxy/{serviceport,topology,endpointslicecache}.go (1.34).
 */
import { parseIp } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { getObject, listObjects } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
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
  namespace: string;
  name: string;
  portName: string;
  protocol: 'tcp' | 'udp' | 'sctp';
  clusterIP: string;
  port: number;
  nodePort: number;
  externalIPs: string[];
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
  /** Whether there is any usable endpoint anywhere. */
  hasEndpoints: boolean;
}

/** `ns/name:port`, or `ns/name` when the port has no name. */
export const portText = (s: ServicePort): string =>
  `${s.namespace}/${s.name}${s.portName === '' ? '' : `:${s.portName}`}`;

const v4 = (ip: unknown): ip is string => typeof ip === 'string' && typeof parseIp(ip) === 'number';

const names = (hints: { name?: string }[] | undefined): string[] =>
  (hints ?? []).flatMap((h) => (h.name ? [h.name] : []));

function endpointsOf(slices: readonly KubeObject[], portName: string, node: string): Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    for (const port of slice.ports ?? []) {
      if ((port.name ?? '') !== portName || typeof port.port !== 'number') continue;
      for (const endpoint of slice.endpoints ?? []) {
        const conditions = endpoint.conditions ?? {};
        const ready = conditions.ready !== false;
        for (const ip of endpoint.addresses ?? []) {
          if (!v4(ip)) continue;
          found.set(`${ip}:${port.port}`, {
            ip,
            port: port.port,
            local: endpoint.nodeName === node,
            ready,
            serving: conditions.serving ?? ready,
            terminating: conditions.terminating === true,
            forNodes: names(endpoint.hints?.forNodes),
            forZones: names(endpoint.hints?.forZones),
          });
        }
      }
    }
  }
  return [...found.keys()].sort().map((k) => found.get(k) as Endpoint);
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((x): x is string => typeof x === 'string') : [];

/** All of them for one node, in the order of their names. */
export function servicePorts(world: World, node: string): ServicePort[] {
  const slices = new Map<string, KubeObject[]>();
  for (const slice of listObjects(world, 'endpointslices')) {
    const key = `${slice.metadata.namespace}/${slice.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`;
    slices.set(key, [...(slices.get(key) ?? []), slice]);
  }
  const zone = getObject(world, 'nodes', undefined, node)?.metadata.labels?.['topology.kubernetes.io/zone'];
  const out: ServicePort[] = [];
  for (const service of listObjects(world, 'services')) {
    const { spec, status, metadata } = service;
    if (
      spec?.type === 'ExternalName' ||
      !v4(spec?.clusterIP) ||
      metadata.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined
    )
      continue;
    const ingress = (status?.loadBalancer?.ingress ?? []) as { ip?: string; ipMode?: string }[];
    for (const port of spec.ports ?? []) {
      const portName = port.name ?? '';
      const endpoints = endpointsOf(slices.get(`${metadata.namespace}/${metadata.name}`) ?? [], portName, node);
      out.push({
        namespace: metadata.namespace ?? '',
        name: metadata.name,
        portName,
        protocol: String(port.protocol ?? 'TCP').toLowerCase() as 'tcp',
        clusterIP: spec.clusterIP,
        port: port.port,
        nodePort: port.nodePort ?? 0,
        externalIPs: texts(spec.externalIPs).filter(v4),
        loadBalancerIPs: ingress.filter((i) => i.ipMode !== 'Proxy').flatMap((i) => (v4(i.ip) ? [i.ip] : [])),
        sourceRanges: texts(spec.loadBalancerSourceRanges)
          .map((r) => r.trim())
          .filter((r) => !r.includes(':')),
        internalLocal: spec.internalTrafficPolicy === 'Local',
        externalLocal:
          spec.externalTrafficPolicy === 'Local' && (spec.type !== 'ClusterIP' || texts(spec.externalIPs).length > 0),
        affinity:
          spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800) : 0,
        healthCheckNodePort: spec.externalTrafficPolicy === 'Local' ? (spec.healthCheckNodePort ?? 0) : 0,
        cluster: nearest(endpoints, node, zone),
        local: usable(endpoints.filter((e) => e.local)),
        hasEndpoints: usable(endpoints).length > 0,
      });
    }
  }
  return out.sort((a, b) => (portText(a) + a.protocol < portText(b) + b.protocol ? -1 : 1));
}
