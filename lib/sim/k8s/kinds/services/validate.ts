import type { FieldError } from '../../api/status.ts';
import type { KubeObject } from '../../types.ts';

interface Port {
  name?: string;
  port: number;
  protocol?: string;
  targetPort?: number | string;
  nodePort?: number;
}

const withNodePorts = (type: string): boolean => type === 'NodePort' || type === 'LoadBalancer';

/** What a client may leave out. */
export function defaultService(service: KubeObject): void {
  const spec = (service.spec ??= {});
  spec.type ??= 'ClusterIP';
  spec.sessionAffinity ??= 'None';
  for (const port of (spec.ports ?? []) as Port[]) {
    port.protocol ??= 'TCP';
    port.targetPort ??= port.port;
  }
  if (spec.type === 'ExternalName') return;
  spec.internalTrafficPolicy ??= 'Cluster';
  if (withNodePorts(spec.type)) spec.externalTrafficPolicy ??= 'Cluster';
  service.status ??= { loadBalancer: {} };
}

/** Complaints about its fields. */
export function validateService(service: KubeObject): FieldError[] {
  const { spec } = service;
  if (spec.type === 'ExternalName')
    return spec.externalName ? [] : [{ type: 'Required value', field: 'spec.externalName' }];
  const ports = (spec.ports ?? []) as Port[];
  if (ports.length === 0 && spec.clusterIP !== 'None') return [{ type: 'Required value', field: 'spec.ports' }];
  return ports.flatMap((port, i): FieldError[] => [
    ...(ports.length > 1 && !port.name ? [{ type: 'Required value', field: `spec.ports[${i}].name` } as const] : []),
    ...(Number.isInteger(port.port) && port.port >= 1 && port.port <= 65535
      ? []
      : [
          {
            type: 'Invalid value',
            field: `spec.ports[${i}].port`,
            value: port.port,
            detail: 'must be between 1 and 65535, inclusive',
          } as const,
        ]),
  ]);
}
