/**
 * The rules that kube-proxy writes for one port of a Service in iptables mode, as text for iptables-restore. Source:
 * kubernetes/kubernetes pkg/proxy/iptables/proxier.go (syncProxyRules) of 1.34.
 */
import { inPrefix, parseIp, parsePrefix } from '../../../addr/ip.ts';
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
import { endpointChain, serviceChain } from './names.ts';

/** What all ports have in common. */
export interface RuleContext {
  detector: LocalDetector;
  masqueradeAll: boolean;
  /** More than 1000 endpoints: no comments but in the chains that take traffic first. */
  large: boolean;
  nodeIp: string | null;
}

/** The chains by which ports are entered, as [table, chain]. */
export const ENTRY_CHAINS = [
  ['nat', 'KUBE-SERVICES'],
  ['nat', 'KUBE-NODEPORTS'],
  ['filter', 'KUBE-SERVICES'],
  ['filter', 'KUBE-EXTERNAL-SERVICES'],
  ['filter', 'KUBE-NODEPORTS'],
  ['filter', 'KUBE-PROXY-FIREWALL'],
] as const;

/** A port's rules in each of {@link ENTRY_CHAINS}, without `-A CHAIN `. */
export type EntryRules = readonly (readonly string[])[];

/** Lines of a port's own chains, which are written only when it changed. */
export interface PortChains {
  chains: string[];
  rules: string[];
}

/** `0.3333333333`: what the statistic match is asked for. */
const probability = (n: number): string => (1 / n).toFixed(10);

const ifLocal = (d: NonNullable<LocalDetector>): string =>
  d.kind === 'cidr' ? `-s ${d.cidr}` : `-i ${d.kind === 'interface' ? d.name : `${d.prefix}+`}`;
/** What matches packets that do not come from Pods of this cluster. */
export const ifNotLocal = (d: NonNullable<LocalDetector>): string => `! ${ifLocal(d)}`;

const comment = (text: string): string => `-m comment --comment "${text}" `;

/** What the entry points need to know of a port. */
interface View {
  name: string;
  inside: boolean;
  outside: boolean;
  /** What becomes of traffic that has nobody to go to, and why. */
  refusal: 'DROP' | 'REJECT';
  why: string;
  firewall: boolean;
}

function view(s: ServicePort): View {
  const inside = s.hasEndpoints && (!s.internalLocal || s.local.length > 0);
  const outside = s.hasEndpoints && (!s.externalLocal || s.local.length > 0);
  return {
    name: portText(s),
    inside,
    outside,
    // Nobody anywhere: a refusal. Nobody on this node only: silence.
    refusal: s.hasEndpoints ? 'DROP' : 'REJECT',
    why: `${portText(s)} has no ${s.hasEndpoints ? 'local ' : ''}endpoints`,
    firewall: s.hasEndpoints && s.loadBalancerIPs.length > 0 && s.sourceRanges.length > 0,
  };
}

/** The rules that lead traffic for a port's addresses into its chains, or refuse it. */
export function entryRules(s: ServicePort): EntryRules {
  const v = view(s);
  const ext = serviceChain('EXT', s);
  const [services, nodePorts, refused, externalRefused, health, firewall]: string[][] = ENTRY_CHAINS.map(() => []);
  const out = [services, nodePorts, refused, externalRefused, health, firewall] as string[][];
  const to = (ip: string) => `-m ${s.protocol} -p ${s.protocol} -d ${ip} --dport ${s.port}`;
  const refuse = (match: string) => `${comment(v.why)}${match} -j ${v.refusal}`;

  if (v.inside)
    services?.push(
      `${comment(`${v.name} cluster IP`)}${to(s.clusterIP)} -j ${serviceChain(s.internalLocal ? 'SVL' : 'SVC', s)}`,
    );
  else refused?.push(refuse(to(s.clusterIP)));
  for (const ip of s.externalIPs) {
    if (s.hasEndpoints) services?.push(`${comment(`${v.name} external IP`)}${to(ip)} -j ${ext}`);
    if (!v.outside) externalRefused?.push(refuse(to(ip)));
  }
  for (const ip of s.loadBalancerIPs) {
    const chain = v.firewall ? serviceChain('FW', s) : ext;
    if (s.hasEndpoints) services?.push(`${comment(`${v.name} loadbalancer IP`)}${to(ip)} -j ${chain}`);
    if (v.firewall) firewall?.push(`${comment(`${v.name} traffic not accepted by ${chain}`)}${to(ip)} -j DROP`);
  }
  if (!v.outside) for (const ip of s.loadBalancerIPs) externalRefused?.push(refuse(to(ip)));
  if (s.nodePort > 0) {
    const match = `-m ${s.protocol} -p ${s.protocol} --dport ${s.nodePort}`;
    if (s.hasEndpoints) nodePorts?.push(`${comment(v.name)}${match} -j ${ext}`);
    if (!v.outside) externalRefused?.push(refuse(`-m addrtype --dst-type LOCAL ${match}`));
  }
  if (s.healthCheckNodePort > 0)
    health?.push(
      `${comment(`${v.name} health check node port`)}-m tcp -p tcp --dport ${s.healthCheckNodePort} -j ACCEPT`,
    );
  return out;
}

