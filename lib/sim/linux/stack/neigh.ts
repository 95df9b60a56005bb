/** Neighbour resolution and the NUD state machine: net/core/neighbour.c. ARP and NDP send the probes. */
import { formatIp, type Ip, isMulticast } from '../../addr/ip.ts';
import { BROADCAST_MAC, formatMac, type Mac } from '../../addr/mac.ts';
import { onTimer, setTimer } from '../../kernel/timers.ts';
import { note as noteStep, stepKind } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { ETH_IP, ETH_IP6, type Packet } from '../../packet/packet.ts';
import { findNeighbour, neighbourKey, newNeighbour, noteFixed } from '../neigh/ops.ts';
import { notifyNeighbour } from '../notify.ts';
import type { Link, Neighbour, NetNs, NudState } from '../types.ts';
import { sendArpRequest } from './arp-send.ts';
import { drop } from './drop.ts';
import { sendIcmpError } from './icmp-error.ts';
import { sendSolicitation } from './ndp-send.ts';
import { xmit } from './xmit.ts';

/** RETRANS_TIME of 1 s as the timer wheel rounds it. */
const RETRANS = 1_020_000;
const MCAST_PROBES = 3;
const UCAST_PROBES = 3;
/** BASE_REACHABLE_TIME 30 s (the kernel draws between half and three halves of it), DELAY_PROBE_TIME 5 s. */
const REACHABLE_TIME = 30_000_000;
const DELAY_TIME = 5_000_000;
/** Packets that wait for one address. */
const QUEUE_LENGTH = 101;

interface NeighTimer {
  ns: number;
  dev: number;
  ip: Ip;
}

/** Kinds without an Ethernet header. */
const BARE = new Set(['ipip', 'gre', 'sit', 'wireguard', 'tun']);
export const hasEthernet = (link: Link): boolean => !BARE.has(link.kind);

const VALID = new Set(['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT', 'NOARP']);

/** The link-layer address of a neighbour when it is known now, else null. */
export function resolvedMac(ns: NetNs, link: Link, ip: Ip): Mac | null {
  const entry = findNeighbour(ns, link.ifindex, ip);
  return entry && VALID.has(entry.state) ? entry.mac : null;
}

/** Addresses that need no resolution: loopback, broadcast, multicast, NOARP devices (arp_constructor). Null: ask. */
function fixedMac(link: Link, nexthop: Ip, broadcast: boolean): Mac | null {
  if (link.kind === 'loopback') return 0;
  if (isMulticast(nexthop)) {
    if (typeof nexthop === 'number') return 0x01005e000000 + (nexthop & 0x7fffff);
    return 0x333300000000 + Number(nexthop & 0xffffffffn);
  }
  if (link.noarp) return link.mac;
  return broadcast || nexthop === 0xffffffff ? BROADCAST_MAC : null;
}

/**
 * Puts the link-layer header for `nexthop` on an IP packet and sends it, or keeps it until the neighbour has answered.
 * Answers an errno name when the device refused the packet.
 */
export function neighOutput(
  world: World,
  ns: NetNs,
  link: Link,
  nexthop: Ip,
  packet: Packet,
  broadcast = false,
): string | null {
  if (!hasEthernet(link)) {
    packet.eth = undefined;
    return xmit(world, ns, link, packet);
  }
  const fixed = fixedMac(link, nexthop, broadcast);
  if (fixed !== null) {
    noteFixed(world, ns, link.ifindex, nexthop, fixed);
    return sendTo(world, ns, link, packet, fixed);
  }
  let entry = findNeighbour(ns, link.ifindex, nexthop);
  if (!entry) {
    entry = newNeighbour(world, link.ifindex, nexthop);
    entry.state = 'FAILED';
    ns.neigh.set(neighbourKey(link.ifindex, nexthop), entry);
  }
  entry.used = world.now;
  if (entry.state === 'STALE' || (entry.state === 'REACHABLE' && entry.confirmed + REACHABLE_TIME <= world.now)) {
    entry.state = 'DELAY';
    entry.probes = 0;
    arm(world, ns, entry, DELAY_TIME);
  }
  if (VALID.has(entry.state) && entry.mac !== null) {
    if (!world.trace.off) note(world, ns, link, packet, entry);
    return sendTo(world, ns, link, packet, entry.mac);
  }
  if (entry.queue.length >= QUEUE_LENGTH) {
    const oldest = entry.queue.shift();
    if (oldest) drop(world, ns, oldest, 'NEIGH_QUEUEFULL', () => `too many packets wait for ${formatIp(nexthop)}`);
  }
  entry.queue.push(packet);
  if (!world.trace.off) note(world, ns, link, packet, entry);
  if (entry.state === 'FAILED') {
    entry.state = 'INCOMPLETE';
    entry.mac = null;
    entry.updated = world.now;
    entry.probes = 1;
    solicit(world, ns, link, entry, packet);
    arm(world, ns, entry, RETRANS);
  }
  return null;
}

const NEIGH = stepKind((dev: string, ip: Ip, mac: Mac | null, state: NudState) => ({
  kind: 'neigh',
  dev,
  ip: formatIp(ip),
  mac: mac === null ? '' : formatMac(mac),
  state: state === 'FAILED' ? 'INCOMPLETE' : state,
}));

