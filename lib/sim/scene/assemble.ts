import { commandTable } from '../commands/provider.ts';
import { createWorld } from '../kernel/create.ts';
import { Machine } from '../kernel/machine.ts';
import { runStep, type ScriptStep } from '../run-steps.ts';
import { putFile } from '../shell/vfs/tree.ts';
import { buildCluster } from './cluster/build.ts';
import { STANDARD } from './cluster/config.ts';
import { addHost } from './host.ts';

/** What happens to a scenario before the learner sees it: commands run in order, e.g. to break something. */
export interface SceneSetup {
  steps?: ScriptStep[];
}

type Builder = (machine: Machine) => void;

/**
 * One machine without a cluster and without DNS. Its kernel has br_netfilter (bridged packets pass iptables) and IPVS.
 */
function buildBare(machine: Machine): void {
  const host = addHost(machine.world, 'node');
  for (const module of ['br_netfilter', 'ip_vs']) host.modules.add(module);
  putFile(
    host.fs,
    '/etc/nsswitch.conf',
    'passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\nethers: files\n',
  );
}

const scenarios = new Map<string, Builder>([
  ['bare', buildBare],
  ['flannel-vxlan', (machine) => buildCluster(machine, STANDARD)],
]);

/** Names of the scenarios that {@link buildScene} knows. */
export const scenarioNames: readonly string[] = [...scenarios.keys()];

/**
 * Builds a scenario's world and starts its programs. The commands come from commands/provider.ts.
 * Throws on an unknown name: callers check it first.
 */
export function assembleScene(name: string, seed: number, setup: SceneSetup = {}): Machine {
  const build = scenarios.get(name);
  if (!build) throw new Error(`unknown scenario: ${name}`);
  const machine = new Machine(createWorld(name, seed), commandTable());
  build(machine);
  machine.world.carrierChanged = Number.NEGATIVE_INFINITY;
  for (const step of setup.steps ?? []) runStep(machine, step);
  machine.world.trace.clear();
  return machine;
}
