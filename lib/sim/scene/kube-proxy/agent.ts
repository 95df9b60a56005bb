/**
 * What sets up the scene's one node: it takes name and addresses from the Node that was applied, and starts kube-proxy anew
 * whenever that Node or kube-proxy's configuration is another, as an operator with a file on the machine would.
 */
import { familyOf, formatIp, network, parseIp } from '../../addr/ip.ts';
import { waitFor } from '../../commands/io.ts';
import { kubeProxyUnit, startUnit, stopUnit } from '../../k8s/node/units.ts';
import { configText } from '../../k8s/proxy/config.ts';
import { listObjects, revision } from '../../k8s/store/store.ts';
import type { KubeObject } from '../../k8s/types.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import type { Host, World } from '../../kernel/world.ts';
import { deleteAddress } from '../../linux/addr/ops.ts';
import { findLink } from '../../linux/link/find.ts';
import { giveAddress, giveGateway } from '../nic.ts';

/** The node where no Node object says otherwise. */
export const DEFAULT_NODE = { name: 'node-1', addresses: ['172.18.0.2'] };

/** What kube-proxy's start depends on. */
interface Setup {
  name: string;
  addresses: string[];
  podCIDRs: string[];
  config: string | null;
}

interface Memory {
  mode: string;
  startAt: number;
  seen: number;
  setup: Setup | null;
}

/** What the node's other services take until kube-proxy starts, µs. */
const BOOT = 1_000_000;

const addressesOf = (node: KubeObject): string[] =>
  ((node.status?.addresses ?? []) as { type?: string; address?: string }[])
    .filter((a) => a.type === 'InternalIP' && a.address !== undefined && parseIp(a.address) !== null)
    .map((a) => a.address as string);

/** The Node that this machine is: the one it was, or the first that there is. */
function wanted(world: World, current: string): Setup {
  const nodes = listObjects(world, 'nodes');
  const node = nodes.find((n) => n.metadata.name === current) ?? nodes[0];
  const found = node ? addressesOf(node) : [];
  return {
    name: node?.metadata.name ?? DEFAULT_NODE.name,
    addresses: found.length > 0 ? found : DEFAULT_NODE.addresses,
    podCIDRs: (node?.spec?.podCIDRs ?? []) as string[],
    config: configText(world),
  };
}

/** The length of the nodes' network by an address of it. */
const lengthOf = (address: string): number => (address.includes(':') ? 64 : address.startsWith('172.') ? 16 : 24);

/** The network's first address: the machine that stands for all outside. */
function gatewayOf(address: string): string {
  const ip = parseIp(address) ?? 0;
  const net = network(ip, lengthOf(address));
  const [first, second] = typeof net === 'bigint' ? [net + 1n, net + 2n] : [net + 1, net + 2];
  return formatIp(first === ip ? second : first);
}

/** Gives the machine these addresses in place of those it had, and the outside its address in the same networks. */
export function setAddresses(world: World, host: Host, addresses: readonly string[]): void {
  const outside = world.hosts.get('gateway');
  for (const machine of [host, ...(outside ? [outside] : [])]) {
    const ns = world.netns.get(machine.rootNs);
    const nic = ns && findLink(ns, 'eth0');
    if (!ns || !nic) continue;
    for (const a of nic.addrs.filter((x) => x.scope === 0)) deleteAddress(world, ns, nic, a);
    const own = addresses.map((a) => (machine === host ? a : gatewayOf(a)));
    for (const a of new Set(own)) giveAddress(world, machine, nic, `${a}/${lengthOf(a)}`);
    if (machine !== host) continue;
    for (const family of [4, 6] as const) {
      const first = addresses.find((a) => familyOf(parseIp(a) ?? 0) === family);
      if (first !== undefined) giveGateway(world, machine, nic, gatewayOf(first));
    }
  }
}

/** kube-proxy's unit with what this node is called, on its command line. */
const unitOf = (mode: string, setup: Setup) => ({
  ...kubeProxyUnit,
  argv: [
    ...kubeProxyUnit.argv,
    '--config=/var/lib/kube-proxy/config.conf',
    `--proxy-mode=${mode}`,
    '--cluster-cidr=10.244.0.0/16',
    `--hostname-override=${setup.name}`,
    ...(setup.addresses.join() === DEFAULT_NODE.addresses.join()
      ? [`--bind-address=${DEFAULT_NODE.addresses[0]}`]
      : []),
  ],
});

/** The program for a scene whose kube-proxy runs in `mode` by default. */
export const nodeAgent = (mode: string) =>
  function* start(proc: Proc): Program {
    const memory = { mode, startAt: proc.world.now + BOOT, seen: -1, setup: null };
    return yield* agent(proc, memory);
  };

function* agent(proc: Proc, memory: Memory): Program {
  const { world, machine, host } = proc;
  const rest = { main: agent, state: memory };
  yield* waitFor(() => false, memory.startAt, { on: 'never', rest });
  for (;;) {
    const { seen } = memory;
    yield* waitFor(() => revision(world) !== seen, null, { on: 'api', rest });
    memory.seen = revision(world);
    const old = memory.setup;
    const setup = wanted(world, old?.name ?? DEFAULT_NODE.name);
    if (JSON.stringify(setup) === JSON.stringify(old)) continue;
    const had = old?.addresses ?? DEFAULT_NODE.addresses;
    if (setup.addresses.join() !== had.join()) setAddresses(world, host, setup.addresses);
    memory.setup = setup;
    stopUnit(machine, host, kubeProxyUnit);
    startUnit(machine, host, unitOf(memory.mode, setup));
  }
}
