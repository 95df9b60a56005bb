/** kube-controller-manager and kube-scheduler in one program: each pass runs every control loop until none changes anything. */
import { waitFor } from '../../commands/io.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import type { World } from '../../kernel/world.ts';
import { revision } from '../store/store.ts';
import { reconcileEndpoints } from './endpoints.ts';
import { reconcileEndpointSlices } from './endpointslice.ts';
import { collectGarbage } from './garbage.ts';
import { reconcileNamespaces } from './namespaces.ts';
import { schedule } from './scheduler.ts';
import { reconcileWorkloads } from './workloads.ts';

/** A loop that keeps undoing itself must not hang the world. */
const MAX_PASSES = 20;

/** Runs on the control plane's node. */
export function* controllers(proc: Proc, rest?: { settled: number }): Program {
  const { world } = proc;
  let at = rest;
  for (;;) {
    if (!at) at = { settled: settle(world) };
    const { settled } = at;
    yield* waitFor(() => revision(world) !== settled, null, { on: 'api', rest: { main: controllers, state: at } });
    at = undefined;
  }
}

/** Runs every loop until none changes anything; answers the revision they leave. */
function settle(world: World): number {
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const before = revision(world);
    reconcileNamespaces(world);
    collectGarbage(world);
    reconcileWorkloads(world);
    schedule(world);
    reconcileEndpointSlices(world);
    reconcileEndpoints(world);
    if (revision(world) === before) break;
  }
  return revision(world);
}
