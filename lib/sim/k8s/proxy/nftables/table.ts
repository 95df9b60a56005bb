/**
 * kube-proxy's table with what stands in it whatever the Services are: base chains, the chains they lead to, sets and maps.
 * Source: kubernetes/kubernetes pkg/proxy/nftables/proxier.go (setupNFTables) of 1.34.
 */
import { parseIp } from '../../../addr/ip.ts';
import type { NftBaseChain, NftTransaction } from '../../../linux/netfilter/nft/transaction.ts';
import {
  CT_NEW,
  changeMark,
  DROP,
  type FamilyWords,
  fibLocal,
  jump,
  MASQUERADE,
  markUnset,
  portMap,
  RETURN,
  rule,
} from './words.ts';

export const TABLE = 'kube-proxy';

const BASE_CHAINS: Readonly<Record<string, NftBaseChain>> = {
  'filter-prerouting-pre-dnat': { type: 'filter', hook: 'PREROUTING', priority: -110 },
  'filter-output-pre-dnat': { type: 'filter', hook: 'OUTPUT', priority: -110 },
  'filter-input': { type: 'filter', hook: 'INPUT', priority: 0 },
  'filter-forward': { type: 'filter', hook: 'FORWARD', priority: 0 },
  'filter-output': { type: 'filter', hook: 'OUTPUT', priority: 0 },
  'nat-prerouting': { type: 'nat', hook: 'PREROUTING', priority: -100 },
  'nat-output': { type: 'nat', hook: 'OUTPUT', priority: -100 },
  'nat-postrouting': { type: 'nat', hook: 'POSTROUTING', priority: 100 },
};

interface Jump {
  to: string;
  from: string;
  fresh: boolean;
}

/** Only new connections are filtered. */
const JUMPS: readonly Jump[] = [
  { to: 'nodeport-endpoints-check', from: 'filter-input', fresh: true },
  { to: 'service-endpoints-check', from: 'filter-input', fresh: true },
  { to: 'service-endpoints-check', from: 'filter-forward', fresh: true },
  { to: 'service-endpoints-check', from: 'filter-output', fresh: true },
  { to: 'firewall-check', from: 'filter-prerouting-pre-dnat', fresh: true },
  { to: 'firewall-check', from: 'filter-output-pre-dnat', fresh: true },
  { to: 'services', from: 'nat-output', fresh: false },
  { to: 'services', from: 'nat-prerouting', fresh: false },
  { to: 'masquerading', from: 'nat-postrouting', fresh: false },
  { to: 'cluster-ips-check', from: 'filter-forward', fresh: true },
  { to: 'cluster-ips-check', from: 'filter-output', fresh: true },
];

export const MARK_CHAIN = 'mark-for-masquerade';
export const REJECT_CHAIN = 'reject-chain';

/** Sets and maps whose elements follow the Services. */
export const CONTAINERS = [
  'cluster-ips',
  'service-ips',
  'firewall-ips',
  'no-endpoint-services',
  'no-endpoint-nodeports',
  'service-nodeports',
] as const;
export type Container = (typeof CONTAINERS)[number];

const COMMENTS: Readonly<Record<Container, string>> = {
  'cluster-ips': 'Active ClusterIPs',
  'service-ips': 'ClusterIP, ExternalIP and LoadBalancer IP traffic',
  'firewall-ips': 'destinations that are subject to LoadBalancerSourceRanges',
  'no-endpoint-services': 'vmap to drop or reject packets to services with no endpoints',
  'no-endpoint-nodeports': 'vmap to drop or reject packets to service nodeports with no endpoints',
  'service-nodeports': 'NodePort traffic',
};

export interface TableSetup {
  /** The bit of the mark for packets to be masqueraded, as a value. */
  mark: number;
  serviceCIDRs: readonly string[];
  /** Addresses that accept NodePort traffic; null for all of the machine's. */
  nodePortIPs: readonly string[] | null;
  /** Base chains are made anew: once in a life of kube-proxy, as an older one may have hooked them in elsewhere. */
  renewBase: boolean;
}

