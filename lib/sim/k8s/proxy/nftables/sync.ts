/**
 * kube-proxy's nftables mode: each sync is one transaction with what changed. Source: kubernetes/kubernetes
 * pkg/proxy/nftables/proxier.go (syncProxyRules) of 1.34.
 */
import { isLoopback, parseIp } from '../../../addr/ip.ts';
import { type NftTransaction, transact } from '../../../linux/netfilter/nft/transaction.ts';
import { findTable } from '../../../linux/netfilter/tables.ts';
import type { Proxier, SyncInput } from '../mode.ts';
import { nodePortAddresses, nodePortIps } from '../node-addresses.ts';
import { portText, type ServicePort } from '../service-ports.ts';
import { dropLeftovers, type EntryMemory, ensureEntry, newEntries, resetEntries } from './entries.ts';
import { isAffinitySet, isServiceChain } from './names.ts';
import { type Entry, planOf, type Surroundings } from './services.ts';
import { setupTable, TABLE } from './table.ts';
import { FamilyWords } from './words.ts';

/** How long a chain without rules is left before it goes, in µs. */
const STALE_AFTER = 1_000_000;

/** What stands in the table for one port of a Service. */
interface Written {
  service: string;
  chains: string[];
  sets: string[];
  entries: Entry[];
}

/** Plain data, new at each start of kube-proxy. */
export interface NftablesMemory {
  /** Everything is to be written at the next sync. */
  full: boolean;
  /** Base chains have been made anew since the start. */
  renewed: boolean;
  /** What the table as a whole depends on, as it was at the last full sync. */
  setup: string;
  syncs: number;
  /** By name and protocol of the port. */
  written: Map<string, Written>;
  chains: Set<string>;
  sets: Set<string>;
  entries: EntryMemory;
  /** Chains emptied, and when: they can only go once the kernel knows that nothing leads to them. */
  stale: Map<string, number>;
}

export const newMemory = (): NftablesMemory => ({
  full: true,
  renewed: false,
  setup: '',
  syncs: 0,
  written: new Map(),
  chains: new Set(),
  sets: new Set(),
  entries: newEntries(),
  stale: new Map(),
});

const WORDS = { ip: new FamilyWords('ip'), ip6: new FamilyWords('ip6') };

const keyOf = (s: ServicePort): string => portText(s) + s.protocol;

/** Writes what changed since the last sync. False when the kernel refused it: then all is to be written again. */
export function syncNftables(proxier: Proxier<NftablesMemory>, input: SyncInput): boolean {
  const { world, ns, family, memory, config, node } = proxier;
  deleteStale(proxier);
  const ips = nodePortsAt(proxier);
  const { masqueradeBit, masqueradeAll } = config.nftables;
  const mark = 2 ** masqueradeBit;
  const setup = JSON.stringify([input.serviceCIDRs, ips, mark, masqueradeAll, proxier.detector, node.ip]);
  const full = memory.full || input.changed === null || setup !== memory.setup;
  const around: Surroundings = { words: WORDS[family], detector: proxier.detector, masqueradeAll, nodeIP: node.ip };
  memory.syncs++;
  const refused = transact(world, ns, family, TABLE, (tx) => {
    if (full) {
      setupTable(tx, around.words, {
        mark,
        serviceCIDRs: input.serviceCIDRs,
        nodePortIPs: ips,
        renewBase: !memory.renewed,
      });
      resetEntries(tx, memory.entries);
    }
    writeServices(tx, memory, input, around, full);
    sweep(tx, proxier);
    dropLeftovers(tx, memory.entries, memory.syncs);
  });
  if (refused !== null) {
    // What is remembered is no longer what stands there.
    const { renewed, syncs } = memory;
    Object.assign(memory, newMemory(), { renewed, syncs });
    return false;
  }
  if (full) Object.assign(memory, { full: false, renewed: true, setup });
  return true;
}

/** The machine's addresses that accept NodePort traffic, null for all; those of loopback never do. */
function nodePortsAt({ ns, family, config, node }: Proxier<NftablesMemory>): string[] | null {
  const addresses = nodePortAddresses(config, family, node.ip);
  if (addresses.matchAll) return null;
  return nodePortIps(ns, addresses, family).filter((ip) => !isLoopback(parseIp(ip) ?? 0));
}

function writeServices(
  tx: NftTransaction,
  memory: NftablesMemory,
  input: SyncInput,
  around: Surroundings,
  full: boolean,
): void {
  const left = memory.written;
  memory.written = new Map();
  for (const s of input.ports) {
    const key = keyOf(s);
    const service = `${s.namespace}/${s.name}`;
    const old = left.get(key);
    left.delete(key);
    if (old && !full && !input.changed?.has(service)) {
      memory.written.set(key, old);
      for (const entry of old.entries) ensureEntry(tx, memory.entries, entry, memory.syncs);
      continue;
    }
    if (old) forget(memory, old);
    memory.written.set(key, write(tx, memory, s, service, around));
  }
  for (const gone of left.values()) forget(memory, gone);
}

function forget(memory: NftablesMemory, { chains, sets }: Written): void {
  for (const name of chains) memory.chains.delete(name);
  for (const name of sets) memory.sets.delete(name);
}

/** Writes one port's chains anew. */
function write(
  tx: NftTransaction,
  memory: NftablesMemory,
  s: ServicePort,
  service: string,
  around: Surroundings,
): Written {
  const plan = planOf(s, around);
  for (const name of plan.chains) {
    tx.addChain(name);
    tx.flushChain(name);
    memory.chains.add(name);
  }
  for (const entry of plan.entries) ensureEntry(tx, memory.entries, entry, memory.syncs);
  for (const { name, seconds } of plan.sets) {
    const { addressType, bits } = around.words;
    tx.addSet({ name, types: [addressType], bits: [bits], dynamic: true, timed: true, timeout: seconds * 1000 });
    memory.sets.add(name);
  }
  for (const { chain, rule } of plan.rules) tx.addRule(chain, rule);
  return { service, chains: plan.chains, sets: plan.sets.map((x) => x.name), entries: plan.entries };
}

/** Empties chains that no Service has any more, to be deleted later, and deletes such sets of clients. */
function sweep(tx: NftTransaction, { world, ns, family, memory }: Proxier<NftablesMemory>): void {
  const table = findTable(ns, family, TABLE);
  for (const name of table?.chains.keys() ?? []) {
    if (!isServiceChain(name)) continue;
    if (memory.chains.has(name)) {
      if (memory.stale.size > 0) memory.stale.delete(name);
      continue;
    }
    tx.flushChain(name);
    memory.stale.set(name, world.now);
  }
  for (const name of [...(table?.sets?.keys() ?? [])])
    if (isAffinitySet(name) && !memory.sets.has(name)) tx.deleteSet(name);
}

/** Chains that have been empty for a while go. Where the kernel still refuses, the next sync finds them again. */
function deleteStale({ world, ns, family, memory }: Proxier<NftablesMemory>): void {
  const due = [...memory.stale].filter(([, since]) => since < world.now - STALE_AFTER).map(([name]) => name);
  if (due.length === 0) return;
  for (const name of due) memory.stale.delete(name);
  transact(world, ns, family, TABLE, (tx) => {
    for (const name of due) tx.deleteChain(name);
  });
}
