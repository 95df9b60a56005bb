/** The API objects that a kubeadm cluster starts with. Source: kubeadm's manifests of 1.34; facts of the standard cluster. */

import { admitService } from '../../k8s/kinds/service.ts';
import { createObject, isApiError } from '../../k8s/store/store.ts';
import type { KubeObject } from '../../k8s/types.ts';
import type { World } from '../../kernel/world.ts';
import { type ClusterConfig, KUBERNETES_VERSION, type NodeConfig } from './config.ts';

export function create(world: World, resource: string, object: KubeObject): KubeObject {
  if (resource === 'services') {
    const refused = admitService(world, object);
    if (refused) throw new Error(refused.message);
  }
  const made = createObject(world, resource, object);
  if (isApiError(made)) throw new Error(made.message);
  return made as KubeObject;
}

const everything = [{ operator: 'Exists' }];

function node(config: NodeConfig): KubeObject {
  const role: Record<string, string> = config.controlPlane
    ? { 'node-role.kubernetes.io/control-plane': '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' }
    : {};
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: config.name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': config.name,
        'kubernetes.io/os': 'linux',
        ...role,
      },
    },
    spec: {
      podCIDR: config.podCIDR,
      podCIDRs: [config.podCIDR],
      ...(config.controlPlane
        ? { taints: [{ effect: 'NoSchedule', key: 'node-role.kubernetes.io/control-plane' }] }
        : {}),
    },
    status: {
      addresses: [
        { address: config.ip, type: 'InternalIP' },
        { address: config.name, type: 'Hostname' },
      ],
      capacity: { cpu: '2', memory: '4026512Ki', pods: '110' },
      allocatable: { cpu: '2', memory: '3924112Ki', pods: '110' },
      conditions: [],
      nodeInfo: {
        architecture: 'amd64',
        containerRuntimeVersion: 'containerd://2.1.4',
        kernelVersion: '6.18.0',
        kubeProxyVersion: '',
        kubeletVersion: KUBERNETES_VERSION,
        operatingSystem: 'linux',
        osImage: 'Debian GNU/Linux 12 (bookworm)',
      },
    },
  };
}

const daemonSet = (namespace: string, name: string, labels: Record<string, string>, image: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name, namespace, labels },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        containers: [{ name: name.replace(/-ds$/, ''), image }],
        hostNetwork: true,
        tolerations: everything,
        priorityClassName: 'system-node-critical',
      },
    },
  },
});

const NET_CONF = (cidr: string): string =>
  JSON.stringify({ Network: cidr, EnableNFTables: false, Backend: { Type: 'vxlan' } }, null, 2);

const CNI_CONF = `{
  "name": "cbr0",
  "cniVersion": "0.3.1",
  "plugins": [
    {
      "type": "flannel",
      "delegate": {
        "hairpinMode": true,
        "isDefaultGateway": true
      }
    },
    {
      "type": "portmap",
      "capabilities": {
        "portMappings": true
      }
    }
  ]
}
`;

