import { commandTable } from '../commands/provider.ts';
import { createWorld } from '../kernel/create.ts';
import { Machine } from '../kernel/machine.ts';
import { DEBIAN_KERNEL } from '../kernel/release.ts';
import { settleLinkwatch } from '../linux/link/linkwatch.ts';
import { runStep, type ScriptStep } from '../run-steps.ts';
import { putFile } from '../shell/vfs/tree.ts';
import { buildCluster } from './cluster/build.ts';
import { STANDARD } from './cluster/config.ts';
import { addHost } from './host.ts';
import { buildProxyNode } from './kube-proxy/build.ts';

/** What happens to a scenario before the learner sees it: commands run in order, e.g. to break something. */
export interface SceneSetup {
  steps?: ScriptStep[];
  /** Release of the hosts' kernel; the scenario's own when not given. */
  kernel?: string;
}

type Builder = (machine: Machine, kernel: string | undefined) => void;

/**
 * One machine without a cluster and without DNS. Its kernel has IPVS, and br_netfilter (bridged packets pass iptables)
 * unless it is Debian's, where that is a module which nothing has loaded.
 */
function buildBare(machine: Machine, kernel: string | undefined): void {
  const host = addHost(machine.world, 'node');
  if (kernel !== DEBIAN_KERNEL) host.modules.add('br_netfilter');
  host.modules.add('ip_vs');
  putFile(
    host.fs,
    '/etc/nsswitch.conf',
    'passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\nethers: files\n',
  );
}

const scenarios = new Map<string, Builder>([
  ['bare', buildBare],
  ['flannel-vxlan', (machine) => buildCluster(machine, STANDARD)],
  ['flannel-vxlan-nodelocaldns', (machine) => buildCluster(machine, { ...STANDARD, nodeLocalDns: true })],
  ...['iptables', 'ipvs', 'nftables'].map((mode): [string, Builder] => [
    `kube-proxy-${mode}`,
    (machine) => buildProxyNode(machine, mode),
  ]),
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
  build(machine, setup.kernel);
  if (setup.kernel) for (const host of machine.world.hosts.values()) host.kernel = setup.kernel;
  settleLinkwatch(machine.world);
  machine.world.carrierChanged = Number.NEGATIVE_INFINITY;
  for (const step of setup.steps ?? []) runStep(machine, step);
  machine.world.trace.clear();
  return machine;
}
