/** Network namespaces: net/core/net_namespace.c. Their names are files under /run/netns, which `ip netns` makes. */
import { VersionedMap } from '../../kernel/versioned.ts';
import type { Host, World } from '../../kernel/world.ts';
import { FIB4, FIB6, PLANS } from '../derived.ts';
import { unregister } from '../link/delete.ts';
import { moveLink } from '../link/move.ts';
import { addLink } from '../link/ops.ts';
import { addFallbackTunnels } from '../link/tunnel-module.ts';
import { defaultRules } from '../rule/ops.ts';
import { SnmpCounters } from '../snmp.ts';
import type { NetNs } from '../types.ts';

/**
 * A new namespace of `host` with `lo`, down, and the default rules. IPv4's `conf.all` and `conf.default` are copied
 * from the host's initial namespace (net.core.devconf_inherit_init_net = 0).
 */
export function createNetns(world: World, host: Host, label: string): NetNs {
  const id = world.next.netns++;
  const ns: NetNs = {
    id,
    label,
    host: host.name,
    nextIfindex: 1,
    links: new Map(),
    routes4: new VersionedMap(),
    routes6: new VersionedMap(),
    rules4: defaultRules(4),
    rules6: defaultRules(6),
    neigh: new Map(),
    pmtu: new Map(),
    sysctl: new VersionedMap(),
    nf: { tables: new Map(), nextHandle: 1, generation: 0, [PLANS]: undefined },
    ct: { entries: new Map(), index: new Map(), nextId: 1, max: 262144, stats: {} },
    sockets: new Map(),
    nextSocket: 1,
    nsids: new Map(),
    snmp: new SnmpCounters(),
    lastPort: 0,
    ipId: 0,
    captures: new Map(),
    ext: {},
    [FIB4]: undefined,
    [FIB6]: undefined,
  };
  const init = world.netns.get(host.rootNs);
  for (const [key, value] of init?.sysctl ?? []) {
    if (/^net\.ipv4\.conf\.(all|default)\./.test(key)) ns.sysctl.set(key, value);
  }
  world.netns.set(id, ns);
  host.namespaces.push(id);
  addLink(world, ns, { kind: 'loopback', name: 'lo' });
  addFallbackTunnels(world, host, ns);
  return ns;
}

/** Ends a namespace: its virtual links go, its network cards return to the host's initial namespace. */
export function destroyNetns(world: World, ns: NetNs): void {
  const host = world.hosts.get(ns.host);
  const root = host && world.netns.get(host.rootNs);
  for (const link of [...ns.links.values()]) {
    if (link.kind === 'phys' && root && root !== ns) {
      if (moveLink(world, ns, root, link)) moveLink(world, ns, root, link, `dev${link.ifindex}`);
    } else if (ns.links.has(link.ifindex)) removeWithPeer(world, ns, link.ifindex);
  }
  world.netns.delete(ns.id);
  for (const other of world.netns.values()) other.nsids.delete(ns.id);
  if (host) host.namespaces = host.namespaces.filter((id) => id !== ns.id);
}

function removeWithPeer(world: World, ns: NetNs, ifindex: number): void {
  const link = ns.links.get(ifindex);
  if (!link) return;
  const data = link.data as { type: string; peerNs?: number; peerIfindex?: number };
  unregister(world, ns, link);
  if (data.type !== 'veth') return;
  const peerNs = world.netns.get(data.peerNs ?? 0);
  const peer = peerNs?.links.get(data.peerIfindex ?? 0);
  if (peerNs && peer) unregister(world, peerNs, peer);
}
