/** kube-proxy: syncs at every change of Services and EndpointSlices, and in full every syncPeriod. */
import { sleep, waitFor } from '../../commands/io.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import { revision } from '../store/store.ts';
import { syncIptables } from './iptables/sync.ts';

/** iptables.syncPeriod and minSyncPeriod. */
const SYNC_PERIOD = 30_000_000;
const MIN_SYNC_PERIOD = 1_000_000;

/** The program on one node. */
export function* kubeProxy(proc: Proc, rest?: { seen: number; last: number }): Program {
  const { world, host, netns } = proc;
  let at = rest;
  for (;;) {
    if (!at) {
      const seen = revision(world);
      syncIptables(world, host, netns, host.name);
      at = { seen, last: world.now };
    }
    const { seen, last } = at;
    const how = { on: 'api', rest: { main: kubeProxy, state: at } } as const;
    yield* waitFor(() => revision(world) !== seen, last + SYNC_PERIOD, how);
    at = undefined;
    yield* sleep(last + MIN_SYNC_PERIOD - world.now);
  }
}
