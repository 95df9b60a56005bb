/** Carrier, and what follows from it: port states, uppers, routes and neighbours. net/core/link_watch.c, net/bridge/br_if.c. */
import type { World } from '../../kernel/world.ts';
import { linkLocalFollows } from '../addr/ipv6.ts';
import { flushNeighbours } from '../neigh/flush.ts';
import { markLinkdown } from '../route/sync.ts';
import type { BridgeData, Link, NetNs } from '../types.ts';
import { dropLearned } from './fdb.ts';
import { portsOf, upperLinks } from './find.ts';
import { kindOf } from './kinds.ts';
import { fireLinkwatch } from './linkwatch.ts';
import { notifyLink } from './notify.ts';

/**
 * Derives a link's carrier anew and carries the change on: to the bridge it is a port of, the vlans and macvlans on
 * it, routes (linkdown), neighbours. Call it when the link, its peer or its lower device changed.
 */
export function updateCarrier(world: World, ns: NetNs, link: Link): void {
  const kind = kindOf(link);
  const carrier = link.up && !link.protodown && kind.carrier(world, ns, link);
  const changed = carrier !== link.carrier;
  setCarrier(link, carrier);
  if (changed) world.carrierChanged = world.now;
  if (changed && link.up) {
    markLinkdown(ns, link.ifindex, !carrier);
    if (!carrier) flushNeighbours(ns, link.ifindex, { keepPermanent: true });
  }
  if (changed) fireLinkwatch(world, ns, link);
  linkLocalFollows(world, ns, link);
  if (changed && link.up) notifyLink(world, ns, link);
  if (link.port) updatePort(world, ns, link);
  if (changed) for (const upper of upperLinks(world, ns, link)) updateCarrier(world, upper.ns, upper.link);
}

/** Sets the carrier and counts the change. */
export function setCarrier(link: Link, carrier: boolean): void {
  if (link.carrier !== carrier && link.kind !== 'loopback') link.carrierChanges = (link.carrierChanges ?? 0) + 1;
  link.carrier = carrier;
}

/** Port state and the bridge's own carrier. Without STP a live port forwards at once. */
function updatePort(world: World, ns: NetNs, link: Link): void {
  const bridge = ns.links.get(link.master);
  if (bridge?.data.type !== 'bridge' || !link.port) return;
  const live = bridge.up && link.up && link.carrier;
  if (!live) {
    if (link.port.state !== 'disabled') dropLearned(bridge, link.ifindex);
    link.port.state = 'disabled';
  } else if (link.port.state === 'disabled') link.port.state = 'forwarding';
  updateCarrier(world, ns, bridge);
}

/** After a bridge went up or down: its ports' states, then its carrier. */
export function updateBridge(world: World, ns: NetNs, bridge: Link): void {
  for (const port of portsOf(ns, bridge)) {
    if (!port.port) continue;
    const live = bridge.up && port.up && port.carrier;
    if (!live) port.port.state = 'disabled';
    else if (port.port.state === 'disabled') port.port.state = 'forwarding';
  }
  if (!bridge.up) {
    const data = bridge.data as BridgeData;
    data.fdb = data.fdb.filter((f) => f.isStatic || f.isLocal);
  }
  updateCarrier(world, ns, bridge);
}
