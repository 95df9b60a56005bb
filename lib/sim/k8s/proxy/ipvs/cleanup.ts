/** Removes what IPVS mode has written: CleanupLeftovers of pkg/proxy/ipvs/proxier.go. IPv6's sets stay, as they do there: it knows the sets by their IPv4 names alone. */
import type { Host, World } from '../../../kernel/world.ts';
import { IpsetError } from '../../../linux/ipset/element.ts';
import { destroySet } from '../../../linux/ipset/store.ts';
import { flushServices } from '../../../linux/ipvs/service.ts';
import { apply, hasRule } from '../../../linux/netfilter/ensure-rules.ts';
import { findChain } from '../../../linux/netfilter/tables.ts';
import type { NetNs } from '../../../linux/types.ts';
import { deleteDevice } from './device.ts';
import { CHAINS, JUMPS } from './rules.ts';
import { SET_NAMES } from './sets.ts';

/** Does nothing on a host without IPVS. */
export function cleanupIpvs(world: World, host: Host, ns: NetNs): void {
  if (!host.modules.has('ip_vs')) return;
  flushServices(ns);
  deleteDevice(world, ns);
  for (const family of ['ip', 'ip6'] as const) {
    for (const { table, chain, rule } of JUMPS)
      if (hasRule(ns, table, chain, rule, family)) apply(world, ns, `*${table}\n-D ${chain} ${rule}\nCOMMIT\n`, family);
    for (const [table, chains] of Object.entries(CHAINS)) {
      const there = chains.filter((chain) => findChain(ns, family, table, chain));
      for (const command of ['F', 'X'])
        for (const chain of there) apply(world, ns, `*${table}\n-${command} ${chain}\nCOMMIT\n`, family);
    }
  }
  for (const name of SET_NAMES) {
    try {
      destroySet(ns, name);
    } catch (error) {
      if (!(error instanceof IpsetError)) throw error;
    }
  }
}
