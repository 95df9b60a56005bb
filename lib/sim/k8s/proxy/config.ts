/** kube-proxy's configuration: KubeProxyConfiguration of the ConfigMap kube-system/kube-proxy. Source: pkg/proxy/apis/config/v1alpha1. */
import type { World } from '../../kernel/world.ts';
import { readComponentConfig } from '../../text/component-config.ts';
import { yaml } from '../../text/yaml-port.ts';
import { getObject } from '../store/store.ts';

export interface ProxyConfig {
  mode: string;
  clusterCIDR: string;
  nodePortAddresses: string[];
  masqueradeAll: boolean;
  localhostNodePorts: boolean;
}

const DEFAULTS: ProxyConfig = {
  mode: 'iptables',
  clusterCIDR: '10.244.0.0/16',
  nodePortAddresses: [],
  masqueradeAll: false,
  localhostNodePorts: true,
};

function firstDocument(text: string): Record<string, unknown> | null {
  const parsed = yaml().parse(text);
  return parsed.ok ? (parsed.documents[0] as Record<string, unknown> | null) : null;
}

/** The configuration as the ConfigMap has it, or the defaults when there is none. */
export function proxyConfig(world: World): ProxyConfig {
  const text = getObject(world, 'configmaps', 'kube-system', 'kube-proxy')?.data?.['config.conf'];
  const value = typeof text === 'string' ? (readComponentConfig(text) ?? firstDocument(text)) : null;
  if (!value || typeof value !== 'object') return DEFAULTS;
  const iptables = (value.iptables ?? {}) as Record<string, unknown>;
  return {
    mode: typeof value.mode === 'string' && value.mode !== '' ? value.mode : 'iptables',
    clusterCIDR: typeof value.clusterCIDR === 'string' ? value.clusterCIDR : '',
    nodePortAddresses: Array.isArray(value.nodePortAddresses)
      ? value.nodePortAddresses.filter((x): x is string => typeof x === 'string')
      : [],
    masqueradeAll: iptables.masqueradeAll === true,
    localhostNodePorts: iptables.localhostNodePorts !== false,
  };
}
