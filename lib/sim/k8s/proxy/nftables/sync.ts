/**
 * kube-proxy's nftables mode: each sync is one transaction with what changed. Source: kubernetes/kubernetes
 * pkg/proxy/nftables/proxier.go (syncProxyRules) of 1.34.
 */
import { isLoopback, parseIp } from '../../../addr/ip.ts';
import { type NftTransaction, transact } from '../../../linux/netfilter/nft/transaction.ts';
import { findTable } from '../../../linux/netfilter/tables.ts';
import { count } from '../metrics.ts';
import type { Proxier, SyncInput } from '../mode.ts';
import { nodePortAddresses, nodePortIps } from '../node-addresses.ts';
import type { ServicePort } from '../service-ports.ts';
import {
  dropUnwanted,
  type EntryMemory,
  ensureEntry,
  entryKey,
  newEntries,
  releaseEntry,
  resetEntries,
  takeContested,
  turnEntry,
} from './entries.ts';
import { isAffinitySet, isServiceChain } from './names.ts';
import { type Entry, planOf, type ServicePlan, type Surroundings } from './services.ts';
import { setupTable, TABLE } from './table.ts';
import { FamilyWords } from './words.ts';

const METRIC = 'kubeproxy_sync_proxy_rules_';
/** How long a chain without rules is left before it goes, in µs. */
const STALE_AFTER = 1_000_000;

/** What stands in the table for one port of a Service. */
type Written = Pick<ServicePlan, 'chains' | 'entries' | 'noLocal'> & { sets: string[] };

/** Plain data, new at each start of kube-proxy. */
export interface NftablesMemory {
  /** Everything is to be written at the next sync. */
  full: boolean;
  /** Base chains have been made anew since the start. */
  renewed: boolean;
  /** What the table as a whole depends on, as it was at the last full sync. */
  setup: string;
  /** By the port's key. */
  written: Map<string, Written>;
  chains: Set<string>;
  sets: Set<string>;
  /** How many ports have endpoints elsewhere only, by the policy that asks for some here. */
  noLocal: Record<'internal' | 'external', number>;
  entries: EntryMemory;
  /** Chains emptied, and when: they can only go once the kernel knows that nothing leads to them. */
  stale: Map<string, number>;
}

export const newMemory = (): NftablesMemory => ({
  full: true,
  renewed: false,
  setup: '',
  written: new Map(),
  chains: new Set(),
  sets: new Set(),
  noLocal: { internal: 0, external: 0 },
  entries: newEntries(),
  stale: new Map(),
});

const WORDS = { ip: new FamilyWords('ip'), ip6: new FamilyWords('ip6') };

/** Writes what changed since the last sync. False when the kernel refused it: then all is to be written again. */
export function syncNftables(proxier: Proxier<NftablesMemory>, input: SyncInput): boolean {
  const { world, ns, family, memory, config, node } = proxier;
  const deleted = deleteStale(proxier);
  const ips = nodePortsAt(proxier);
  const { masqueradeBit, masqueradeAll } = config.nftables;
  const mark = 2 ** masqueradeBit;
  const setup = JSON.stringify([input.serviceCIDRs, ips, mark, masqueradeAll, proxier.detector, node.ip]);
  const full = memory.full || input.changed === null || setup !== memory.setup;
  const around: Surroundings = { words: WORDS[family], detector: proxier.detector, masqueradeAll, nodeIP: node.ip };
  const refused = transact(world, ns, family, TABLE, (tx) => {
    if (full) {
      setupTable(tx, around.words, {
        mark,
        serviceCIDRs: input.serviceCIDRs,
        nodePortIPs: ips,
        renewBase: !memory.renewed,
      });
      resetEntries(tx, memory.entries);
      for (const part of [memory.written, memory.chains, memory.sets]) part.clear();
      memory.noLocal = { internal: 0, external: 0 };
    }
    const left = full ? [] : input.before.flatMap((s) => forget(memory, s.key) ?? []);
    for (const s of full ? input.ports : input.after) write(tx, memory, s, around);
    if (full || !deleted || !input.untouched) sweep(tx, proxier, namesOf(proxier));
    else sweep(tx, proxier, { chains: left.flatMap((w) => w.chains), sets: left.flatMap((w) => w.sets) });
    for (const { entries } of left) for (const entry of entries) dropUnwanted(tx, memory.entries, entry);
    settle(tx, memory);
  });
  const label = `ip_family="${family === 'ip' ? 'IPv4' : 'IPv6'}"`;
  count(proxier.metrics, `${METRIC}nftables_sync_failures_total{${label}}`, refused === null ? 0 : 1);
  if (refused !== null) {
    // What is remembered is no longer what stands there.
    Object.assign(memory, newMemory(), { renewed: memory.renewed });
    return false;
  }
  if (full) Object.assign(memory, { full: false, renewed: true, setup });
  for (const [policy, ports] of Object.entries(memory.noLocal))
    proxier.metrics.set(`${METRIC}no_local_endpoints_total{${label},traffic_policy="${policy}"}`, ports);
  return true;
}

