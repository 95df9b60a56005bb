/**
 * flanneld: publishes this node's lease, makes flannel.1, and keeps a route, a neighbour and a forwarding entry for each
 * other node; its iptables rules are checked every five seconds (--iptables-resync).
 */
import { formatIp, formatPrefix, type Ip4, type Prefix, parsePrefix } from '../../addr/ip.ts';
import { formatMac } from '../../addr/mac.ts';
import { print, printErr, waitFor } from '../../commands/io.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { addAddress } from '../../linux/addr/ops.ts';
import { isNlError } from '../../linux/link/kind.ts';
import { addLink, findLink, setLink } from '../../linux/link/ops.ts';
import { vxlanOf } from '../../linux/link/vxlan.ts';
import { setNeighbour } from '../../linux/neigh/ops.ts';
import { apply, ensureRules, hasRule } from '../../linux/netfilter/ensure-rules.ts';
import { addRoute, deleteRoute } from '../../linux/route/ops.ts';
import type { Link, NetNs } from '../../linux/types.ts';
import { putDir, putFile } from '../../shell/vfs/tree.ts';
import { changesSince, getObject, revision, timestamp, touchObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { ANNOTATION, flannelRules, type Lease, leases, publishedMac } from './desired.ts';

const RESYNC = 5_000_000;
const VXLAN_OVERHEAD = 50;

interface Network {
  cidr: string;
  vni: number;
  port: number;
}

/** net-conf.json of the ConfigMap kube-flannel-cfg. */
function networkConfig(proc: Proc): Network | null {
  const text = getObject(proc.world, 'configmaps', 'kube-flannel', 'kube-flannel-cfg')?.data?.['net-conf.json'];
  try {
    const conf = JSON.parse(String(text)) as {
      Network?: string;
      Backend?: { Type?: string; VNI?: number; Port?: number };
    };
    if (!conf.Network || conf.Backend?.Type !== 'vxlan') return null;
    return { cidr: conf.Network, vni: conf.Backend.VNI ?? 1, port: conf.Backend.Port ?? 8472 };
  } catch {
    return null;
  }
}

/** The NIC of the default route, with its address: what flanneld uses without --iface. */
function externalInterface(ns: NetNs): { link: Link; ip: Ip4 } | null {
  for (const link of ns.links.values()) {
    const address = link.kind === 'phys' ? link.addrs.find((a) => typeof a.local === 'number') : undefined;
    if (address) return { link, ip: address.local as Ip4 };
  }
  return null;
}

/** The program on one node. */
export function* flanneld(proc: Proc, rest?: Memory): Program {
  const memory = rest ?? (yield* begin(proc));
  if (!memory) return 1;
  if (!rest) yield* sync(proc, memory);
  const { world, netns } = proc;
  for (;;) {
    const { seen, device } = memory;
    const ready = () => revision(world) !== seen || (device !== null && netns.links.get(device.ifindex) !== device);
    yield* waitFor(ready, memory.until, { rest: { main: flanneld, state: memory } });
    yield* sync(proc, memory);
  }
}

/** What it found out, and what it remembers between two looks. */
interface Memory {
  network: Network;
  external: { link: Link; ip: Ip4 };
  node: KubeObject;
  cidr: Prefix;
  subnet: string;
  device: Link | null;
  known: Map<string, Lease>;
  /** When it looked after its rules. */
  checked: number;
  /** The API's revision it has seen to, and when it looks again by itself. */
  seen: number;
  until: number;
}

/** Its start: what it needs, the CNI configuration, the device. Null when something is missing. */
function* begin(proc: Proc): Io<Memory | null> {
  const { world, host, netns } = proc;
  const network = networkConfig(proc);
  const external = externalInterface(netns);
  const node = getObject(world, 'nodes', undefined, host.name);
  if (!network || !external || !node) {
    yield* printErr('Failed to find any valid interface to use\n');
    return null;
  }
  const cidr = parsePrefix(String(node.spec?.podCIDR ?? ''));
  if (!cidr) {
    yield* printErr(`Error registering network: failed to acquire lease: node "${host.name}" pod cidr not assigned\n`);
    return null;
  }
  const subnet = formatPrefix(cidr);
  installCni(proc);
  yield* print(
    `Found network config - Backend type: vxlan\nUsing interface with name ${external.link.name} and address ${formatIp(external.ip)}\n`,
  );
  const device = ensureDevice(proc, network, external, cidr.ip as Ip4);
  if (device) publish(proc, node, external.ip, device, network);
  const dir = putDir(host.fs, '/run/flannel');
  putFile(
    dir,
    '/subnet.env',
    `FLANNEL_NETWORK=${network.cidr}\nFLANNEL_SUBNET=${formatIp((cidr.ip as Ip4) + 1)}/${cidr.len}\nFLANNEL_MTU=${external.link.mtu - VXLAN_OVERHEAD}\nFLANNEL_IPMASQ=true\n`,
  );
  yield* print('Wrote subnet file to /run/flannel/subnet.env\nRunning backend.\n');
  const checked = Number.NEGATIVE_INFINITY;
  return { network, external, node, cidr, subnet, device, known: new Map(), checked, seen: 0, until: 0 };
}

/** One look: the device, the entries for the other nodes, the rules. */
function* sync(proc: Proc, memory: Memory): Io<void> {
  const { world, netns } = proc;
  const { network, external, node, cidr, subnet, known } = memory;
  let { device } = memory;
  if (!device || netns.links.get(device.ifindex) !== device) {
    if (device) yield* print(`Interface ${device.name} deleted\nvxlan device missing, attempting to recreate...\n`);
    device = ensureDevice(proc, network, external, cidr.ip as Ip4);
    known.clear();
    if (device) {
      publish(proc, node, external.ip, device, network);
      yield* print(`VXLAN device ${device.name} recreated successfully\n`);
    }
  }
  memory.device = device;
  const news = known.size === 0 ? null : changesSince(world, memory.seen);
  if (device && (!news || news.some((change) => change.resource === 'nodes'))) yield* follow(proc, device, known);
  if (world.now >= memory.checked + RESYNC) {
    ensureFirewall(proc, network.cidr, subnet);
    memory.checked = world.now;
  }
  memory.seen = revision(world);
  memory.until = world.now + RESYNC;
}

/** What the Pod's init containers do: the plugin's binary and its configuration list. */
function installCni(proc: Proc): void {
  const conf = getObject(proc.world, 'configmaps', 'kube-flannel', 'kube-flannel-cfg')?.data?.['cni-conf.json'];
  putFile(proc.host.fs, '/opt/cni/bin/flannel', '', { mode: 0o755, program: 'cni-flannel' });
  putFile(proc.host.fs, '/etc/cni/net.d/10-flannel.conflist', String(conf ?? ''));
}

/** flannel.1 as wanted, made when it is missing with the address that the node has published before. Null when the kernel refuses. */
function ensureDevice(proc: Proc, network: Network, external: { link: Link; ip: Ip4 }, subnet: Ip4): Link | null {
  const { world, netns, host } = proc;
  const name = `flannel.${network.vni}`;
  const mac = publishedMac(getObject(world, 'nodes', undefined, host.name));
  const made =
    findLink(netns, name) ??
    addLink(world, netns, {
      kind: 'vxlan',
      name,
      mtu: external.link.mtu - VXLAN_OVERHEAD,
      lower: external.link.ifindex,
      ...(mac === null ? {} : { mac }),
      data: { id: network.vni, local: external.ip, dstport: network.port, learning: false },
    });
  if (isNlError(made)) return null;
  if (!made.addrs.some((a) => a.local === subnet)) addAddress(world, netns, made, { local: subnet, len: 32 });
  setLink(world, netns, made, { up: true });
  return made;
}

function publish(proc: Proc, node: KubeObject, ip: Ip4, device: Link, network: Network): void {
  node.metadata.annotations = {
    ...node.metadata.annotations,
    [`${ANNOTATION}/backend-data`]: `{"VNI":${network.vni},"VtepMAC":"${formatMac(device.mac)}"}`,
    [`${ANNOTATION}/backend-type`]: 'vxlan',
    [`${ANNOTATION}/kube-subnet-manager`]: 'true',
    [`${ANNOTATION}/public-ip`]: formatIp(ip),
  };
  const at = timestamp(proc.world);
  const condition = {
    type: 'NetworkUnavailable',
    status: 'False',
    lastHeartbeatTime: at,
    lastTransitionTime: at,
    reason: 'FlannelIsUp',
    message: 'Flannel is running on this node',
  };
  const others = ((node.status?.conditions ?? []) as { type: string }[]).filter((c) => c.type !== condition.type);
  node.status = { ...node.status, conditions: [condition, ...others] };
  touchObject(proc.world, 'nodes', node);
}

/** Writes entries for leases that are new or changed, and takes away those of nodes that went. */
function* follow(proc: Proc, device: Link, known: Map<string, Lease>): Io<void> {
  const { world, netns, host } = proc;
  const now = leases(world).filter((l) => l.node !== host.name);
  for (const lease of now) {
    const before = known.get(lease.node);
    if (
      before &&
      before.mac === lease.mac &&
      before.publicIp === lease.publicIp &&
      before.subnet.ip === lease.subnet.ip
    )
      continue;
    if (before) forget(proc, device, before);
    setNeighbour(world, netns, device.ifindex, lease.subnet.ip, { mac: lease.mac, state: 'PERMANENT' }, 'replace');
    const vxlan = vxlanOf(device);
    if (vxlan) {
      vxlan.fdb = vxlan.fdb.filter((e) => e.mac !== lease.mac);
      vxlan.fdb.push({
        mac: lease.mac,
        port: device.ifindex,
        vlan: 0,
        dst: lease.publicIp,
        isLocal: false,
        isStatic: true,
        flags: [],
        updated: world.now,
        used: world.now,
      });
    }
    const error = addRoute(
      world,
      netns,
      { dst: lease.subnet, nexthops: [{ gateway: lease.subnet.ip, dev: device.ifindex, onlink: true }] },
      'replace',
    );
    if (error)
      yield* printErr(
        `failed to add vxlanRoute (${formatPrefix(lease.subnet)} -> ${formatIp(lease.subnet.ip)}): ${error.errno}\n`,
      );
    known.set(lease.node, lease);
  }
  for (const [node, lease] of known) {
    if (now.some((l) => l.node === node)) continue;
    forget(proc, device, lease);
    known.delete(node);
  }
}

function forget(proc: Proc, device: Link, lease: Lease): void {
  deleteRoute(proc.world, proc.netns, {
    dst: lease.subnet,
    nexthops: [{ gateway: lease.subnet.ip, dev: device.ifindex, onlink: true }],
  });
  const vxlan = vxlanOf(device);
  if (vxlan) vxlan.fdb = vxlan.fdb.filter((e) => e.mac !== lease.mac);
}

/** Sets both chains up anew when one of their rules is gone, so that their order is kept. */
function ensureFirewall(proc: Proc, cluster: string, subnet: string): void {
  const { world, netns } = proc;
  const rules = flannelRules(cluster, subnet);
  if (rules.every((r) => hasRule(netns, r.table, r.chain, r.rule))) return;
  apply(world, netns, '*nat\n:FLANNEL-POSTRTG - [0:0]\nCOMMIT\n*filter\n:FLANNEL-FWD - [0:0]\nCOMMIT\n');
  ensureRules(world, netns, rules);
}
