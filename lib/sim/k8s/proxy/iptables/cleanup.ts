/** Removes what iptables mode has written: CleanupLeftovers of pkg/proxy/iptables/proxier.go. KUBE-FIREWALL stays: it is the kubelet's, too. */
import type { Host, World } from '../../../kernel/world.ts';
import { apply, hasRule } from '../../../linux/netfilter/ensure-rules.ts';
import { findTable } from '../../../linux/netfilter/tables.ts';
import type { NetNs } from '../../../linux/types.ts';
import { CANARY, FILTER_CHAINS, JUMPS, NAT_CHAINS, SERVICE_CHAIN } from './static.ts';

const OWN: Record<string, readonly string[]> = {
  mangle: [CANARY],
  nat: [...NAT_CHAINS, CANARY],
  filter: [...FILTER_CHAINS, CANARY],
};

export function cleanupIptables(world: World, _host: Host, ns: NetNs): void {
  for (const family of ['ip', 'ip6'] as const) {
    for (const { table, chain, rule } of JUMPS)
      if (hasRule(ns, table, chain, rule, family)) apply(world, ns, `*${table}\n-D ${chain} ${rule}\nCOMMIT\n`, family);
    for (const [table, chains] of Object.entries(OWN)) {
      const there = findTable(ns, family, table)?.chains;
      if (!there) continue;
      const gone = [...there.keys()].filter((c) => chains.includes(c) || (table === 'nat' && SERVICE_CHAIN.test(c)));
      const text = gone.map((c) => `:${c} - [0:0]\n`).join('') + gone.map((c) => `-X ${c}\n`).join('');
      if (gone.length > 0) apply(world, ns, `*${table}\n${text}COMMIT\n`, family);
    }
  }
}
