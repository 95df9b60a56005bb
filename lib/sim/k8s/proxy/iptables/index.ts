/** kube-proxy in iptables mode. Source: pkg/proxy/iptables/proxier.go, pkg/util/iptables/monitor of 1.34. */
import { CANARY_TABLES, ensureCanaries } from '../../../linux/netfilter/ensure-rules.ts';
import { findChain } from '../../../linux/netfilter/tables.ts';
import { setSysctl } from '../../../linux/sysctl/sysctl.ts';
import { defineMode, type Proxier } from '../mode.ts';
import { cleanupIptables } from './cleanup.ts';
import { CANARY } from './static.ts';
import { type IptablesMemory, syncIptables, usesLocalhost } from './sync.ts';

/** Looks at the canaries each syncPeriod: when one is gone, somebody has flushed a table. */
function monitor(p: Proxier<IptablesMemory>): { at: number; resync: boolean } {
  const { world, ns, family, memory } = p;
  if (world.now < memory.monitorAt) return { at: memory.monitorAt, resync: false };
  memory.monitorAt = world.now + p.config.iptables.syncPeriod;
  const flushed = CANARY_TABLES.some((table) => !findChain(ns, family, table, CANARY));
  if (flushed) {
    ensureCanaries(world, ns, CANARY, family);
    memory.full = true;
  }
  return { at: memory.monitorAt, resync: flushed };
}

export const iptablesMode = defineMode<IptablesMemory>({
  name: 'iptables',
  newMemory: () => ({
    full: true,
    monitorAt: 0,
    cleanedAt: Number.NEGATIVE_INFINITY,
    generation: -1,
    chains: new Map(),
    large: false,
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
