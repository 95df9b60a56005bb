/** Removes what iptables mode has written: CleanupLeftovers of pkg/proxy/iptables/proxier.go. KUBE-FIREWALL stays: it is the kubelet's, too. */
import type { Host, World } from '../../../kernel/world.ts';
import { apply, CANARY_TABLES, hasRule } from '../../../linux/netfilter/ensure-rules.ts';
import { findTable, type IpFamily } from '../../../linux/netfilter/tables.ts';
import type { NetNs } from '../../../linux/types.ts';
import { CANARY, JUMPS, SERVICE_CHAIN } from './static.ts';

/** Chains that no other mode leads to once the jumps are gone. */
const OWN: Record<string, readonly string[]> = {
  nat: ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING'],
  filter: ['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-FORWARD', 'KUBE-NODEPORTS'],
};
/** Chains that IPVS mode uses, too: they go when nothing leads to them any more. */
const SHARED = [
  ['nat', 'KUBE-MARK-MASQ'],
  ['filter', 'KUBE-PROXY-FIREWALL'],
] as const;

export function cleanupIptables(world: World, _host: Host, ns: NetNs): void {
  for (const family of ['ip', 'ip6'] as const) {
    for (const { table, chain, rule } of JUMPS)
      if (hasRule(ns, table, chain, rule, family)) apply(world, ns, `*${table}\n-D ${chain} ${rule}\nCOMMIT\n`, family);
    for (const [table, chains] of Object.entries(OWN))
      remove(world, ns, family, table, (c) => chains.includes(c) || (table === 'nat' && SERVICE_CHAIN.test(c)));
    for (const [table, chain] of SHARED) remove(world, ns, family, table, (c) => c === chain);
    for (const table of CANARY_TABLES) remove(world, ns, family, table, (c) => c === CANARY);
  }
}

/** Empties and deletes chains of a table in one go; refused as a whole when one of them is still in use. */
function remove(world: World, ns: NetNs, family: IpFamily, table: string, which: (chain: string) => boolean): void {
  const gone = [...(findTable(ns, family, table)?.chains.keys() ?? [])].filter(which);
  const text = gone.map((c) => `:${c} - [0:0]\n`).join('') + gone.map((c) => `-X ${c}\n`).join('');
  if (gone.length > 0) apply(world, ns, `*${table}\n${text}COMMIT\n`, family);
}
