/** IP-in-IP tunnels: net/ipv4/ipip.c, ip_tunnel.c. */
import type { Ip4 } from '../../addr/ip.ts';
import type { Host, World } from '../../kernel/world.ts';
import type { Link, NetNs } from '../types.ts';
import { defineLinkKind } from './kind.ts';
import { addLink } from './ops.ts';

/** Local and remote ends, 0 for any. */
export interface TunnelData {
  type: 'ipip';
  local: Ip4;
  remote: Ip4;
  /** 0: inherit from the inner packet. */
  ttl: number;
  pmtudisc: boolean;
  /** `tunl0`, which takes what no other tunnel takes. */
  fallback: boolean;
  [key: string]: unknown;
}

/** The tunnel part of a link, or null. */
export const tunnelOf = (link: Link): TunnelData | null => (link.kind === 'ipip' ? (link.data as TunnelData) : null);

const OVERHEAD = 20;

export const ipip = defineLinkKind({
  kind: 'ipip',
  linkType: 'ipip',
  flags: [],
  noarp: true,
  mtu: 1500 - OVERHEAD,
  minMtu: 0,
  maxMtu: 0,
  queues: 1,
  tsoMax: 65536,
  nameTemplate: 'tunl',
  watched: false,
  movable: true,
  carrier: () => true,
  create: (_world, ns, spec) => {
    const given = spec.data ?? {};
    const data: TunnelData = {
      type: 'ipip',
      local: (given.local as Ip4 | undefined) ?? 0,
      remote: (given.remote as Ip4 | undefined) ?? 0,
      ttl: (given.ttl as number | undefined) ?? 0,
      pmtudisc: given.pmtudisc !== false,
      fallback: given.fallback === true,
    };
    for (const other of ns.links.values()) {
      const theirs = tunnelOf(other);
      if (theirs && theirs.local === data.local && theirs.remote === data.remote) return { errno: 'EEXIST' };
    }
    const lower = spec.lower ? ns.links.get(spec.lower) : undefined;
    return { data, mtu: (lower?.mtu ?? 1500) - OVERHEAD, lower: lower?.ifindex ?? 0 };
  },
});

/** Gives a namespace its `tunl0`, as the ipip module does for each. */
export function addFallbackTunnel(world: World, ns: NetNs): void {
  addLink(world, ns, { kind: 'ipip', name: 'tunl0', data: { fallback: true, pmtudisc: false } });
}

/** Loads the ipip module: every namespace of the host, now and later, has a `tunl0`. */
export function ensureTunnelModule(world: World, host: Host): void {
  if (host.modules.has('ipip')) return;
  host.modules.add('ipip');
  for (const id of host.namespaces) {
    const ns = world.netns.get(id);
    if (ns) addFallbackTunnel(world, ns);
  }
}