/** The machine's addresses that accept NodePort traffic, null for all; those of loopback never do. */
function nodePortsAt({ ns, family, config, node }: Proxier<NftablesMemory>): string[] | null {
  const addresses = nodePortAddresses(config, family, node.ip);
  if (addresses.matchAll) return null;
  return nodePortIps(ns, addresses, family).filter((ip) => !isLoopback(parseIp(ip) ?? 0));
}

/** A port as it was is no longer wanted. */
function forget(memory: NftablesMemory, key: string): Written | undefined {
  const old = memory.written.get(key);
  if (!old) return undefined;
  memory.written.delete(key);
  for (const name of old.chains) memory.chains.delete(name);
  for (const name of old.sets) memory.sets.delete(name);
  for (const entry of old.entries) releaseEntry(memory.entries, entry);
  for (const policy of old.noLocal) memory.noLocal[policy]--;
  return old;
}

/** Writes one port's chains anew. */
function write(tx: NftTransaction, memory: NftablesMemory, s: ServicePort, around: Surroundings): void {
  const plan = planOf(s, around);
  for (const name of plan.chains) {
    tx.addChain(name);
    tx.flushChain(name);
    memory.chains.add(name);
    memory.stale.delete(name);
  }
  for (const entry of plan.entries) ensureEntry(tx, memory.entries, entry);
  for (const { name, seconds } of plan.sets) {
    const { addressType, bits } = around.words;
    tx.addSet({ name, types: [addressType], bits: [bits], dynamic: true, timed: true, timeout: seconds * 1000 });
    memory.sets.add(name);
  }
  for (const { chain, rule } of plan.rules) tx.addRule(chain, rule);
  for (const policy of plan.noLocal) memory.noLocal[policy]++;
  const { chains, entries, noLocal } = plan;
  memory.written.set(s.key, { chains, entries, noLocal, sets: plan.sets.map((x) => x.name) });
}

/** Where several ports want one element to lead to different chains, the last by name has it. */
function settle(tx: NftTransaction, memory: NftablesMemory): void {
  const contested = takeContested(memory.entries);
  if (contested.size === 0) return;
  const winners = new Map<string, { key: string; entry: Entry }>();
  for (const [key, { entries }] of memory.written)
    for (const entry of entries) {
      const at = entryKey(entry);
      const best = winners.get(at);
      if (contested.has(at) && (!best || key > best.key)) winners.set(at, { key, entry });
    }
  for (const { entry } of winners.values()) turnEntry(tx, memory.entries, entry);
}

interface Names {
  chains: Iterable<string>;
  sets: Iterable<string>;
}

/** All that stands in the table. */
function namesOf({ ns, family }: Proxier<NftablesMemory>): Names {
  const table = findTable(ns, family, TABLE);
  return { chains: table?.chains.keys() ?? [], sets: [...(table?.sets?.keys() ?? [])] };
}

/** Of these, empties chains that no Service has any more, to be deleted later, and deletes such sets of clients. */
function sweep(tx: NftTransaction, { world, memory }: Proxier<NftablesMemory>, names: Names): void {
  for (const name of names.chains) {
    if (!isServiceChain(name) || memory.chains.has(name)) continue;
    tx.flushChain(name);
    memory.stale.set(name, world.now);
  }
  for (const name of names.sets) if (isAffinitySet(name) && !memory.sets.has(name)) tx.deleteSet(name);
}

/** Chains that have been empty for a while go. False where the kernel still refuses: they are to be found again. */
function deleteStale({ world, ns, family, memory }: Proxier<NftablesMemory>): boolean {
  const due = [...memory.stale].filter(([, since]) => since < world.now - STALE_AFTER).map(([name]) => name);
  if (due.length === 0) return true;
  for (const name of due) memory.stale.delete(name);
  return transact(world, ns, family, TABLE, (tx) => tx.deleteChains(due)) === null;
}
