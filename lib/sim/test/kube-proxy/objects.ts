/** Manifests for tests of kube-proxy: as few words as a test needs. */

export interface EndpointSpec {
  ip: string;
  node?: string;
  ready?: boolean;
  serving?: boolean;
  terminating?: boolean;
  zones?: string[];
  nodes?: string[];
}

export interface ServiceSpec {
  name: string;
  namespace?: string;
  ip: string;
  /** `name:port/PROTOCOL→targetPort@nodePort`, as [name, port, protocol, targetPort, nodePort]. */
  ports: [name: string, port: number, protocol?: string, target?: number, nodePort?: number][];
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

export const service = ({ name, namespace = 'default', ip, ports, spec, status }: ServiceSpec): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: {
      clusterIP: ip,
      clusterIPs: [ip],
      ports: ports.map(([portName, port, protocol = 'TCP', targetPort = port, nodePort]) => ({
        name: portName,
        port,
        protocol,
        targetPort,
        ...(nodePort ? { nodePort } : {}),
      })),
      ...spec,
    },
    ...(status ? { status } : {}),
  });

export const slice = (
  of: string,
  ports: readonly (readonly [name: string, port: number, protocol?: string])[],
  endpoints: readonly EndpointSpec[],
  { namespace = 'default', suffix = 'abcde' } = {},
): string =>
  JSON.stringify({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${of}-${suffix}`, namespace, labels: { 'kubernetes.io/service-name': of } },
    addressType: endpoints[0]?.ip.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: endpoints.map(({ ip, node, ready, serving, terminating, zones, nodes }) => ({
      addresses: [ip],
      conditions: { ready: ready ?? true, serving: serving ?? ready ?? true, terminating: terminating ?? false },
      ...(node ? { nodeName: node } : {}),
      ...(zones || nodes
        ? {
            hints: {
              ...(zones ? { forZones: zones.map((zone) => ({ name: zone })) } : {}),
              ...(nodes ? { forNodes: nodes.map((n) => ({ name: n })) } : {}),
            },
          }
        : {}),
    })),
    ports: ports.map(([name, port, protocol = 'TCP']) => ({ name, port, protocol })),
  });

export const config = (text: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-proxy', namespace: 'kube-system' },
    data: {
      'config.conf': `apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n${text}`,
    },
  });

export const node = (name: string, addresses: readonly string[], more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
    ...more,
  });
