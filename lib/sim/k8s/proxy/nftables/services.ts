/**
 * What one port of a Service comes to in kube-proxy's nftables table: its chains, sets, elements and rules. Source:
 * kubernetes/kubernetes pkg/proxy/nftables/proxier.go (syncProxyRules, writeServiceToEndpointRules) of 1.34.
 */
import { inPrefix, parseIp, parsePrefix } from '../../../addr/ip.ts';
import type { NftRuleSpec } from '../../../linux/netfilter/nft/transaction.ts';
import type { LocalDetector } from '../mode.ts';
import {
  type Endpoint,
  endpointText,
  isExternal,
  portText,
  type ServicePort,
  usesCluster,
  usesLocal,
} from '../service-ports.ts';
import { affinitySet, endpointChain, serviceChain } from './names.ts';
import { type Container, MARK_CHAIN, REJECT_CHAIN } from './table.ts';
import { DROP, type FamilyWords, fibLocal, goTo, inDevice, jump, random, rule, type Words } from './words.ts';

/** An element as text: `10.96.0.1 . tcp . 80`, and the verdict it leads to, '' in a set. */
export interface Entry {
  in: Container;
  key: string;
  verdict: string;
  comment?: string;
}

export interface ServicePlan {
  chains: string[];
  /** Sets of clients, with how long they are remembered (seconds). */
  sets: { name: string; seconds: number }[];
  entries: Entry[];
  rules: { chain: string; rule: NftRuleSpec }[];
  /** Policies by which this node drops its traffic: endpoints are elsewhere only. */
  noLocal: ('internal' | 'external')[];
}

/** What rules depend on beside the Service. */
export interface Surroundings {
  words: FamilyWords;
  detector: LocalDetector;
  masqueradeAll: boolean;
  nodeIP: string | null;
}

/** How packets of this node's Pods are told: the words for them, or for all others. */
function fromPods({ words, detector }: Surroundings, not: boolean): Words | null {
  if (detector === null) return null;
  if (detector.kind === 'cidr') return words.address('saddr', detector.cidr, not);
  return inDevice(detector.kind === 'interface' ? detector.name : `${detector.prefix}*`, not);
}

class Planner {
  readonly plan: ServicePlan = { chains: [], sets: [], entries: [], rules: [], noLocal: [] };
  private readonly words: FamilyWords;
  private readonly service: string;
  private readonly local: string;
  private readonly external: string;
  /** Whether traffic to the cluster IP, or to other addresses, finds an endpoint that its policy allows. */
  private readonly inside: boolean;
  private readonly outside: boolean;

  constructor(
    private readonly s: ServicePort,
    private readonly around: Surroundings,
  ) {
    this.words = around.words;
    this.service = serviceChain('service', s);
    this.local = serviceChain('local', s);
    this.external = serviceChain('external', s);
    this.inside = s.internalLocal ? s.local.length > 0 : s.hasEndpoints;
    this.outside = s.externalLocal ? s.local.length > 0 : s.hasEndpoints;
  }

  run(): ServicePlan {
    const { s, plan } = this;
    const cluster = s.cluster.length > 0 && usesCluster(s);
    const local = s.local.length > 0 && usesLocal(s);
    // Even without an endpoint for the outside: Pods and the node itself are let through to the others.
    const external = s.hasEndpoints && isExternal(s);
    for (const e of s.reachable) plan.chains.push(endpointChain(s, e));
    if (cluster) plan.chains.push(this.service);
    if (local) plan.chains.push(this.local);
    if (external) plan.chains.push(this.external);
    if (s.hasEndpoints && !this.inside) plan.noLocal.push('internal');
    if (s.hasEndpoints && !this.outside) plan.noLocal.push('external');
    this.entries();
    if (this.inside) this.masqueradeInside();
    if (external) this.externalRules();
    if (this.hasFirewall) this.firewall();
    if (s.affinity > 0) for (const e of s.reachable) plan.sets.push({ name: affinitySet(s, e), seconds: s.affinity });
    if (cluster) this.balance(this.service, s.cluster);
    if (local) this.balance(this.local, s.local);
    for (const e of s.reachable) this.endpoint(e);
    return plan;
  }

  private get hasFirewall(): boolean {
    return this.s.loadBalancerIPs.length > 0 && this.s.sourceRanges.length > 0;
  }

