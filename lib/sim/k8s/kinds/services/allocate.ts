/** Cluster IPs and node ports. Source: kubernetes/kubernetes pkg/registry/core/service/{storage,ipallocator,portallocator} (1.34). */
import type { World } from '../../../kernel/world.ts';
import type { FieldError } from '../../api/status.ts';
import { listObjects } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { invalidValue } from '../shapes/check.ts';
import { allocateIps, hash } from './addresses.ts';

const NODE_PORTS = { first: 30000, last: 32767 };

interface Port {
  port: number;
  protocol?: string;
  nodePort?: number;
}

function allocateNodePort(taken: ReadonlySet<number>, name: string): number {
  const size = NODE_PORTS.last - NODE_PORTS.first - 86;
  for (let i = 0; i < size; i++) {
    const port = NODE_PORTS.first + 87 + ((hash(name) + i) % size);
    if (!taken.has(port)) return port;
  }
  return 0;
}

const others = (world: World, service: KubeObject): KubeObject[] =>
  listObjects(world, 'services').filter(
    (s) => s.metadata.name !== service.metadata.name || s.metadata.namespace !== service.metadata.namespace,
  );

/** Node ports of a Service, the one of its health check among them, as `port/protocol`. */
const nodePortsOf = (s: KubeObject): string[] => [
  ...((s.spec?.ports ?? []) as Port[]).flatMap((p) => (p.nodePort ? [`${p.nodePort}/${p.protocol ?? 'TCP'}`] : [])),
  ...(s.spec?.healthCheckNodePort ? [`${s.spec.healthCheckNodePort}/TCP`] : []),
];

function nodePorts(service: KubeObject, rest: readonly KubeObject[]): FieldError[] {
  const { spec, metadata } = service;
  const taken = new Set(rest.flatMap(nodePortsOf));
  const numbers = new Set([...taken].map((t) => Number(t.split('/')[0])));
  const refuse = (field: string, value: number, why: string): FieldError[] => [invalidValue(field, value, why)];
  const outside = (port: number): boolean => port < NODE_PORTS.first || port > NODE_PORTS.last;
  const range = `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.first}-${NODE_PORTS.last}`;
  for (const [i, port] of (spec.ports as Port[]).entries()) {
    const field = `spec.ports[${i}].nodePort`;
    if (port.nodePort) {
      if (outside(port.nodePort)) return refuse(field, port.nodePort, range);
      if (taken.has(`${port.nodePort}/${port.protocol ?? 'TCP'}`))
        return refuse(field, port.nodePort, 'provided port is already allocated');
    } else port.nodePort = allocateNodePort(numbers, `${metadata.namespace}/${metadata.name}/${port.port}`);
    numbers.add(port.nodePort);
  }
  return [];
}

/** Gives a Service its addresses and node ports, or says why it cannot have those it asks for. */
export function allocate(world: World, service: KubeObject): FieldError[] {
  const { spec, metadata } = service;
  if (spec.type === 'ExternalName') return [];
  const rest = others(world, service);
  const refused = allocateIps(world, service, rest);
  if (refused.length > 0) return refused;
  // A load balancer that reaches the Pods itself can do without (storage/alloc.go, shouldAllocateNodePorts).
  if (spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)) {
    const wrong = nodePorts(service, rest);
    if (wrong.length > 0) return wrong;
  }
  if (spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local' && !spec.healthCheckNodePort) {
    const numbers = new Set([...rest, service].flatMap(nodePortsOf).map((t) => Number(t.split('/')[0])));
    spec.healthCheckNodePort = allocateNodePort(numbers, `${metadata.namespace}/${metadata.name}/health`);
  }
  return [];
}