/** Makes the table, or brings all of it that does not depend on Services into order. */
export function setupTable(tx: NftTransaction, words: FamilyWords, setup: TableSetup): void {
  tx.addTable('rules for kube-proxy');
  if (setup.renewBase) {
    for (const name of Object.keys(BASE_CHAINS)) tx.addChain(name);
    tx.deleteChains(Object.keys(BASE_CHAINS));
  }
  for (const [name, base] of Object.entries(BASE_CHAINS)) {
    tx.addChain(name, base);
    tx.flushChain(name);
  }
  const done = new Set<string>();
  const ensure = (name: string) => {
    if (done.has(name)) return;
    done.add(name);
    tx.addChain(name);
    tx.flushChain(name);
  };
  for (const { to, from, fresh } of JUMPS) {
    ensure(to);
    tx.addRule(from, rule([...(fresh ? [CT_NEW] : []), jump(to)]));
  }
  ensure(MARK_CHAIN);
  tx.addRule(MARK_CHAIN, rule([changeMark('|', setup.mark)]));
  tx.addRule('masquerading', rule([markUnset(setup.mark), RETURN]));
  tx.addRule('masquerading', rule([changeMark('^', setup.mark)]));
  tx.addRule('masquerading', rule([MASQUERADE]));
  addContainers(tx, words);
  unallocated(tx, words, setup.serviceCIDRs);
  nodePortSet(tx, words, setup.nodePortIPs);
  tx.addChain(REJECT_CHAIN, null, 'helper for @no-endpoint-services / @no-endpoint-nodeports');
  tx.flushChain(REJECT_CHAIN);
  tx.addRule(REJECT_CHAIN, rule([words.reject]));
  tx.addRule('service-endpoints-check', rule([words.addressMap('no-endpoint-services')]));
  tx.addRule('firewall-check', rule([words.addressMap('firewall-ips')]));
  tx.addRule('services', rule([words.addressMap('service-ips')]));
  const noEndpoints = portMap('no-endpoint-nodeports');
  const nodePorts = portMap('service-nodeports');
  if (setup.nodePortIPs === null) {
    tx.addRule('nodeport-endpoints-check', rule([words.notLoopback, noEndpoints]));
    tx.addRule('services', rule([fibLocal('daddr'), words.notLoopback, nodePorts]));
    tx.deleteSet(NODEPORT_IPS);
  } else {
    tx.addRule('nodeport-endpoints-check', rule([words.inSet('daddr', NODEPORT_IPS), noEndpoints]));
    tx.addRule('services', rule([words.inSet('daddr', NODEPORT_IPS), nodePorts]));
  }
}

const NODEPORT_IPS = 'nodeport-ips';

function addContainers(tx: NftTransaction, words: FamilyWords): void {
  for (const name of CONTAINERS) {
    const address = { types: [words.addressType], bits: [words.bits] };
    const port = { types: ['inet_proto', 'inet_service'], bits: [8, 16] };
    const both = { types: [...address.types, ...port.types], bits: [...address.bits, ...port.bits] };
    const isSet = name === 'cluster-ips';
    const key = isSet ? address : name.endsWith('nodeports') ? port : both;
    tx.addSet({ name, ...key, data: isSet ? null : ['verdict'], comment: COMMENTS[name] });
  }
}

/** Ports of a cluster IP that no Service has are refused; addresses of no Service at all stay silent. */
function unallocated(tx: NftTransaction, words: FamilyWords, cidrs: readonly string[]): void {
  const chain = 'cluster-ips-check';
  tx.addRule(
    chain,
    rule([words.inSet('daddr', 'cluster-ips'), words.reject], 'Reject traffic to invalid ports of ClusterIPs'),
  );
  if (cidrs.length > 0)
    tx.addRule(chain, rule([words.addresses('daddr', cidrs), DROP], 'Drop traffic to unallocated ClusterIPs'));
}

/** The set is there while it is asked for; it goes only once no rule looks into it. */
function nodePortSet(tx: NftTransaction, words: FamilyWords, ips: readonly string[] | null): void {
  tx.addSet({
    name: NODEPORT_IPS,
    types: [words.addressType],
    bits: [words.bits],
    comment: 'IPs that accept NodePort traffic',
  });
  tx.flushSet(NODEPORT_IPS);
  for (const text of ips ?? []) {
    const ip = parseIp(text) as number;
    tx.addElement(NODEPORT_IPS, { key: [{ lo: ip, hi: ip }] });
  }
}
