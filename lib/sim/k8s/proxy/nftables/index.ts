/** kube-proxy's nftables mode. Source: kubernetes/kubernetes pkg/proxy/nftables of 1.34. */
import { evalRule, nftTracks } from '../../../linux/netfilter/nft/eval.ts';
import { provideNftEvaluator } from '../../../linux/netfilter/nft/port.ts';
import { transact } from '../../../linux/netfilter/nft/transaction.ts';
import { defineMode } from '../mode.ts';
import { type NftablesMemory, newMemory, syncNftables } from './sync.ts';
import { TABLE } from './table.ts';

provideNftEvaluator({ evalRule, nftTracks });

/** Nothing looks after the table by itself: what others break stays so until a change fails on it, or the hourly full sync. */
export const nftablesMode = defineMode<NftablesMemory>({
  name: 'nftables',
  newMemory,
  sync: syncNftables,
  cleanup: (world, _host, ns) => {
    for (const family of ['ip', 'ip6'] as const) transact(world, ns, family, TABLE, (tx) => tx.deleteTable());
  },
});
