/** The Pods of a scene: the control plane's, the DaemonSets', CoreDNS, a small web application, the learner's own. */
import type { KubeObject } from '../../k8s/types.ts';
import { KUBERNETES_VERSION } from '../../k8s/version.ts';
import type { World } from '../../kernel/world.ts';
import type { ClusterConfig } from './config.ts';
import { create } from './create.ts';

const everything = [{ operator: 'Exists' }];

export const daemonSet = (
  namespace: string,
  name: string,
  labels: Record<string, string>,
  image: string,
): KubeObject => ({
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

/** Images that every node of a scene has from the beginning. */
export const sceneImages = (config: ClusterConfig): string[] => [
  'registry.k8s.io/pause:3.10',
  'registry.k8s.io/etcd:3.6.4-0',
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map(
    (name) => `registry.k8s.io/${name}:${KUBERNETES_VERSION}`,
  ),
  'registry.k8s.io/coredns/coredns:v1.12.1',
  'ghcr.io/flannel-io/flannel:v0.28.9',
  'hashicorp/http-echo:1.0',
  ...config.pods.map((pod) => pod.image),
];

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
