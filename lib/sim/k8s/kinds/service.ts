/** Services: defaults and what the API server allocates. Source: kubernetes/kubernetes pkg/registry/core/service. */
import { formatIp, parseIp4 } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { type ApiError, listObjects } from '../store/store.ts';
import type { KubeObject } from '../types.ts';

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

interface Port {
  name?: string;
  port: number;
  protocol?: string;
  targetPort?: number | string;
  nodePort?: number;
}

const invalid = (name: string, problem: string): ApiError => ({
  code: 422,
  reason: 'Invalid',
  message: `Service "${name}" is invalid: ${problem}`,
});

/** Fills in defaults, cluster IP and node ports; the API server's complaint when the object is invalid. Changes `service`. */
export function admitService(world: World, service: KubeObject): ApiError | null {
  const { name, namespace } = service.metadata;
  const spec = (service.spec ??= {});
  spec.type ??= 'ClusterIP';
  if (spec.type === 'ExternalName')
    return spec.externalName ? null : invalid(name, 'spec.externalName: Required value');
  const ports = (spec.ports ?? []) as Port[];
  if (ports.length === 0 && spec.clusterIP !== 'None') return invalid(name, 'spec.ports: Required value');
  for (const [i, port] of ports.entries()) {
    if (!Number.isInteger(port.port) || port.port < 1 || port.port > 65535)
      return invalid(
        name,
        `spec.ports[${i}].port: Invalid value: ${port.port}: must be between 1 and 65535, inclusive`,
      );
    if (ports.length > 1 && !port.name) return invalid(name, `spec.ports[${i}].name: Required value`);
    port.protocol ??= 'TCP';
    port.targetPort ??= port.port;
  }
  spec.clusterIP ||= allocateIp(world, `${namespace}/${name}`);
  const other = listObjects(world, 'services').find(
    (s) =>
      s.spec?.clusterIP === spec.clusterIP &&
      spec.clusterIP !== 'None' &&
      s !== service &&
      !(s.metadata.name === name && s.metadata.namespace === namespace),
  );
  if (other)
    return invalid(
      name,
      `spec.clusterIPs: Invalid value: ["${spec.clusterIP}"]: failed to allocate IP ${spec.clusterIP}: provided IP is already allocated`,
    );
  spec.clusterIPs ??= [spec.clusterIP];
  spec.sessionAffinity ??= 'None';
  spec.internalTrafficPolicy ??= 'Cluster';
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') {
    spec.externalTrafficPolicy ??= 'Cluster';
    for (const port of ports) port.nodePort ||= allocateNodePort(world, `${namespace}/${name}/${port.port}`);
  }
  service.status ??= { loadBalancer: {} };
  return null;
}
