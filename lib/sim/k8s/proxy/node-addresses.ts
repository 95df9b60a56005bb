/**
 * A node's addresses as kube-proxy asks for them: which of them take node ports, and how its Pods are told from others. Source:
 * pkg/proxy/util/nodeport_addresses.go, pkg/proxy/util/localdetector.go, cmd/kube-proxy/app/server.go of 1.34.
 */
import { familyOf, formatIp, type Ip, inPrefix, isLoopback, parseIp, parsePrefix } from '../../addr/ip.ts';
import type { NetNs } from '../../linux/types.ts';
import type { KubeObject } from '../types.ts';
import { cidrOf, type ProxyConfig } from './config.ts';
import type { LocalDetector, ProxyFamily } from './mode.ts';

/** The addresses of a namespace's interfaces, of one family, in the order of the interfaces. */
export const localAddresses = (ns: NetNs, family: ProxyFamily): Ip[] =>
  [...ns.links.values()].flatMap((link) =>
    link.addrs.map((a) => a.local).filter((ip) => (familyOf(ip) === 4) === (family === 'ip')),
  );

/** Where node ports are open: everywhere, or on these of the node's addresses. */
export interface NodePortAddresses {
  matchAll: boolean;
  /** Whether 127.0.0.1 is among the prefixes. */
  loopback: boolean;
  prefixes: string[];
}

/** Reads nodePortAddresses for one family; `primary` stands for the node's own address. */
export function nodePortAddresses(config: ProxyConfig, family: ProxyFamily, nodeIp: string | null): NodePortAddresses {
  const given = config.nodePortAddresses;
  const primary = given.length === 1 && given[0] === 'primary';
  const own = nodeIp === null || nodeIp.startsWith('127.') ? [] : [`${nodeIp}/${family === 'ip' ? 32 : 128}`];
  const prefixes = (primary ? own : given).filter((text) => cidrOf([text], family) !== null);
  const parsed = prefixes.flatMap((text) => parsePrefix(text) ?? []);
  const loopback = parsed.some((p) => inPrefix(parseIp('127.0.0.1') as Ip, p) || isLoopback(p.ip));
  if (parsed.length === 0) return { matchAll: true, loopback: family === 'ip', prefixes: [] };
  return { matchAll: parsed.some((p) => p.len === 0), loopback: family === 'ip' && loopback, prefixes };
}

/** The node's addresses that take node ports, where not all do. */
export function nodePortIps(ns: NetNs, addresses: NodePortAddresses, family: ProxyFamily): string[] {
  const local = localAddresses(ns, family);
  const found = addresses.prefixes.flatMap((text) => {
    const prefix = parsePrefix(text);
    return prefix ? local.filter((ip) => inPrefix(ip, prefix)).map(formatIp) : [];
  });
  return [...new Set(found)];
}

/**
 * The address of this node as kube-proxy settles it at its start: bindAddress when it names one, or the Node's, or, where there is
 * none, loopback. Null for the other family of a node that has one only.
 */
export function ownIp(config: ProxyConfig, family: ProxyFamily, node: KubeObject | undefined): string | null {
  const bound = parseIp(config.bindAddress);
  const of = (ip: Ip) => (familyOf(ip) === 4) === (family === 'ip');
  if (bound !== null && bound !== 0 && bound !== 0n && of(bound)) return formatIp(bound);
  const ip = nodeIpOf(node, family);
  return ip ?? (family === 'ip' && !nodeIpOf(node, 'ip6') ? '127.0.0.1' : null);
}

/** A Node's first address of a family: internal ones before external ones. */
export function nodeIpOf(node: KubeObject | undefined, family: ProxyFamily): string | null {
  const addresses = (node?.status?.addresses ?? []) as { type?: string; address?: string }[];
  for (const type of ['InternalIP', 'ExternalIP'])
    for (const { type: its, address } of addresses) {
      const ip = its === type && address !== undefined ? parseIp(address) : null;
      if (ip !== null && (familyOf(ip) === 4) === (family === 'ip')) return formatIp(ip);
    }
  return null;
}

/** How Pods are told from others by the configuration, and for NodeCIDR by the Node's own ranges. */
export function localDetector(config: ProxyConfig, family: ProxyFamily, node: KubeObject | undefined): LocalDetector {
  const ofCidr = (list: readonly string[]): LocalDetector => {
    const cidr = cidrOf(list, family);
    return cidr === null ? null : { kind: 'cidr', cidr };
  };
  switch (config.detectLocalMode) {
    case 'NodeCIDR':
      return ofCidr((node?.spec?.podCIDRs ?? []) as string[]);
    case 'BridgeInterface':
      return { kind: 'interface', name: config.detectLocal.bridgeInterface };
    case 'InterfaceNamePrefix':
      return { kind: 'prefix', prefix: config.detectLocal.interfaceNamePrefix };
    default:
      return ofCidr(config.clusterCIDR.split(',').map((x) => x.trim()));
  }
}
