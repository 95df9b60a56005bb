/** Cluster IPs and node ports. Source: kubernetes/kubernetes pkg/registry/core/service/{ipallocator,portallocator}. */
import { formatIp, parseIp4 } from '../../../addr/ip.ts';
import type { World } from '../../../kernel/world.ts';
import type { FieldError } from '../../api/status.ts';
import { listObjects } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';

const SERVICE_RANGE = { first: parseIp4('10.96.0.0') as number, size: 2 ** 20 };
const NODE_PORTS = { first: 30000, last: 32767 };

const hash = (text: string): number => {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619) >>> 0;
  return h;
};

/** A free address of the upper band of the range; the same Service in the same cluster gets the same one. */
function allocateIp(world: World, name: string): string {
  const taken = new Set(listObjects(world, 'services').map((s) => s.spec?.clusterIP));
  // The lowest 256 addresses are kept for hand-picked ones.
  for (let i = 0; i < SERVICE_RANGE.size; i++) {
    const ip = formatIp(SERVICE_RANGE.first + 257 + ((hash(name) + i) % (SERVICE_RANGE.size - 258)));
    if (!taken.has(ip)) return ip;
  }
  return '';
}

function allocateNodePort(world: World, name: string): number {
  const taken = new Set(
    listObjects(world, 'services').flatMap((s) => (s.spec?.ports ?? []).map((p: { nodePort?: number }) => p.nodePort)),
  );
  const size = NODE_PORTS.last - NODE_PORTS.first - 86;
  for (let i = 0; i < size; i++) {
    const port = NODE_PORTS.first + 87 + ((hash(name) + i) % size);
    if (!taken.has(port)) return port;
  }
  return 0;
}

/** Gives a Service its addresses and node ports, or says why it cannot have those it asks for. */
export function allocate(world: World, service: KubeObject): FieldError[] {
  const { name, namespace } = service.metadata;
  const { spec } = service;
  if (spec.type === 'ExternalName') return [];
  spec.clusterIP ||= allocateIp(world, `${namespace}/${name}`);
  const other = listObjects(world, 'services').find(
    (s) =>
      s.spec?.clusterIP === spec.clusterIP &&
      spec.clusterIP !== 'None' &&
      !(s.metadata.name === name && s.metadata.namespace === namespace),
  );
  if (other)
    return [
      {
        type: 'Invalid value',
        field: 'spec.clusterIPs',
        value: [spec.clusterIP],
        detail: `failed to allocate IP ${spec.clusterIP}: provided IP is already allocated`,
      },
    ];
  spec.clusterIPs ??= [spec.clusterIP];
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
  // A load balancer that reaches the Pods itself can do without (storage/alloc.go, shouldAllocateNodePorts).
  if (spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false))
    for (const port of spec.ports as { port: number; nodePort?: number }[])
      port.nodePort ||= allocateNodePort(world, `${namespace}/${name}/${port.port}`);
  return [];
}
