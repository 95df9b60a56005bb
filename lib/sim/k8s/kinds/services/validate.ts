import { parseIp, parseIp4 } from '../../../addr/ip.ts';
import * as names from '../../api/names.ts';
import type { FieldError } from '../../api/status.ts';
import type { KubeObject } from '../../types.ts';
import {
  duplicate,
  forbiddenField,
  invalids,
  invalidValue,
  isPort,
  oneOf,
  portName,
  RANGE,
  required,
} from '../shapes/check.ts';

/** A port of a Service's spec. */
export interface Port {
  name?: string;
  port: number;
  protocol?: string;
  targetPort?: number | string;
  nodePort?: number;
}

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const IP_RULE = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

function portErrors(ports: readonly Port[], spec: KubeObject['spec']): FieldError[] {
  const out: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const at = `spec.ports[${i}]`;
    if (!port.name) {
      if (ports.length > 1) out.push(required(`${at}.name`));
    } else {
      out.push(...invalids(`${at}.name`, port.name, names.label(port.name)));
      if (seen.has(port.name)) out.push(duplicate(`${at}.name`, port.name));
      seen.add(port.name);
    }
    if (!isPort(port.port)) out.push(invalidValue(`${at}.port`, port.port ?? 0, RANGE));
    out.push(...oneOf(`${at}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']));
    if (typeof port.targetPort === 'string')
      out.push(...invalids(`${at}.targetPort`, port.targetPort, portName(port.targetPort)));
    else if (!isPort(port.targetPort)) out.push(invalidValue(`${at}.targetPort`, port.targetPort ?? 0, RANGE));
  }
  const pairs = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const key = `${port.port}/${port.protocol}`;
    if (pairs.has(key))
      out.push(duplicate(`spec.ports[${i}]`, { port: port.port, protocol: port.protocol, targetPort: 0 }));
    pairs.add(key);
  }
  if (spec.type === 'ClusterIP')
    for (const [i, port] of ports.entries())
      if (port.nodePort)
        out.push(forbiddenField(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
  const nodePorts = new Set<string>();
  for (const [i, port] of ports.entries()) {
    if (!port.nodePort) continue;
    const key = `${port.nodePort}/${port.protocol}`;
    if (nodePorts.has(key)) out.push(duplicate(`spec.ports[${i}].nodePort`, port.nodePort));
    nodePorts.add(key);
  }
  return out;
}

function addressErrors(spec: KubeObject['spec'], old: KubeObject | null): FieldError[] {
  const ips = (spec.clusterIPs ?? []) as string[];
  const out: FieldError[] = [];
  if (spec.type === 'ExternalName') {
    if (ips.length > 0) out.push(forbiddenField('spec.clusterIPs', "may not be set when type is 'ExternalName'"));
    return out;
  }
  if (spec.clusterIP && ips.length > 0 && spec.clusterIP !== ips[0])
    out.push(invalidValue('spec.clusterIPs', ips, 'first value must match `clusterIP`'));
  for (const [i, ip] of (ips.length > 0 ? ips : spec.clusterIP ? [spec.clusterIP] : []).entries()) {
    if (ip === 'None') continue;
    if (parseIp(ip) === null) out.push(invalidValue(`spec.clusterIPs[${i}]`, ip, IP_RULE));
  }
  const before = old?.spec?.clusterIPs as string[] | undefined;
  if (before && before.length > 0 && old?.spec.type !== 'ExternalName' && spec.clusterIP !== before[0])
    out.push(invalidValue('spec.clusterIPs[0]', spec.clusterIP ? [spec.clusterIP] : [], `may not change once set`));
  return out;
}

/** Complaints about its fields. Source: kubernetes/kubernetes pkg/apis/core/validation/validation.go (1.34). */
export function validateService(service: KubeObject, old: KubeObject | null): FieldError[] {
  const { spec } = service;
  const ports = (spec.ports ?? []) as Port[];
  const out: FieldError[] = [];
  if (ports.length === 0 && spec.clusterIP !== 'None' && spec.type !== 'ExternalName') out.push(required('spec.ports'));
  if (spec.type === 'LoadBalancer') {
    if (spec.clusterIP === 'None')
      out.push(invalidValue('spec.clusterIPs[0]', 'None', "may not be set to 'None' for LoadBalancer services"));
  } else if (spec.type === 'NodePort') {
    if (spec.clusterIP === 'None')
      out.push(invalidValue('spec.clusterIPs[0]', 'None', "may not be set to 'None' for NodePort services"));
  } else if (spec.type === 'ExternalName') {
    const name = String(spec.externalName ?? '').replace(/\.$/, '');
    if (name === '') out.push(required('spec.externalName'));
    else out.push(...invalids('spec.externalName', name, names.subdomain(name)));
  }
  out.push(...portErrors(ports, spec));
  out.push(...names.labels(spec.selector, 'spec.selector'));
  out.push(...oneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']));
  const timeout = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (timeout !== undefined && !(timeout > 0 && timeout <= 86400))
    out.push(
      invalidValue(
        'spec.sessionAffinityConfig.clientIP.timeoutSeconds',
        timeout,
        'must be greater than 0 and less than 86400',
      ),
    );
  out.push(...addressErrors(spec, old));
  for (const [i, ip] of ((spec.externalIPs ?? []) as string[]).entries()) {
    if (parseIp(ip) === null) out.push(invalidValue(`spec.externalIPs[${i}]`, ip, IP_RULE));
    else if (/^127\./.test(ip) && parseIp4(ip) !== null)
      out.push(invalidValue(`spec.externalIPs[${i}]`, ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
  }
  out.push(...oneOf('spec.type', spec.type, TYPES));
  out.push(...trafficErrors(spec));
  return out;
}

function trafficErrors(spec: KubeObject['spec']): FieldError[] {
  const out: FieldError[] = [];
  const outside = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.externalIPs ?? []).length > 0;
  if (spec.externalTrafficPolicy !== undefined) {
    if (!outside || spec.type === 'ExternalName')
      out.push(
        invalidValue(
          'spec.externalTrafficPolicy',
          spec.externalTrafficPolicy,
          'may only be set for externally-accessible services',
        ),
      );
    else out.push(...oneOf('spec.externalTrafficPolicy', spec.externalTrafficPolicy, ['Cluster', 'Local']));
  }
  if (spec.healthCheckNodePort && !(spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'))
    out.push(
      invalidValue(
        'spec.healthCheckNodePort',
        spec.healthCheckNodePort,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    );
  out.push(...oneOf('spec.internalTrafficPolicy', spec.internalTrafficPolicy, ['Cluster', 'Local']));
  if (spec.trafficDistribution !== undefined)
    out.push(
      ...oneOf('spec.trafficDistribution', spec.trafficDistribution, [
        'PreferClose',
        'PreferSameNode',
        'PreferSameZone',
      ]),
    );
  if ((spec.loadBalancerSourceRanges ?? []).length > 0 && spec.type !== 'LoadBalancer')
    out.push(forbiddenField('spec.LoadBalancerSourceRanges', "may only be used when `type` is 'LoadBalancer'"));
  if (spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== 'LoadBalancer')
    out.push(forbiddenField('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'"));
  if (spec.loadBalancerClass !== undefined && spec.type !== 'LoadBalancer')
    out.push(forbiddenField('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"));
  return out;
}
