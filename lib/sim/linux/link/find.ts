/** Finding links, and who stands on whom. */
import type { World } from '../../kernel/world.ts';
import type { Link, NetNs } from '../types.ts';

/** The link of that name (or alternative name), or undefined. */
export function findLink(ns: NetNs, name: string): Link | undefined {
  for (const link of ns.links.values()) if (link.name === name) return link;
  for (const link of ns.links.values()) if (link.altnames.includes(name)) return link;
  return undefined;
}

/** All links by ifindex, as the kernel dumps them. */
export const linksByIndex = (ns: NetNs): Link[] => [...ns.links.values()].sort((a, b) => a.ifindex - b.ifindex);

/** Name of an ifindex; `if7` when there is none, as iproute2 writes it. */
export const linkName = (ns: NetNs, ifindex: number): string => ns.links.get(ifindex)?.name ?? `if${ifindex}`;

/** A veth's other end, with its namespace. */
export function vethPeer(world: World, link: Link): { ns: NetNs; link: Link } | null {
  if (link.data.type !== 'veth') return null;
  const { peerNs, peerIfindex } = link.data as { peerNs: number; peerIfindex: number };
  const ns = world.netns.get(peerNs);
  const peer = ns?.links.get(peerIfindex);
  return ns && peer ? { ns, link: peer } : null;
}

/** Kinds whose `lower` is a peer, or only the way to the other end: no device of theirs depends on it. */
const LOOSE = new Set(['veth', 'ipip', 'gre', 'gretap', 'erspan']);
const stands = (link: Link): boolean => !LOOSE.has(link.kind);

/** The device a link stands on (vlan's and macvlan's parent), with its namespace. */
export function lowerLink(world: World, ns: NetNs, link: Link): { ns: NetNs; link: Link } | null {
  if (!link.lower || !stands(link)) return null;
  const at = link.lowerNs === undefined ? ns : world.netns.get(link.lowerNs);
  const lower = at?.links.get(link.lower);
  return at && lower ? { ns: at, link: lower } : null;
}

/** Links that stand on `lower`: vlans, macvlans, ipvlans, wherever they have been moved. */
export function upperLinks(world: World, ns: NetNs, lower: Link): { ns: NetNs; link: Link }[] {
  const found: { ns: NetNs; link: Link }[] = [];
  for (const at of world.netns.values()) {
    if (at.host !== ns.host) continue;
    for (const link of at.links.values()) {
      if (link.lower !== lower.ifindex || !stands(link)) continue;
      if ((link.lowerNs ?? at.id) === ns.id) found.push({ ns: at, link });
    }
  }
  return found;
}

/** Ports of a bridge (or slaves of another master), in order of ifindex. */
export const portsOf = (ns: NetNs, master: Link): Link[] =>
  linksByIndex(ns).filter((link) => link.master === master.ifindex);

/** IFLA_LINK: the ifindex a link says it stands on, and the namespace of that index. Null when it is itself. */
export function iflink(world: World, ns: NetNs, link: Link): { ifindex: number; ns: number } | null {
  if (link.data.type === 'veth') {
    const peer = vethPeer(world, link);
    return peer ? { ifindex: peer.link.ifindex, ns: peer.ns.id } : null;
  }
  if (link.data.type === 'vxlan' || !link.lower) return null;
  return { ifindex: link.lower, ns: link.lowerNs ?? ns.id };
}
