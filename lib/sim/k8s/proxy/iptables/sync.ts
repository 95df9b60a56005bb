/**
 * One sync of kube-proxy in iptables mode: in full, or, when nothing was lost, only the chains of the Services that changed. Source:
 * kubernetes/kubernetes pkg/proxy/iptables/proxier.go of 1.34.
 */
import { apply, ensureChains, ensureRules } from '../../../linux/netfilter/ensure-rules.ts';
import { findTable } from '../../../linux/netfilter/tables.ts';
import { sysctlNum } from '../../../linux/sysctl/sysctl.ts';
import type { NetNs } from '../../../linux/types.ts';
import type { Proxier, SyncInput } from '../mode.ts';
import { nodePortAddresses, nodePortIps } from '../node-addresses.ts';
import { portText, type ServicePort } from '../service-ports.ts';
import { chainNames, type EntryRules, entryRules, type PortChains, portChains, type RuleContext } from './rules.ts';
import {
  FILTER_CHAINS,
  forwardRules,
  JUMPS,
  KUBELET_JUMPS,
  LOCALNET_RULE,
  masqueradeRules,
  NAT_CHAINS,
  SERVICE_CHAIN,
} from './static.ts';

/** What the mode remembers: plain data. */
export interface IptablesMemory {
  /** Everything has to be written: at the start, after a loss, after a failure. */
  full: boolean;
  /** When the canaries are looked at next. */
  monitorAt: number;
  /** When stale chains were looked for last, and the rules' generation that this left. */
  cleanedAt: number;
  generation: number;
  /** Chains of each port by its name and protocol. */
  chains: Map<string, string[]>;
  /** Whether the last sync wrote comments everywhere. */
  large: boolean;
}

/** Above as many endpoints, comments of the endpoints' chains are left out. */
const LARGE_CLUSTER = 1000;

/** The lines by which a port is entered: they follow from it alone. */
const entries = new WeakMap<ServicePort, EntryRules>();

function entriesOf(s: ServicePort): EntryRules {
  let known = entries.get(s);
  if (!known) {
    entryRules(s, (known = { filter: [], nat: [] }));
    entries.set(s, known);
  }
  return known;
}

const declare = (chains: readonly string[]): string => chains.map((chain) => `:${chain} - [0:0]\n`).join('');
const lines = (rules: readonly string[]): string => rules.map((rule) => `${rule}\n`).join('');

/** What says where node ports are, as the last rules of KUBE-SERVICES. */
function nodePortRules(p: Proxier, localhost: boolean): string[] {
  const addresses = nodePortAddresses(p.config, p.family, p.node.ip);
  const start =
    '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain"';
  if (addresses.matchAll) {
    const not = p.family === 'ip6' ? ' ! -d ::1/128' : localhost ? '' : ' ! -d 127.0.0.0/8';
    return [`${start} -m addrtype --dst-type LOCAL${not} -j KUBE-NODEPORTS`];
  }
  return nodePortIps(p.ns, addresses, p.family)
    .filter((ip) => ip !== '::1' && (localhost || !ip.startsWith('127.')))
    .map((ip) => `${start} -d ${ip} -j KUBE-NODEPORTS`);
}

/** Whether NodePorts work at 127.0.0.1. */
export const usesLocalhost = (p: Proxier): boolean =>
  p.family === 'ip' &&
  p.config.iptables.localhostNodePorts &&
  nodePortAddresses(p.config, p.family, p.node.ip).loopback;

/** The jumps from the built-in chains, and the chains they lead to. */
function ensureStatic(p: Proxier): void {
  const { world, ns, family } = p;
  for (const table of ['filter', 'nat'])
    ensureChains(world, ns, table, table === 'filter' ? [...FILTER_CHAINS, 'KUBE-FIREWALL'] : NAT_CHAINS, family);
  ensureRules(world, ns, JUMPS, family);
  ensureRules(world, ns, KUBELET_JUMPS, family);
}

