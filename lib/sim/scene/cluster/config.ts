/** What a cluster scene is made from: configuration, not run-time state. */
export interface NodeConfig {
  name: string;
  ip: string;
  podCIDR: string;
  controlPlane?: boolean;
}

export interface ClusterConfig {
  network: { name: string; gateway: string; length: number };
  nodes: NodeConfig[];
  clusterCIDR: string;
  /** NodeLocal DNSCache runs on every node. */
  nodeLocalDns?: boolean;
  /** Pods by hand, in order of creation; `node` fixes where. */
  pods: { name: string; node: string; image: string; labels: Record<string, string> }[];
}

/** The standard cluster: a control plane and two nodes, as in the course's source document. */
export const STANDARD: ClusterConfig = {
  network: { name: 'node network', gateway: '192.168.56.1', length: 24 },
  nodes: [
    { name: 'control-plane', ip: '192.168.56.10', podCIDR: '10.244.0.0/24', controlPlane: true },
    { name: 'node1', ip: '192.168.56.11', podCIDR: '10.244.1.0/24' },
    { name: 'node2', ip: '192.168.56.12', podCIDR: '10.244.2.0/24' },
  ],
  clusterCIDR: '10.244.0.0/16',
  pods: [
    { name: 'pod-a', node: 'node1', image: 'nicolaka/netshoot:v0.14', labels: { app: 'pod-a' } },
    { name: 'pod-b', node: 'node1', image: 'nicolaka/netshoot:v0.14', labels: { app: 'pod-b' } },
    { name: 'pod-c', node: 'node2', image: 'nicolaka/netshoot:v0.14', labels: { app: 'pod-c' } },
  ],
};
