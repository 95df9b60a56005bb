/**
 * When a device is told of its carrier: at once, or together with others up to a second later. net/core/link_watch.c.
 * The carrier itself, routes and ports follow at once; what waits is the operational state that IPv6 goes by.
 */
import { onTimer, setTimer } from '../../kernel/timers.ts';
import type { World } from '../../kernel/world.ts';
import { linkLocalFollows } from '../addr/ipv6.ts';
import type { Link, NetNs } from '../types.ts';
import { findLink, iflink } from './find.ts';

/** HZ, in µs: what is not urgent is told once in it. */
const PERIOD = 1_000_000;

/** linkwatch_urgent_event: a device that stands on another, or one whose queues wait for the carrier. */
function urgent(world: World, ns: NetNs, link: Link): boolean {
  if (!link.up) return false;
  if ((iflink(world, ns, link)?.ifindex ?? link.ifindex) !== link.ifindex) return true;
  return link.carrier && link.queuesWait === true;
}

/** linkwatch_fire_event: the carrier of a device changed. */
export function fireLinkwatch(world: World, ns: NetNs, link: Link): void {
  const { linkwatch } = world;
  const pressing = urgent(world, ns, link);
  const known = linkwatch.pending.some((p) => p.ns === ns.id && p.dev === link.ifindex);
  if (!known) linkwatch.pending.push({ ns: ns.id, dev: link.ifindex });
  else if (!pressing) return;
  if (pressing || linkwatch.next <= world.now) runQueue(world, linkwatch.next > world.now);
  arm(world);
}

/** Tells every device now, as if a second had gone by: for scenes that begin, and between the lines of a terminal. */
export function settleLinkwatch(world: World): void {
  if (world.linkwatch.pending.length > 0) runQueue(world, false);
}

/** RTM_GETLINK by name, which tools send for the index of a device: it is told of its carrier first (linkwatch_sync_dev). */
export function getLink(world: World, ns: NetNs, name: string): Link | undefined {
  const link = findLink(ns, name);
  const { pending } = world.linkwatch;
  const at = link && pending.length > 0 ? pending.findIndex((p) => p.ns === ns.id && p.dev === link.ifindex) : -1;
  if (link && at >= 0) {
    pending.splice(at, 1);
    tell(world, ns, link);
  }
  return link;
}

function arm(world: World): void {
  const { linkwatch } = world;
  if (linkwatch.armed || linkwatch.pending.length === 0) return;
  linkwatch.armed = true;
  setTimer(world, Math.max(0, linkwatch.next - world.now), 'linkwatch', null);
}

onTimer<null>('linkwatch', (world) => {
  world.linkwatch.armed = false;
  if (world.linkwatch.next <= world.now) runQueue(world, false);
  arm(world);
});

/** __linkwatch_run_queue. */
function runQueue(world: World, urgentOnly: boolean): void {
  const { linkwatch } = world;
  if (!urgentOnly) linkwatch.next = world.now + PERIOD;
  const queue = linkwatch.pending;
  linkwatch.pending = [];
  for (const event of queue) {
    const ns = world.netns.get(event.ns);
    const link = ns?.links.get(event.dev);
    if (!ns || !link) continue;
    if (urgentOnly && !urgent(world, ns, link)) linkwatch.pending.push(event);
    else tell(world, ns, link);
  }
}

/** linkwatch_do_dev: operational state, queues, then NETDEV_CHANGE. */
function tell(world: World, ns: NetNs, link: Link): void {
  link.operUp = link.up && link.carrier;
  link.queuesWait = link.up && !link.carrier;
  if (!link.up) return;
  linkLocalFollows(world, ns, link);
  const bridge = link.port ? ns.links.get(link.master) : undefined;
  if (bridge?.up) linkLocalFollows(world, ns, bridge);
}
