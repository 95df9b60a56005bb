/** kube-proxy in iptables mode. Source: pkg/proxy/iptables/proxier.go, pkg/util/iptables/monitor of 1.34. */
import { CANARY_TABLES, ensureCanaries } from '../../../linux/netfilter/ensure-rules.ts';
import { findChain } from '../../../linux/netfilter/tables.ts';
import { setSysctl } from '../../../linux/sysctl/sysctl.ts';
import { defineMode, type Proxier } from '../mode.ts';
import { cleanupIptables } from './cleanup.ts';
import { CANARY } from './static.ts';
import { type IptablesMemory, syncIptables, usesLocalhost } from './sync.ts';

/** How long the loss of one canary is given to become that of all. */
const FLUSH_TIMEOUT = 5_000_000;

/**
 * Looks each syncPeriod whether mangle's canary is there. When it is gone, somebody flushes the tables: once the others are gone,
 * too, or five seconds later, everything is written anew.
 */
function monitor(p: Proxier<IptablesMemory>): { at: number; resync: boolean } {
  const { world, ns, family, memory } = p;
  const { syncPeriod } = p.config.iptables;
  if (world.now < memory.monitorAt) return { at: memory.monitorAt, resync: false };
  const left = CANARY_TABLES.filter((table) => findChain(ns, family, table, CANARY));
  const flushed = !left.includes('mangle');
  const waits = flushed && left.length > 0 && !memory.flushing;
  memory.flushing = waits;
  memory.monitorAt = world.now + (waits ? FLUSH_TIMEOUT : syncPeriod);
  if (!flushed || waits) return { at: memory.monitorAt, resync: false };
  ensureCanaries(world, ns, CANARY, family);
  memory.full = true;
  return { at: memory.monitorAt, resync: true };
}

export const iptablesMode = defineMode<IptablesMemory>({
  name: 'iptables',
  newMemory: () => ({
    full: true,
    monitorAt: 0,
    flushing: false,
    cleanedAt: Number.NEGATIVE_INFINITY,
    stale: [],
    chains: new Map(),
  }),
  start(p) {
    if (usesLocalhost(p)) setSysctl(p.world, p.host, p.ns, 'net.ipv4.conf.all.route_localnet', '1');
    ensureCanaries(p.world, p.ns, CANARY, p.family);
    p.memory.monitorAt = p.world.now + p.config.iptables.syncPeriod;
    return null;
  },
  sync: syncIptables,
  tick: monitor,
  cleanup: cleanupIptables,
});
