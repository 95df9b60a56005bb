/**
 * kube-proxy's configuration: KubeProxyConfiguration, with its defaults. Source: pkg/proxy/apis/config/v1alpha1/{types,defaults}.go
 * and cmd/kube-proxy/app/options.go of 1.34.
 */

import { parsePrefix } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { readComponentConfig } from '../../text/component-config.ts';
import { parseDuration } from '../../text/go-duration.ts';
import { yaml } from '../../text/yaml-port.ts';
import { getObject } from '../store/store.ts';

/** Times in µs. */
export interface SyncConfig {
  syncPeriod: number;
  minSyncPeriod: number;
}

export interface ProxyConfig {
  mode: string;
  hostnameOverride: string;
  bindAddress: string;
  healthzBindAddress: string;
  metricsBindAddress: string;
  /** As written: prefixes with commas between them; '' for none. */
  clusterCIDR: string;
  detectLocalMode: string;
  detectLocal: { bridgeInterface: string; interfaceNamePrefix: string };
  nodePortAddresses: string[];
  iptables: SyncConfig & { masqueradeBit: number; masqueradeAll: boolean; localhostNodePorts: boolean };
  ipvs: SyncConfig & {
    scheduler: string;
    strictARP: boolean;
    excludeCIDRs: string[];
    tcpTimeout: number;
    tcpFinTimeout: number;
    udpTimeout: number;
  };
  nftables: SyncConfig & { masqueradeBit: number; masqueradeAll: boolean };
  /** Limits of the node's connection tracking; 0 leaves one as it is. */
  conntrack: { maxPerCore: number; min: number; tcpEstablishedTimeout: number; tcpCloseWaitTimeout: number };
}

const SECOND = 1_000_000;

export const DEFAULT_CONFIG: ProxyConfig = {
  mode: '',
  hostnameOverride: '',
  bindAddress: '0.0.0.0',
  healthzBindAddress: '0.0.0.0:10256',
  metricsBindAddress: '127.0.0.1:10249',
  clusterCIDR: '',
  detectLocalMode: 'ClusterCIDR',
  detectLocal: { bridgeInterface: '', interfaceNamePrefix: '' },
  nodePortAddresses: [],
  iptables: {
    masqueradeBit: 14,
    masqueradeAll: false,
    localhostNodePorts: true,
    syncPeriod: 30 * SECOND,
    minSyncPeriod: SECOND,
  },
  ipvs: {
    scheduler: '',
    strictARP: false,
    excludeCIDRs: [],
    tcpTimeout: 0,
    tcpFinTimeout: 0,
    udpTimeout: 0,
    syncPeriod: 30 * SECOND,
    minSyncPeriod: SECOND,
  },
  nftables: { masqueradeBit: 14, masqueradeAll: false, syncPeriod: 30 * SECOND, minSyncPeriod: SECOND },
  conntrack: {
    maxPerCore: 32_768,
    min: 131_072,
    tcpEstablishedTimeout: 86_400 * SECOND,
    tcpCloseWaitTimeout: 3600 * SECOND,
  },
};

type Fields = Record<string, unknown>;
const isFields = (v: unknown): v is Fields => typeof v === 'object' && v !== null && !Array.isArray(v);

/** A default's fields, each replaced by what the text has of the same type; times by their own reader: a period of 0 is the default one. */
function overlay<T extends object>(base: T, from: Fields): T {
  const out = { ...base } as Fields;
  for (const [key, known] of Object.entries(base) as [string, unknown][]) {
    const given = from[key];
    if (given === undefined || given === null) continue;
    if (isFields(known)) out[key] = isFields(given) ? overlay(known, given) : known;
    else if (Array.isArray(known)) out[key] = Array.isArray(given) ? given.filter((x) => typeof x === 'string') : known;
    else if (typeof known === 'number' && typeof given === 'string') {
      const us = parseDuration(given);
      out[key] = us === null || (us === 0 && key.endsWith('Period')) ? known : us;
    } else if (typeof given === typeof known) out[key] = given;
  }
  return out as T;
}

/** The configuration of a file's text over what the command line says; a text that is no YAML is an error. */
export function readConfig(text: string, flags: ProxyConfig): ProxyConfig | { error: string } {
  let document: unknown = readComponentConfig(text);
  if (!document) {
    const parsed = yaml().parse(text);
    if (!parsed.ok) return { error: `error converting YAML to JSON: yaml: line ${parsed.line}: ${parsed.error}` };
    [document] = parsed.documents;
  }
  if (!isFields(document)) return flags;
  const config = overlay(flags, document);
  return config.mode === '' ? { ...config, mode: flags.mode } : config;
}

/** What the ConfigMap kube-system/kube-proxy holds, or null. */
export function configText(world: World): string | null {
  const text = getObject(world, 'configmaps', 'kube-system', 'kube-proxy')?.data?.['config.conf'];
  return typeof text === 'string' ? text : null;
}

/** The command line's flags that are modelled, over the defaults. */
export function flagConfig(argv: readonly string[]): ProxyConfig {
  const config = { ...DEFAULT_CONFIG };
  for (const word of argv.slice(1)) {
    const [name, value = ''] = word.split(/=(.*)/s, 2);
    if (name === '--proxy-mode') config.mode = value;
    if (name === '--cluster-cidr') config.clusterCIDR = value;
    if (name === '--hostname-override') config.hostnameOverride = value;
    if (name === '--bind-address') config.bindAddress = value;
    if (name === '--nodeport-addresses') config.nodePortAddresses = value === '' ? [] : value.split(',');
  }
  return config;
}

/** The first prefix of a family in a list with commas, or null. */
export function cidrOf(list: readonly string[], family: 'ip' | 'ip6'): string | null {
  return (
    list.find((text) => {
      const prefix = parsePrefix(text.trim());
      return prefix !== null && (typeof prefix.ip === 'number') === (family === 'ip');
    }) ?? null
  );
}