function note(world: World, ns: NetNs, link: Link, packet: Packet, entry: Neighbour): void {
  noteStep(world, ns, packet, NEIGH, link.name, entry.ip, entry.mac, entry.state);
}

function sendTo(world: World, ns: NetNs, link: Link, packet: Packet, dst: Mac): string | null {
  const six = typeof packet.ip?.dst === 'bigint';
  packet.eth = { dst, src: link.mac, type: six ? ETH_IP6 : ETH_IP };
  return xmit(world, ns, link, packet);
}

function solicit(world: World, ns: NetNs, link: Link, entry: Neighbour, cause: Packet | undefined): void {
  const unicast = entry.state === 'PROBE' ? entry.mac : null;
  if (typeof entry.ip === 'number') sendArpRequest(world, ns, link, entry.ip, unicast, cause);
  else sendSolicitation(world, ns, link, entry.ip, unicast, cause);
}

/** One timer an entry: a later call puts the earlier one out of force. */
function arm(world: World, ns: NetNs, entry: Neighbour, delay: number): void {
  entry.due = world.now + delay;
  setTimer(world, delay, 'neigh', { ns: ns.id, dev: entry.dev, ip: entry.ip } satisfies NeighTimer);
}

onTimer<NeighTimer>('neigh', (world, { ns: id, dev, ip }) => {
  const ns = world.netns.get(id);
  const link = ns?.links.get(dev);
  const entry = ns && findNeighbour(ns, dev, ip);
  if (!ns || !link || !entry || entry.due !== world.now) return;
  step(world, ns, link, entry);
});

/** neigh_timer_handler() for the states that wait for something. */
function step(world: World, ns: NetNs, link: Link, entry: Neighbour): void {
  if (entry.state === 'DELAY') {
    entry.state = 'PROBE';
    entry.updated = world.now;
    entry.probes = 0;
    notifyNeighbour(ns, entry);
  }
  if (entry.state !== 'INCOMPLETE' && entry.state !== 'PROBE') return;
  if (entry.probes >= (entry.state === 'PROBE' ? UCAST_PROBES : MCAST_PROBES)) {
    fail(world, ns, entry);
    return;
  }
  entry.probes++;
  solicit(world, ns, link, entry, entry.queue[0]);
  arm(world, ns, entry, RETRANS);
}

/** Nobody answered: what waited is answered with "host unreachable" (arp_error_report, ipv4_link_failure). */
function fail(world: World, ns: NetNs, entry: Neighbour): void {
  entry.state = 'FAILED';
  entry.mac = null;
  entry.updated = world.now;
  notifyNeighbour(ns, entry);
  const waiting = entry.queue;
  entry.queue = [];
  for (const packet of waiting) {
    drop(
      world,
      ns,
      packet,
      'NEIGH_FAILED',
      () => `${formatIp(entry.ip)} did not answer on ${ns.links.get(entry.dev)?.name ?? '?'}`,
    );
    packet.eth = undefined;
    if (typeof packet.ip?.dst === 'bigint') sendIcmpError(world, ns, packet, 1, 3);
    else sendIcmpError(world, ns, packet, 3, 1);
  }
}

/**
 * What an ARP or ND message says about a neighbour: neigh_update(). `create` makes an entry when there is none.
 * Entries that were made by hand and are permanent stay as they are.
 */
export function neighUpdate(
  world: World,
  ns: NetNs,
  link: Link,
  ip: Ip,
  mac: Mac,
  state: 'REACHABLE' | 'STALE',
  create: boolean,
  override = true,
): void {
  let entry = findNeighbour(ns, link.ifindex, ip);
  if (!entry) {
    if (!create) return;
    entry = newNeighbour(world, link.ifindex, ip);
    ns.neigh.set(neighbourKey(link.ifindex, ip), entry);
  }
  if (entry.state === 'PERMANENT' || entry.state === 'NOARP') return;
  const known = VALID.has(entry.state) && entry.mac !== null;
  if (known && entry.mac !== mac && !override) return;
  const changed = entry.mac !== mac;
  // A word that says nothing new does not make a live entry stale.
  if (known && !changed && state === 'STALE') return;
  entry.mac = mac;
  entry.state = state;
  entry.updated = world.now;
  entry.probes = 0;
  if (state === 'REACHABLE') entry.confirmed = world.now;
  notifyNeighbour(ns, entry);
  const waiting = entry.queue;
  entry.queue = [];
  for (const packet of waiting) {
    if (!world.trace.off) note(world, ns, link, packet, entry);
    sendTo(world, ns, link, packet, mac);
  }
}

/** Upper layers heard from the neighbour: dst_confirm(). */
export function neighConfirm(world: World, ns: NetNs, dev: number, ip: Ip): void {
  const entry = findNeighbour(ns, dev, ip);
  if (
    entry &&
    (entry.state === 'REACHABLE' || entry.state === 'STALE' || entry.state === 'DELAY') &&
    entry.mac !== null
  ) {
    entry.state = 'REACHABLE';
    entry.confirmed = world.now;
  }
}
