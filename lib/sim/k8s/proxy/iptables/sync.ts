/**
 * One sync of kube-proxy in iptables mode: in full, or, when nothing was lost, only the chains of the Services that changed. Source:
 * kubernetes/kubernetes pkg/proxy/iptables/proxier.go of 1.34.
 */
import { apply, ensureChains, ensureRules } from '../../../linux/netfilter/ensure-rules.ts';
import { findTable } from '../../../linux/netfilter/tables.ts';
import { sysctlNum } from '../../../linux/sysctl/sysctl.ts';
import { count } from '../metrics.ts';
import type { Proxier, SyncInput } from '../mode.ts';
import { nodePortAddresses, nodePortIps } from '../node-addresses.ts';
import { changedEntries, wholeEntries, zeroEntries } from './entries.ts';
import { chainNames, type PortChains, portChains, type RuleContext } from './rules.ts';
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
  /** mangle's canary is gone, the others are not yet. */
  flushing: boolean;
  /** When stale chains were removed last, and those that wait for it. */
  cleanedAt: number;
  stale: string[];
  /** Chains of each port by its key. */
  chains: Map<string, string[]>;
}

/** Above as many endpoints, comments of the endpoints' chains are left out. */
const LARGE_CLUSTER = 1000;

/** More ports than this are sooner written whole than one by one. */
const FEW = 100;

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
function staleChains(p: Proxier<IptablesMemory>): string[] {
  const active = new Set<string>();
  for (const chains of p.memory.chains.values()) for (const chain of chains) active.add(chain);
  const stale: string[] = [];
  for (const chain of findTable(p.ns, p.family, 'nat')?.chains.keys() ?? [])
    if (SERVICE_CHAIN.test(chain) && !active.has(chain)) stale.push(chain);
  return stale;
}

/** Notes which chains the ports have now, and answers those that nothing needs any more. */
function followChains(p: Proxier<IptablesMemory>, { before, after, changed, untouched }: SyncInput): string[] {
  const { memory } = p;
  if (changed === null) memory.chains = new Map();
  const gone: string[] = [];
  const kept = new Set<string>();
  for (const s of before) {
    gone.push(...(memory.chains.get(s.key) ?? []));
    memory.chains.delete(s.key);
  }
  for (const s of after) {
    const chains = chainNames(s);
    for (const chain of chains) kept.add(chain);
    if (chains.length > 0) memory.chains.set(s.key, chains);
  }
  // Nobody else has touched the rules: what this sync leaves behind is all that can be stale.
  if (changed !== null && untouched) return gone.filter((chain) => !kept.has(chain));
  return staleChains(p);
}

/** Writes the node's rules. False when iptables-restore refused them. */
export function syncIptables(p: Proxier<IptablesMemory>, wanted: SyncInput): boolean {
  const { world, ns, family, memory, config } = p;
  const { masqueradeBit, masqueradeAll, syncPeriod } = config.iptables;
  const full = memory.full || wanted.changed === null;
  const input = full ? { ...wanted, changed: null, after: wanted.ports } : wanted;
  if (full) ensureStatic(p);

  const large = input.endpoints > LARGE_CLUSTER;
  const localhost = usesLocalhost(p);
  const context: RuleContext = { detector: p.detector, masqueradeAll, large, nodeIp: p.node.ip };
  const own: PortChains = { chains: [], rules: [] };
  for (const s of input.after) portChains(s, context, own);
  const whole = full || !input.untouched || input.before.length + input.after.length > FEW;
  const entry = whole ? wholeEntries(input.ports) : changedEntries(input);
  const cleans = !large || world.now - memory.cleanedAt > syncPeriod;
  memory.stale.push(...followChains(p, input));
  const gone = cleans ? [...new Set(memory.stale)] : [];
  const liberal = sysctlNum(ns, 'net.netfilter.nf_conntrack_tcp_be_liberal') !== 0;

  const filter = whole
    ? `${declare(FILTER_CHAINS)}${localhost ? `${declare(['KUBE-FIREWALL'])}${LOCALNET_RULE}\n` : ''}${entry.filter}${lines(forwardRules(masqueradeBit, !liberal))}`
    : entry.filter;
  const heads = whole ? `${declare(NAT_CHAINS)}${lines(masqueradeRules(masqueradeBit))}` : '';
  const tail = whole ? lines(nodePortRules(p, localhost)) : '';
  const nat = `${declare(own.chains)}${declare(gone)}${heads}${entry.nat}${tail}${lines(own.rules)}${lines(gone.map((chain) => `-X ${chain}`))}`;
  const refused = apply(world, ns, `*filter\n${filter}COMMIT\n*nat\n${nat}COMMIT\n`, family);
  noteRestore(p, full, refused !== null);
  memory.full = refused !== null;
  if (refused !== null) return false;
  if (!whole) zeroEntries(p, { filter: FILTER_CHAINS, nat: NAT_CHAINS });
  if (cleans) {
    memory.cleanedAt = world.now;
    memory.stale = [];
  }
  return true;
}

const FAMILY = { ip: 'IPv4', ip6: 'IPv6' } as const;

/** What the metrics say of a write. */
function noteRestore({ metrics, family }: Proxier, full: boolean, failed: boolean): void {
  const more = failed ? 1 : 0;
  const label = `{ip_family="${FAMILY[family]}"}`;
  count(metrics, `kubeproxy_sync_proxy_rules_iptables_restore_failures_total${label}`, more);
  count(metrics, `kubeproxy_sync_proxy_rules_iptables_partial_restore_failures_total${label}`, full ? 0 : more);
}