const COREFILE = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`;

/** Namespaces, nodes, ConfigMaps, the cluster's own Services. */
export function createBasics(world: World, config: ClusterConfig): void {
  for (const name of ['default', 'kube-flannel', 'kube-node-lease', 'kube-public', 'kube-system']) {
    create(world, 'namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }
  for (const n of config.nodes) create(world, 'nodes', node(n));
  create(world, 'configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'kube-flannel-cfg',
      namespace: 'kube-flannel',
      labels: { app: 'flannel', 'k8s-app': 'flannel', tier: 'node' },
    },
    data: { 'cni-conf.json': CNI_CONF, 'net-conf.json': NET_CONF(config.clusterCIDR) },
  });
  create(world, 'configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'coredns', namespace: 'kube-system' },
    data: { Corefile: COREFILE },
  });
  create(world, 'configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-proxy', namespace: 'kube-system', labels: { app: 'kube-proxy' } },
    data: {
      'config.conf': `apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: ${config.clusterCIDR}\nmode: ""\n`,
    },
  });
  create(world, 'services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
  });
  const api = config.nodes.find((n) => n.controlPlane);
  create(world, 'endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [api?.ip], conditions: { ready: true } }],
    ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
  });
  create(world, 'services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kube-dns',
      namespace: 'kube-system',
      labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
    },
    spec: {
      clusterIP: '10.96.0.10',
      selector: { 'k8s-app': 'kube-dns' },
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
      ],
    },
  });
}

/** The control plane's static Pods and the DaemonSets that every node runs. */
export function createSystemPods(world: World, config: ClusterConfig): void {
  const host = config.nodes.find((n) => n.controlPlane)?.name ?? '';
  for (const [name, image] of [
    ['etcd', 'registry.k8s.io/etcd:3.6.4-0'],
    ['kube-apiserver', `registry.k8s.io/kube-apiserver:${KUBERNETES_VERSION}`],
    ['kube-controller-manager', `registry.k8s.io/kube-controller-manager:${KUBERNETES_VERSION}`],
    ['kube-scheduler', `registry.k8s.io/kube-scheduler:${KUBERNETES_VERSION}`],
  ] as const) {
    create(world, 'pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${name}-${host}`,
        namespace: 'kube-system',
        labels: { component: name, tier: 'control-plane' },
      },
      spec: { containers: [{ name, image }], hostNetwork: true, nodeName: host, tolerations: everything },
      status: { phase: 'Pending' },
    });
  }
  create(
    world,
    'daemonsets',
    daemonSet(
      'kube-flannel',
      'kube-flannel-ds',
      { app: 'flannel', 'k8s-app': 'flannel', tier: 'node' },
      'ghcr.io/flannel-io/flannel:v0.28.9',
    ),
  );
  create(
    world,
    'daemonsets',
    daemonSet(
      'kube-system',
      'kube-proxy',
      { 'k8s-app': 'kube-proxy' },
      `registry.k8s.io/kube-proxy:${KUBERNETES_VERSION}`,
    ),
  );
}

const deployment = (
  namespace: string,
  name: string,
  replicas: number,
  labels: Record<string, string>,
  spec: Record<string, unknown>,
): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace, labels },
  spec: {
    replicas,
    selector: { matchLabels: labels },
    strategy: { type: 'RollingUpdate' },
    template: { metadata: { labels }, spec },
  },
});

/** CoreDNS, and a small web application with its Services. */
export function createWorkloads(world: World): void {
  create(
    world,
    'deployments',
    deployment(
      'kube-system',
      'coredns',
      2,
      { 'k8s-app': 'kube-dns' },
      {
        containers: [
          {
            name: 'coredns',
            image: 'registry.k8s.io/coredns/coredns:v1.12.1',
            ports: [
              { containerPort: 53, name: 'dns', protocol: 'UDP' },
              { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
              { containerPort: 9153, name: 'metrics', protocol: 'TCP' },
            ],
          },
        ],
        dnsPolicy: 'Default',
        tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
      },
    ),
  );
  create(
    world,
    'deployments',
    deployment(
      'default',
      'web',
      4,
      { app: 'web' },
      {
        containers: [
          {
            name: 'web',
            image: 'hashicorp/http-echo:1.0',
            ports: [{ containerPort: 8080, protocol: 'TCP' }],
            env: [{ name: 'PORT', value: '8080' }],
          },
        ],
      },
    ),
  );
  create(world, 'services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
    spec: {
      clusterIP: '10.96.10.10',
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
    },
  });
  create(world, 'services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web-public', namespace: 'default', labels: { app: 'web' } },
    spec: {
      type: 'NodePort',
      clusterIP: '10.96.10.20',
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080, nodePort: 30080 }],
    },
  });
}

/** The learner's Pods. */
export function createPods(world: World, config: ClusterConfig): void {
  for (const { name, node: nodeName, image, labels } of config.pods) {
    create(world, 'pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', labels },
      spec: {
        containers: [{ name: name.startsWith('pod-') ? 'netshoot' : name, image }],
        nodeName,
        dnsPolicy: 'ClusterFirst',
        restartPolicy: 'Always',
        serviceAccountName: 'default',
      },
      status: { phase: 'Pending' },
    });
  }
}
