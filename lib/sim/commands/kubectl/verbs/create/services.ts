/** create service clusterip|nodeport|loadbalancer|externalname. Source: k8s.io/kubectl pkg/cmd/create/create_service.go. */

import { subdomain } from '../../../../k8s/api/names.ts';
import type { KubeObject } from '../../../../k8s/types.ts';
import { type Call, flagValue } from '../../contract.ts';
import type { Generator } from './generator.ts';
import { integer } from './generator.ts';

/** `80`, `80:8080`, `80:http` as one of a Service's ports, or the complaint. */
function port(text: string): Record<string, unknown> | string {
  const parts = text.split(':');
  const [left = '', right = left] = parts;
  if (parts.length > 2) return `invalid port specifier: ${text}`;
  const number = (digits: string, bits: number): string | null =>
    !/^\d+$/.test(digits)
      ? `strconv.ParseUint: parsing ${JSON.stringify(digits)}: invalid syntax`
      : Number(digits) >= 2 ** bits
        ? `strconv.ParseUint: parsing ${JSON.stringify(digits)}: value out of range`
        : null;
  const wrong = number(left, 32);
  if (wrong) return wrong;
  const range = (n: number): boolean => n >= 1 && n <= 65535;
  if (!range(Number(left))) return 'must be between 1 and 65535, inclusive';
  const numeric = /^\d+$/.test(right);
  if (numeric && !range(Number(right))) return 'must be between 1 and 65535, inclusive';
  return {
    name: text.replaceAll(':', '-'),
    protocol: 'TCP',
    port: Number(left),
    targetPort: numeric ? Number(right) : right,
  };
}

function service(
  call: Call,
  name: string,
  type: string,
): { object: KubeObject } | { error: string } | { usage: string } {
  const { flags } = call;
  const clusterIP = flagValue(flags, 'clusterip');
  const tcp = (flags.values.get('tcp') ?? []).flatMap((t) => t.split(','));
  const externalName = flagValue(flags, 'external-name');
  if (tcp.length === 0 && clusterIP !== 'None' && type !== 'ExternalName')
    return { error: 'at least one tcp port specifier must be provided' };
  if (externalName !== undefined && subdomain(externalName).length > 0)
    return { error: `invalid service external name ${externalName}` };
  const nodePort = integer(call, 'node-port', '--node-port', 'Int');
  if (typeof nodePort === 'object' && nodePort) return nodePort;
  const ports: Record<string, unknown>[] = [];
  for (const text of tcp) {
    const made = port(text);
    if (typeof made === 'string') return { error: made };
    ports.push({ ...made, ...(nodePort ? { nodePort } : {}) });
  }
  const labels = { app: name };
  return {
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, labels },
      spec: {
        ...(ports.length > 0 ? { ports } : {}),
        selector: labels,
        ...(clusterIP ? { clusterIP } : {}),
        type,
        ...(externalName ? { externalName } : {}),
      },
    },
  };
}

const generator = (type: string, summary: string, flags: string[], required: string[] = []): Generator => ({
  path: `service ${type.toLowerCase()}`,
  summary,
  resource: 'services',
  flags: flags.map((name) => ({ name })),
  required,
  failed: `failed to create ${type} service:`,
  generate: (call, name) => service(call, name, type),
});

export const services: Generator[] = [
  generator('ClusterIP', 'Create a ClusterIP service', ['tcp', 'clusterip']),
  generator('ExternalName', 'Create an ExternalName service', ['tcp', 'external-name'], ['external-name']),
  generator('LoadBalancer', 'Create a LoadBalancer service', ['tcp']),
  generator('NodePort', 'Create a NodePort service', ['tcp', 'node-port']),
];