  private add(chain: string, parts: readonly (Words | null)[], comment?: string): void {
    const words = parts.filter((p): p is Words => p !== null);
    this.plan.rules.push({ chain, rule: rule(words, comment) });
  }

  private enter(where: Container, key: string, verdict: string, comment?: string): void {
    this.plan.entries.push({ in: where, key, verdict, ...(comment === undefined ? {} : { comment }) });
  }

  /** Nobody answers: refused where no endpoint exists at all, silent where this node only has none. */
  private nobody(where: 'no-endpoint-services' | 'no-endpoint-nodeports', key: string): void {
    this.enter(where, key, this.s.hasEndpoints ? 'drop' : `goto ${REJECT_CHAIN}`, portText(this.s));
  }

  private entries(): void {
    const { s } = this;
    const at = (ip: string) => `${ip} . ${s.protocol} . ${s.port}`;
    this.enter('cluster-ips', s.clusterIP, '');
    if (this.inside) this.enter('service-ips', at(s.clusterIP), `goto ${s.internalLocal ? this.local : this.service}`);
    else this.nobody('no-endpoint-services', at(s.clusterIP));
    for (const ip of [...s.externalIPs, ...s.loadBalancerIPs]) {
      if (s.hasEndpoints) this.enter('service-ips', at(ip), `goto ${this.external}`);
      if (!this.outside) this.nobody('no-endpoint-services', at(ip));
    }
    if (this.hasFirewall) {
      const chain = serviceChain('firewall', s);
      this.plan.chains.push(chain);
      for (const ip of s.loadBalancerIPs) this.enter('firewall-ips', at(ip), `goto ${chain}`);
    }
    if (s.nodePort === 0) return;
    const port = `${s.protocol} . ${s.nodePort}`;
    if (s.hasEndpoints) this.enter('service-nodeports', port, `goto ${this.external}`);
    if (!this.outside) this.nobody('no-endpoint-nodeports', port);
  }

  /** Traffic to the cluster IP that did not come from a Pod gets this node's address: the answer has to come by here. */
  private masqueradeInside(): void {
    const { s, around, words } = this;
    const chain = s.internalLocal ? this.local : this.service;
    const to = words.address('daddr', s.clusterIP);
    const others = fromPods(around, true);
    if (around.masqueradeAll) this.add(chain, [to, jump(MARK_CHAIN)]);
    else if (others) this.add(chain, [to, others, jump(MARK_CHAIN)]);
  }

  private externalRules(): void {
    const { s, external, service } = this;
    if (!s.externalLocal) this.add(external, [jump(MARK_CHAIN)]);
    else {
      const pods = fromPods(this.around, false);
      const here = fibLocal('saddr');
      if (pods) this.add(external, [pods, goTo(service)], 'short-circuit pod traffic');
      this.add(external, [here, jump(MARK_CHAIN)], 'masquerade local traffic');
      this.add(external, [here, goTo(service)], 'short-circuit local traffic');
    }
    if (this.outside) this.add(external, [goTo(s.externalLocal ? this.local : service)]);
  }

  private firewall(): void {
    const { s, around, words } = this;
    const node = around.nodeIP === null ? null : parseIp(around.nodeIP);
    const sources = [...s.sourceRanges];
    const takesNode = s.sourceRanges.some((text) => {
      const prefix = parsePrefix(text);
      return node !== null && prefix !== null && inPrefix(node, prefix);
    });
    // Where the address is one of the node's own, the node speaks to it from that very address.
    if (takesNode) sources.push(...s.loadBalancerIPs);
    this.add(serviceChain('firewall', s), [words.addresses('saddr', sources, true), DROP]);
  }

  private balance(chain: string, endpoints: readonly Endpoint[]): void {
    const { s, words } = this;
    if (s.affinity > 0)
      for (const e of endpoints) this.add(chain, [words.inSet('saddr', affinitySet(s, e)), goTo(endpointChain(s, e))]);
    this.add(chain, [random(endpoints.map((e) => endpointChain(s, e)))]);
  }

  private endpoint(e: Endpoint): void {
    const { s, words } = this;
    const chain = endpointChain(s, e);
    this.add(chain, [words.address('saddr', e.ip), jump(MARK_CHAIN)]);
    if (s.affinity > 0) this.add(chain, [words.remember(affinitySet(s, e))]);
    this.add(chain, [words.dnat(s.protocol, e, endpointText(e))]);
  }
}

export const planOf = (s: ServicePort, around: Surroundings): ServicePlan => new Planner(s, around).run();
