/** The Services that packets are sent to in the tests of kube-proxy's modes. */
const NODES: Readonly<Record<string, string>> = {
  '10.244.0.11': 'node-1',
  '10.244.0.12': 'node-1',
  '10.244.1.21': 'node-2',
};

interface Wanted {
  name: string;
  clusterIP: string;
  /** Addresses of its endpoints; none for a Service that nobody answers. */
  endpoints: readonly string[];
  nodePort?: number;
  /** Lines of its spec. */
  spec?: string;
  /** The address its load balancer got. */
  balancer?: string;
}

/** The manifests of a Service on port 80 and of its EndpointSlice. */
export function serviceOf({ name, clusterIP, endpoints, nodePort, spec = '', balancer }: Wanted): string {
  const type = balancer ? 'LoadBalancer' : nodePort ? 'NodePort' : 'ClusterIP';
  const port = `{name: http, port: 80, targetPort: 8080${nodePort ? `, nodePort: ${nodePort}` : ''}}`;
  const status = balancer ? `\nstatus:\n  loadBalancer:\n    ingress: [{ip: ${balancer}}]` : '';
  const service = `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default}
spec:
  type: ${type}
  clusterIP: ${clusterIP}
  ports: [${port}]
${spec}${status}`;
  if (endpoints.length === 0) return service;
  const ends = endpoints.map((ip) => `- {addresses: ["${ip}"], conditions: {ready: true}, nodeName: ${NODES[ip]}}`);
  return `${service}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}-x, namespace: default, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
endpoints:
${ends.join('\n')}
ports: [{name: http, port: 8080}]`;
}

const [A, C] = ['10.244.0.11', '10.244.1.21'];

/** One of each kind. */
export const SERVICES = [
  `apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: kubernetes}
spec: {cidrs: ["10.96.0.0/16"]}`,
  serviceOf({ name: 'plain', clusterIP: '10.96.1.1', endpoints: [A] }),
  serviceOf({ name: 'node', clusterIP: '10.96.1.2', endpoints: [C], nodePort: 30001 }),
  serviceOf({
    name: 'local',
    clusterIP: '10.96.1.3',
    endpoints: [A],
    nodePort: 30002,
    spec: '  externalTrafficPolicy: Local',
  }),
  serviceOf({
    name: 'remote',
    clusterIP: '10.96.1.5',
    endpoints: [C],
    nodePort: 30003,
    spec: '  externalTrafficPolicy: Local',
  }),
  serviceOf({ name: 'inner', clusterIP: '10.96.1.4', endpoints: [C], spec: '  internalTrafficPolicy: Local' }),
  serviceOf({
    name: 'lb',
    clusterIP: '10.96.1.6',
    endpoints: [A],
    nodePort: 30006,
    balancer: '203.0.113.10',
    spec: '  loadBalancerSourceRanges: ["198.51.100.0/24"]',
  }),
  serviceOf({ name: 'ext', clusterIP: '10.96.1.9', endpoints: [C], spec: '  externalIPs: ["192.0.2.50"]' }),
  serviceOf({ name: 'empty', clusterIP: '10.96.1.7', endpoints: [], nodePort: 30007 }),
].join('\n---\n');