/** Service chains of the nat table that no port has. */
function staleChains(ns: NetNs, p: Proxier<IptablesMemory>): string[] {
  const active = new Set<string>();
  for (const chains of p.memory.chains.values()) for (const chain of chains) active.add(chain);
  const stale: string[] = [];
  for (const chain of findTable(ns, p.family, 'nat')?.chains.keys() ?? [])
    if (SERVICE_CHAIN.test(chain) && !active.has(chain)) stale.push(chain);
  return stale;
}

/** Notes the chains of all ports (or of those that changed) and answers which chains have none any more. */
function followChains(p: Proxier<IptablesMemory>, input: SyncInput, full: boolean): string[] {
  const { memory, ns } = p;
  const gone: string[] = [];
  if (full) memory.chains = new Map();
  else
    for (const [key, chains] of memory.chains) {
      if (!input.changed?.has(key.slice(0, key.indexOf(' ')))) continue;
      gone.push(...chains);
      memory.chains.delete(key);
    }
  const kept = new Set<string>();
  for (const s of input.ports) {
    const service = `${s.namespace}/${s.name}`;
    if (!full && !input.changed?.has(service)) continue;
    const chains = chainNames(s);
    for (const chain of chains) kept.add(chain);
    if (chains.length > 0) memory.chains.set(`${service} ${portText(s)} ${s.protocol}`, chains);
  }
  // Nobody else has touched the rules: what this sync leaves behind is all that can be stale.
  if (!full && ns.nf.generation === memory.generation) return gone.filter((chain) => !kept.has(chain));
  return staleChains(ns, p);
}

/** Writes the node's rules. False when iptables-restore refused them. */
export function syncIptables(p: Proxier<IptablesMemory>, input: SyncInput): boolean {
  const { world, ns, family, memory, config } = p;
  const { masqueradeBit, masqueradeAll, syncPeriod } = config.iptables;
  const large = input.ports.reduce((n, s) => n + s.all.length, 0) > LARGE_CLUSTER;
  const full = memory.full || input.changed === null;
  if (full) ensureStatic(p);

  const localhost = usesLocalhost(p);
  const context: RuleContext = { detector: p.detector, masqueradeAll, large, nodeIp: p.node.ip };
  const entry: EntryRules = { filter: [], nat: [] };
  const own: PortChains = { chains: [], rules: [] };
  for (const s of input.ports) {
    const { filter, nat } = entriesOf(s);
    for (const line of filter) entry.filter.push(line);
    for (const line of nat) entry.nat.push(line);
    if (full || input.changed?.has(`${s.namespace}/${s.name}`)) portChains(s, context, own);
  }
  const cleans = !large || world.now - memory.cleanedAt > syncPeriod;
  const stale = followChains(p, input, full);
  if (cleans) memory.cleanedAt = world.now;
  const gone = cleans ? stale : [];
  const liberal = sysctlNum(ns, 'net.netfilter.nf_conntrack_tcp_be_liberal') !== 0;
  const refused = apply(
    world,
    ns,
    `*filter\n${declare(FILTER_CHAINS)}${localhost ? `${declare(['KUBE-FIREWALL'])}${LOCALNET_RULE}\n` : ''}` +
      `${lines(entry.filter)}${lines(forwardRules(masqueradeBit, !liberal))}COMMIT\n` +
      `*nat\n${declare(NAT_CHAINS)}${declare(own.chains)}${declare(gone)}${lines(masqueradeRules(masqueradeBit))}` +
      `${lines(entry.nat)}${lines(own.rules)}${lines(gone.map((chain) => `-X ${chain}`))}${lines(nodePortRules(p, localhost))}COMMIT\n`,
    family,
  );
  memory.full = refused !== null;
  memory.large = large;
  memory.generation = ns.nf.generation ?? 0;
  return refused === null;
}