/** The names of a port's own chains. */
export function chainNames(s: ServicePort): string[] {
  const names: string[] = [];
  if (s.hasEndpoints && isExternal(s)) names.push(serviceChain('EXT', s));
  if (view(s).firewall) names.push(serviceChain('FW', s));
  if (s.cluster.length > 0 && usesCluster(s)) names.push(serviceChain('SVC', s));
  if (s.local.length > 0 && usesLocal(s)) names.push(serviceChain('SVL', s));
  for (const e of s.reachable) names.push(endpointChain(s, e));
  return names;
}

/** The rules of a port's own chains. */
export function portChains(s: ServicePort, context: RuleContext, out: PortChains): void {
  const v = view(s);
  const { detector } = context;
  out.chains.push(...chainNames(s));
  if (v.inside) {
    const chain = serviceChain(s.internalLocal ? 'SVL' : 'SVC', s);
    const match = `${comment(`${v.name} cluster IP`)}-m ${s.protocol} -p ${s.protocol} -d ${s.clusterIP} --dport ${s.port}`;
    if (context.masqueradeAll) out.rules.push(`-A ${chain} ${match} -j KUBE-MARK-MASQ`);
    else if (detector) out.rules.push(`-A ${chain} ${match} ${ifNotLocal(detector)} -j KUBE-MARK-MASQ`);
  }
  if (s.hasEndpoints && isExternal(s)) externalChain(s, v, detector, out);
  if (v.firewall) firewallChain(s, v, context.nodeIp, out);
  const aside = context.large ? () => '' : comment;
  if (s.cluster.length > 0 && usesCluster(s)) balance(s, serviceChain('SVC', s), s.cluster, aside, out);
  if (s.local.length > 0 && usesLocal(s)) balance(s, serviceChain('SVL', s), s.local, aside, out);
  for (const e of s.reachable) {
    const sep = endpointChain(s, e);
    const remember = s.affinity > 0 ? `-m recent --name ${sep} --set ` : '';
    out.rules.push(
      `-A ${sep} ${aside(v.name)}-s ${e.ip} -j KUBE-MARK-MASQ`,
      `-A ${sep} ${aside(v.name)}${remember}-m ${s.protocol} -p ${s.protocol} -j DNAT --to-destination ${endpointText(e)}`,
    );
  }
}

function externalChain(s: ServicePort, v: View, detector: LocalDetector, out: PortChains): void {
  const ext = serviceChain('EXT', s);
  const svc = serviceChain('SVC', s);
  const rule = (text: string) => out.rules.push(`-A ${ext} ${text}`);
  if (!s.externalLocal) rule(`${comment(`masquerade traffic for ${v.name} external destinations`)}-j KUBE-MARK-MASQ`);
  else {
    const local = '-m addrtype --src-type LOCAL';
    if (detector) rule(`${comment(`pod traffic for ${v.name} external destinations`)}${ifLocal(detector)} -j ${svc}`);
    rule(`${comment(`masquerade LOCAL traffic for ${v.name} external destinations`)}${local} -j KUBE-MARK-MASQ`);
    rule(`${comment(`route LOCAL traffic for ${v.name} external destinations`)}${local} -j ${svc}`);
  }
  if (v.outside) rule(`-j ${s.externalLocal ? serviceChain('SVL', s) : svc}`);
}

function firewallChain(s: ServicePort, v: View, nodeIp: string | null, out: PortChains): void {
  const fw = serviceChain('FW', s);
  const allow = (from: string) =>
    out.rules.push(`-A ${fw} ${comment(`${v.name} loadbalancer IP`)}-s ${from} -j ${serviceChain('EXT', s)}`);
  const own = nodeIp === null ? null : parseIp(nodeIp);
  let allowsNode = false;
  for (const range of s.sourceRanges) {
    allow(range);
    const prefix = parsePrefix(range);
    allowsNode ||= own !== null && prefix !== null && inPrefix(own, prefix);
  }
  // A node that has the balancer's address as its own reaches it from that address.
  if (allowsNode) for (const ip of s.loadBalancerIPs) allow(ip);
  out.rules.push(`-A ${fw} ${comment(`other traffic to ${v.name} will be dropped by KUBE-PROXY-FIREWALL`)}`.trimEnd());
}

function balance(
  s: ServicePort,
  chain: string,
  endpoints: readonly Endpoint[],
  aside: (text: string) => string,
  out: PortChains,
): void {
  const named = endpoints.map((e) => ({
    to: endpointChain(s, e),
    text: aside(`${portText(s)} -> ${endpointText(e)}`),
  }));
  if (s.affinity > 0)
    for (const { to, text } of named)
      out.rules.push(`-A ${chain} ${text}-m recent --name ${to} --rcheck --seconds ${s.affinity} --reap -j ${to}`);
  named.forEach(({ to, text }, i) => {
    const left = named.length - i;
    const share = left > 1 ? `-m statistic --mode random --probability ${probability(left)} ` : '';
    out.rules.push(`-A ${chain} ${text}${share}-j ${to}`);
  });
}
