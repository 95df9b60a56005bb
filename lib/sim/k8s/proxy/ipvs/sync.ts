/** One sync of kube-proxy in IPVS mode. Source: kubernetes/kubernetes pkg/proxy/ipvs/proxier.go (syncProxyRules) of 1.34. */
import { serviceKey } from '../../../linux/ipvs/types.ts';
import { apply, ensureChains, ensureRules } from '../../../linux/netfilter/ensure-rules.ts';
import type { Link } from '../../../linux/types.ts';
import { count } from '../metrics.ts';
import type { Proxier, SyncInput } from '../mode.ts';
import { nodePortAddresses, nodePortIps } from '../node-addresses.ts';
import { bindAddress, boundAddresses, ensureDevice, nodeAddresses, unbindAddress } from './device.ts';
import { CHAINS, JUMPS, ruleText } from './rules.ts';
import { deleteStale, ensureService, serviceSpec, syncRealServers } from './servers.ts';
import { ensureSets, syncEntries } from './sets.ts';
import type { Terminating } from './termination.ts';
import { type NodeView, type Wanted, wantedState } from './wanted.ts';

/** What the mode remembers: plain data. */
export interface IpvsMemory {
  /** When kube-proxy started. */
  start: number;
  /** Nothing has been synced yet. */
  first: boolean;
  terminating: Terminating[];
}

/** The scheduler that the configuration names. */
export const schedulerOf = (p: Proxier): string => p.config.ipvs.scheduler || 'rr';

function nodeView(p: Proxier, device: Link): NodeView {
  const addresses = nodeAddresses(p.ns, device, p.family);
  const open = nodePortAddresses(p.config, p.family, p.node.ip);
  const nodePorts = open.matchAll
    ? [...addresses]
    : nodePortIps(p.ns, open, p.family).filter((ip) => ip !== '::1' && !ip.startsWith('127.'));
  return { ip: p.node.ip, addresses, nodePorts };
}

/** Writes the virtual servers and their addresses. Answers which are there now, and which addresses belong on the device. */
function syncServers(p: Proxier<IpvsMemory>, wanted: Wanted, device: Link, bound: ReadonlySet<string>) {
  const { world, ns, memory } = p;
  const active = new Set<string>();
  const addresses = new Set<string>();
  for (const server of wanted.servers) {
    const spec = serviceSpec(server, schedulerOf(p));
    if (!spec || !ensureService(world, ns, spec)) continue;
    if (server.bind && !bound.has(server.ip) && !bindAddress(world, ns, device, server.ip)) continue;
    active.add(serviceKey(spec));
    if (server.bind) addresses.add(server.ip);
    syncRealServers(world, ns, spec, server.endpoints, memory.terminating, memory.first);
  }
  return { active, addresses };
}

/** Writes the node's state. False when something stood in the way. */
export function syncIpvs(p: Proxier<IpvsMemory>, input: SyncInput): boolean {
  const { world, ns, family, config, memory } = p;
  for (const [table, chains] of Object.entries(CHAINS)) ensureChains(world, ns, table, chains, family);
  ensureRules(world, ns, JUMPS, family);
  const device = ensureDevice(world, ns);
  if (!device || !ensureSets(world, ns, family)) return false;

  const bound = boundAddresses(device, family);
  const wanted = wantedState(input.ports, nodeView(p, device));
  const { active, addresses } = syncServers(p, wanted, device, bound);
  wanted.entries['KUBE-IPVS-IPS'] = addresses;
  syncEntries(world, ns, family, wanted.entries);
  memory.first = false;
  const { masqueradeAll, masqueradeBit } = config.iptables;
  const refused = apply(
    world,
    ns,
    ruleText({
      family,
      detector: p.detector,
      masqueradeAll,
      masqueradeBit,
      filled: (set) => wanted.entries[set].size > 0,
      closedToNode: wanted.closedToNode,
    }),
    family,
  );
  const label = `ip_family="${family === 'ip' ? 'IPv4' : 'IPv6'}"`;
  if (refused !== null) {
    count(p.metrics, `kubeproxy_sync_proxy_rules_iptables_restore_failures_total{${label}}`);
    return false;
  }
  for (const ip of bound) if (!addresses.has(ip)) unbindAddress(world, ns, device, ip);
  deleteStale(ns, family, active, config.ipvs.excludeCIDRs);
  for (const [policy, services] of Object.entries(wanted.noLocal))
    p.metrics.set(
      `kubeproxy_sync_proxy_rules_no_local_endpoints_total{${label},traffic_policy="${policy}"}`,
      services.size,
    );
  return true;
}
