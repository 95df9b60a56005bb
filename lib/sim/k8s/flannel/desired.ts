/** What flanneld's vxlan backend wants on a node. Source: flannel-io/flannel pkg/backend/vxlan, pkg/trafficmngr/iptables (v0.28). */
import { type Ip4, network, parseIp4, parsePrefix } from '../../addr/ip.ts';
import { type Mac, parseMac } from '../../addr/mac.ts';
import type { World } from '../../kernel/world.ts';
import type { WantedRule } from '../../linux/netfilter/ensure-rules.ts';
import { listObjects } from '../store/store.ts';
import type { KubeObject } from '../types.ts';

export interface Lease {
  node: string;
  /** The subnet's network address and length. */
  subnet: { ip: Ip4; len: number };
  publicIp: Ip4;
  mac: Mac;
}

export const ANNOTATION = 'flannel.alpha.coreos.com';

/** The VTEP's address in a node's annotation. */
export const publishedMac = (node: KubeObject | undefined): Mac | null =>
  parseMac(/"VtepMAC":"([^"]+)"/.exec(node?.metadata.annotations?.[`${ANNOTATION}/backend-data`] ?? '')?.[1] ?? '');

/** The leases of nodes that have published theirs. */
export function leases(world: World): Lease[] {
  return listObjects(world, 'nodes').flatMap((node): Lease[] => {
    const annotations = node.metadata.annotations ?? {};
    const cidr = parsePrefix(String(node.spec?.podCIDR ?? ''));
    const publicIp = parseIp4(annotations[`${ANNOTATION}/public-ip`] ?? '');
    const mac = publishedMac(node);
    if (!cidr || typeof cidr.ip !== 'number' || publicIp === null || mac === null) return [];
    return [
      { node: node.metadata.name, subnet: { ip: network(cidr.ip, cidr.len) as Ip4, len: cidr.len }, publicIp, mac },
    ];
  });
}

/** The iptables rules, in the order in which they are appended. `subnet` and `cluster` as `10.244.1.0/24`. */
export function flannelRules(cluster: string, subnet: string): WantedRule[] {
  const masq = (rule: string): WantedRule => ({ table: 'nat', chain: 'FLANNEL-POSTRTG', rule });
  const c = '-m comment --comment "flanneld masq"';
  const forward = '-m comment --comment "flanneld forward"';
  return [
    { table: 'nat', chain: 'POSTROUTING', rule: `${c} -j FLANNEL-POSTRTG` },
    masq(`-m mark --mark 0x4000/0x4000 ${c} -j RETURN`),
    masq(`-s ${subnet} -d ${cluster} ${c} -j RETURN`),
    masq(`-s ${cluster} -d ${subnet} ${c} -j RETURN`),
    masq(`! -s ${cluster} -d ${subnet} ${c} -j RETURN`),
    masq(`-s ${cluster} ! -d 224.0.0.0/4 ${c} -j MASQUERADE --random-fully`),
    masq(`! -s ${cluster} -d ${cluster} ${c} -j MASQUERADE --random-fully`),
    { table: 'filter', chain: 'FORWARD', rule: `${forward} -j FLANNEL-FWD` },
    { table: 'filter', chain: 'FLANNEL-FWD', rule: `-s ${cluster} ${forward} -j ACCEPT` },
    { table: 'filter', chain: 'FLANNEL-FWD', rule: `-d ${cluster} ${forward} -j ACCEPT` },
  ];
}
