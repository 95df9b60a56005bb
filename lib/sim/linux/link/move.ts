/** A link's move to another namespace: __dev_change_net_namespace. */

import type { World } from '../../kernel/world.ts';
import { flushNeighbours } from '../neigh/flush.ts';
import { routesOfLinkDown } from '../route/sync.ts';
import { adoptConf, dropConf } from '../sysctl/adopt.ts';
import { forgetDevice } from '../tc/filter-ops.ts';
import type { Link, NetNs, NlError } from '../types.ts';
import { removePort } from './bridge.ts';
import { updateBridge, updateCarrier } from './carrier.ts';
import { findLink, upperLinks, vethPeer } from './find.ts';
import { kindOf } from './kinds.ts';

/**
 * Moves `link` from `from` to `to`. It goes down, loses its addresses, routes, neighbours and bridge; it keeps its
 * ifindex when that is free there. EEXIST when the name is taken, EINVAL for devices bound to their namespace.
 */
export function moveLink(world: World, from: NetNs, to: NetNs, link: Link, name = link.name): NlError | null {
  if (!kindOf(link).movable) return { errno: 'EINVAL', extack: 'The interface netns is immutable' };
  const tunnel = link.data as { fallback?: boolean };
  if (tunnel.fallback) return { errno: 'EINVAL', extack: 'The interface netns is immutable' };
  if (findLink(to, name))
    return { errno: 'EEXIST', extack: 'An interface with the same name exists in the target netns' };
  const uppers = upperLinks(world, from, link);
  const bridge = link.port ? from.links.get(link.master) : undefined;
  if (bridge) {
    removePort(world, from, link);
    updateBridge(world, from, bridge);
  }
  if (!bridge) link.master = 0;
  link.up = false;
  link.carrier = false;
  link.operUp = false;
  link.qdisc = 'noop';
  link.ingressQdisc = undefined;
  link.tc = undefined;
  link.addrs = [];
  routesOfLinkDown(from, link.ifindex, 'gone');
  flushNeighbours(from, link.ifindex, { keepPermanent: false });
  dropConf(from, link.name);
  from.links.delete(link.ifindex);
  forgetDevice(from, link.ifindex);
  const old = link.ifindex;
  if (to.links.has(old)) {
    while (to.links.has(to.nextIfindex)) to.nextIfindex++;
    link.ifindex = to.nextIfindex++;
  }
  link.name = name;
  to.links.set(link.ifindex, link);
  for (const upper of uppers) {
    upper.link.lower = link.ifindex;
    if (upper.ns === to) upper.link.lowerNs = undefined;
    else upper.link.lowerNs = to.id;
  }
  relink(world, from, to, link, old);
  adoptConf(to, link);
  return null;
}

function relink(world: World, from: NetNs, to: NetNs, link: Link, oldIndex: number): void {
  if (link.data.type === 'veth') {
    const peer = vethPeer(world, link);
    if (!peer) return;
    Object.assign(peer.link.data, { peerNs: to.id, peerIfindex: link.ifindex });
    peer.link.lower = peer.ns === to ? link.ifindex : 0;
    link.lower = peer.ns === to ? peer.link.ifindex : 0;
    updateCarrier(world, peer.ns, peer.link);
    return;
  }
  if (link.data.type === 'phys') {
    for (const segment of world.segments) {
      for (const port of segment.ports) {
        if (port.ns === from.id && port.ifindex === oldIndex) Object.assign(port, { ns: to.id, ifindex: link.ifindex });
      }
    }
    return;
  }
  if (!link.lower) return;
  const lowerNs = link.lowerNs ?? from.id;
  if (lowerNs === to.id) link.lowerNs = undefined;
  else link.lowerNs = lowerNs;
}
