import type { KubeObject } from '../../types.ts';

interface Port {
  port: number;
  protocol?: string;
  targetPort?: number | string;
  nodePort?: number;
}

/** Three hours: how long a client keeps its endpoint when nobody says. */
const AFFINITY_SECONDS = 10800;

/** What a client may leave out. Source: kubernetes/kubernetes pkg/apis/core/v1/defaults.go (1.34). */
export function defaultService(service: KubeObject): void {
  const spec = (service.spec ??= {});
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  else if (spec.sessionAffinity === 'ClientIP')
    ((spec.sessionAffinityConfig ??= {}).clientIP ??= {}).timeoutSeconds ||= AFFINITY_SECONDS;
  spec.type ||= 'ClusterIP';
  for (const port of (spec.ports ?? []) as Port[]) {
    port.protocol ||= 'TCP';
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
  }
  service.status ??= {};
  service.status.loadBalancer ??= {};
  if (spec.type === 'ExternalName') return;
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.externalIPs ?? []).length > 0)
    spec.externalTrafficPolicy ||= 'Cluster';
  spec.internalTrafficPolicy ||= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
}

/** What a Service takes over from what it was, and what it loses with a change of its type. Source: pkg/registry/core/service/storage/storage.go (patchAllocatedValues, normalizeClusterIPs), pkg/api/service/util.go (dropTypeDependentFields). */
export function inherit(service: KubeObject, old: KubeObject): void {
  const [spec, before] = [service.spec, old.spec];
  const hasIp = (type: string): boolean => type !== 'ExternalName';
  const hasPorts = (type: string): boolean => type === 'NodePort' || type === 'LoadBalancer';
  if (hasIp(spec.type) && hasIp(before.type)) {
    if (!spec.clusterIP && (spec.clusterIPs ?? []).length === 0) {
      spec.clusterIP = before.clusterIP;
      spec.clusterIPs = before.clusterIPs;
    }
  }
  if (hasPorts(spec.type) && hasPorts(before.type))
    for (const port of spec.ports as Port[])
      port.nodePort ||= (before.ports as Port[] | undefined)?.find(
        (p) => p.port === port.port && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
      )?.nodePort as number;
  if (hasIp(before.type) && !hasIp(spec.type) && spec.clusterIP === before.clusterIP)
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'])
      delete spec[field];
  if (hasPorts(before.type) && !hasPorts(spec.type)) {
    for (const port of (spec.ports ?? []) as Port[])
      if ((before.ports as Port[]).some((p) => p.port === port.port && p.nodePort === port.nodePort))
        delete port.nodePort;
    if ((spec.externalIPs ?? []).length === 0) delete spec.externalTrafficPolicy;
  }
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    for (const field of ['allocateLoadBalancerNodePorts', 'loadBalancerClass', 'healthCheckNodePort'])
      if (spec[field] === before[field]) delete spec[field];
    service.status = { ...service.status, loadBalancer: {} };
  }
  if (spec.externalTrafficPolicy !== 'Local') {
    if (spec.healthCheckNodePort === before.healthCheckNodePort) delete spec.healthCheckNodePort;
  } else spec.healthCheckNodePort ||= before.healthCheckNodePort;
  for (const port of (spec.ports ?? []) as Port[]) if (port.nodePort === undefined) delete port.nodePort;
  for (const field of ['clusterIP', 'clusterIPs', 'healthCheckNodePort'])
    if (spec[field] === undefined) delete spec[field];
}
