import type { KubeObject } from '../../k8s/types.ts';
import { KUBERNETES_VERSION } from '../../k8s/version.ts';
import type { NodeConfig } from './config.ts';

/** A Node as the kubelet registers it. */
export function node(config: NodeConfig): KubeObject {
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
