/** RTM_DELLINK: unregistering a device, with what stands on it. */
import type { World } from '../../kernel/world.ts';
import { flushNeighbours } from '../neigh/flush.ts';
import { nexthopsOfLinkDown } from '../route/nexthop-objects.ts';
import { routesOfLinkDown } from '../route/sync.ts';
import { dropConf } from '../sysctl/adopt.ts';
import { forgetDevice } from '../tc/filter-ops.ts';
import type { Link, NetNs, NlError } from '../types.ts';
import { removePort } from './bridge.ts';
import { updateBridge, updateCarrier } from './carrier.ts';
import { portsOf, upperLinks, vethPeer } from './find.ts';
import { kindOf } from './kinds.ts';
import { notifyLink } from './notify.ts';
import { leaveVrf } from './set.ts';

/** Deletes a link: a veth takes its peer along, a parent its vlans and macvlans, a bridge sets its ports free. */
export function deleteLink(world: World, ns: NetNs, link: Link): NlError | null {
  if (link.kind === 'loopback' || link.kind === 'phys') return { errno: 'EOPNOTSUPP' };
  if ((link.data as { fallback?: boolean }).fallback) return null;
  const peer = vethPeer(world, link);
  unregister(world, ns, link);
  if (peer) unregister(world, peer.ns, peer.link);
  return null;
}

/** Removes a device and every trace of it: unregister_netdevice_many. Also used when a namespace goes. */
export function unregister(world: World, ns: NetNs, link: Link): void {
  for (const upper of upperLinks(world, ns, link)) unregister(world, upper.ns, upper.link);
  const wasBridge = link.data.type === 'bridge';
  const ports = wasBridge || link.kind === 'vrf' ? portsOf(ns, link) : [];
  for (const port of ports) {
    if (wasBridge) removePort(world, ns, port);
    else leaveVrf(world, ns, port);
  }
  const master = link.port ? ns.links.get(link.master) : undefined;
  if (master) {
    removePort(world, ns, link);
    updateBridge(world, ns, master);
  }
  if (link.up) kindOf(link).stop?.(world, ns, link);
  link.up = false;
  link.carrier = false;
  link.addrs = [];
  nexthopsOfLinkDown(ns, link.ifindex);
  routesOfLinkDown(ns, link.ifindex, 'gone');
  flushNeighbours(ns, link.ifindex, { keepPermanent: false });
  dropConf(ns, link.name);
  ns.links.delete(link.ifindex);
  forgetDevice(ns, link.ifindex);
  notifyLink(world, ns, link, true);
  if (link.data.type === 'phys') {
    for (const segment of world.segments)
      segment.ports = segment.ports.filter((p) => p.ns !== ns.id || p.ifindex !== link.ifindex);
  }
  for (const port of ports) updateCarrier(world, ns, port);
}
