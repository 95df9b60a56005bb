/** What a picture of the network needs: hosts, their namespaces, links with addresses, and how they are wired. */
import { formatPrefix } from './addr/ip.ts';
import { formatMac } from './addr/mac.ts';
import type { World } from './kernel/world.ts';
import type { Link, NetNs } from './linux/types.ts';

export interface TopologyLink {
  ifindex: number;
  name: string;
  kind: string;
  up: boolean;
  carrier: boolean;
  mac: string;
  mtu: number;
  addrs: string[];
  /** Name of the bridge it is a port of. */
  master: string;
  /** veth: the other end. */
  peer: { ns: number; ifindex: number } | null;
  /** phys: the segment it is plugged into. */
  segment: number | null;
  /** vxlan: VNI and local address. */
  note: string;
}

export interface TopologyNetns {
  id: number;
  label: string;
  root: boolean;
  links: TopologyLink[];
}

export interface TopologySnapshot {
  hosts: { name: string; namespaces: TopologyNetns[] }[];
  segments: { id: number; name: string }[];
}

function linkView(ns: NetNs, link: Link): TopologyLink {
  const { data } = link;
  return {
    ifindex: link.ifindex,
    name: link.name,
    kind: link.kind,
    up: link.up,
    carrier: link.carrier,
    mac: formatMac(link.mac),
    mtu: link.mtu,
    addrs: link.addrs.map((a) => formatPrefix({ ip: a.local, len: a.len })),
    master: ns.links.get(link.master)?.name ?? '',
    peer:
      data.type === 'veth' && 'peerNs' in data
        ? { ns: data.peerNs as number, ifindex: data.peerIfindex as number }
        : null,
    segment: data.type === 'phys' && 'segment' in data ? (data.segment as number) : null,
    note: data.type === 'vxlan' && 'vni' in data ? `VNI ${data.vni}` : '',
  };
}

/** The network as it stands, in the order of creation. */
export function snapshotTopology(world: World): TopologySnapshot {
  const hosts = [...world.hosts.values()].map((host) => ({
    name: host.name,
    namespaces: host.namespaces.flatMap((id) => {
      const ns = world.netns.get(id);
      return ns
        ? [
            {
              id,
              label: ns.label,
              root: id === host.rootNs,
              links: [...ns.links.values()].map((link) => linkView(ns, link)),
            },
          ]
        : [];
    }),
  }));
  return { hosts, segments: world.segments.map(({ id, name }) => ({ id, name })) };
}
