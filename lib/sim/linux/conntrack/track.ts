/** nf_conntrack_in(): finds or makes the connection of a packet and gives the packet its state. */
import { note as noteStep, record, stepKind } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { IPPROTO, ipLength, type Packet } from '../../packet/packet.ts';
import type { CtEntry, CtTuple } from '../netfilter/types.ts';
import type { NetNs } from '../types.ts';
import { notify } from './events.ts';
import { sctpPacket } from './sctp.ts';
import { bump, confirmEntry, conntrackCount, createEntry, findTuple, refresh } from './table.ts';
import { type Outcome, tcpNew, tcpPacket } from './tcp.ts';
import { conntrackMax, ctSysctl } from './timeouts.ts';
import { icmpBegins, invertTuple, isIcmp, tupleOf } from './tuple.ts';

/** ICMP types that quote the packet they are about. */
const ERRORS4 = new Set([3, 4, 5, 11, 12]);
const ERRORS6 = new Set([1, 2, 3, 4]);
/** Neighbour discovery and multicast listener messages are not tracked. */
const UNTRACKED6 = new Set([130, 131, 132, 133, 134, 135, 136, 143]);
/** After this long a UDP conversation counts as a stream, µs. */
const UDP_STREAM = 2_000_000;

const isError = (packet: Packet): boolean =>
  packet.icmp !== undefined && (packet.ip?.proto === IPPROTO.icmp6 ? ERRORS6 : ERRORS4).has(packet.icmp.type);

function invalid(world: World, ns: NetNs, packet: Packet): void {
  packet.ct = { id: 0, reply: false, state: 'INVALID' };
  bump(ns, 'invalid');
  record(world, ns, packet, { kind: 'conntrack', state: 'INVALID', entry: 0, direction: 'original' });
}

/** An ICMP error belongs to the connection of the packet it quotes. */
function relate(world: World, ns: NetNs, packet: Packet, zone: number): boolean {
  const quoted = packet.icmp?.quoted;
  const inner = quoted ? tupleOf(quoted) : null;
  const back = inner ? invertTuple(inner) : null;
  const found = back ? findTuple(world, ns, back, zone) : null;
  if (!found) return false;
  packet.ct = { id: found.entry.id, reply: found.reply, state: 'RELATED' };
  return true;
}

function protocolPacket(world: World, ns: NetNs, entry: CtEntry, packet: Packet, reply: boolean): Outcome {
  const { proto } = entry.orig;
  if (proto === IPPROTO.tcp) return tcpPacket(world, ns, entry, packet, reply);
  if (proto === IPPROTO.sctp) return sctpPacket(world, ns, entry, packet, reply);
  if (proto === IPPROTO.udp) {
    let seconds = ctSysctl(ns, 'nf_conntrack_udp_timeout');
    if (entry.status.seenReply && world.now > (entry.started ?? 0) + UDP_STREAM) {
      seconds = ctSysctl(ns, 'nf_conntrack_udp_timeout_stream');
      entry.status.assured = true;
    }
    refresh(world, entry, seconds);
  } else if (proto === IPPROTO.icmp) refresh(world, entry, ctSysctl(ns, 'nf_conntrack_icmp_timeout'));
  else if (proto === IPPROTO.icmp6) refresh(world, entry, ctSysctl(ns, 'nf_conntrack_icmpv6_timeout'));
  else refresh(world, entry, ctSysctl(ns, 'nf_conntrack_generic_timeout'));
  return 'ok';
}

function begin(world: World, ns: NetNs, tuple: CtTuple, packet: Packet, zone: number): CtEntry | 'invalid' | 'full' {
  if (isIcmp(tuple.proto) && !icmpBegins(tuple)) return 'invalid';
  const max = conntrackMax(world, ns);
  if (max > 0 && ns.ct.entries.size >= max && conntrackCount(world, ns) >= max) return 'full';
  const entry = createEntry(world, ns, tuple, zone);
  if (!entry) return 'invalid';
  if (tuple.proto === IPPROTO.tcp && (!packet.tcp || !tcpNew(ns, entry, packet.tcp))) {
    ns.ct.entries.delete(entry.id);
    return 'invalid';
  }
  return entry;
}

/** The hook itself. DROP when the table is full. */
export function conntrackIn(world: World, ns: NetNs, packet: Packet): 'ACCEPT' | 'DROP' {
  // Seen before (loopback, bridge) or told not to be tracked.
  if (packet.ct) return 'ACCEPT';
  const zone = packet.ctZone ?? 0;
  if (packet.ip?.proto === IPPROTO.icmp6 && packet.icmp && UNTRACKED6.has(packet.icmp.type)) {
    packet.ct = { id: 0, reply: false, state: 'UNTRACKED' };
    return 'ACCEPT';
  }
  if (isError(packet)) {
    if (relate(world, ns, packet, zone)) note(world, ns, packet);
    else invalid(world, ns, packet);
    return 'ACCEPT';
  }
  const tuple = tupleOf(packet);
  if (!tuple) return 'ACCEPT';
  for (let round = 0; round < 2; round++) {
    let found = findTuple(world, ns, tuple, zone);
    if (!found) {
      const entry = begin(world, ns, tuple, packet, zone);
      if (entry === 'full') {
        const host = world.hosts.get(ns.host);
        host?.dmesg.push({ at: world.now, text: 'nf_conntrack: nf_conntrack: table full, dropping packet' });
        bump(ns, 'drop');
        return 'DROP';
      }
      if (entry === 'invalid') {
        invalid(world, ns, packet);
        return 'ACCEPT';
      }
      found = { entry, reply: false };
    }
    const { entry, reply } = found;
    const established = reply || entry.status.seenReply;
    packet.ct = { id: entry.id, reply, state: established ? 'ESTABLISHED' : entry.master ? 'RELATED' : 'NEW' };
    const { tcpState } = entry;
    const { seenReply, assured } = entry.status;
    const outcome = protocolPacket(world, ns, entry, packet, reply);
    if (outcome === 'repeat') {
      packet.ct = undefined;
      continue;
    }
    if (outcome === 'invalid') {
      if (!entry.status.confirmed) ns.ct.entries.delete(entry.id);
      invalid(world, ns, packet);
      return 'ACCEPT';
    }
    if (reply) entry.status.seenReply = true;
    const { status } = entry;
    if (
      status.confirmed &&
      (entry.tcpState !== tcpState || status.seenReply !== seenReply || status.assured !== assured)
    )
      notify(world, ns, 'UPDATE', entry);
    const side = reply ? 1 : 0;
    entry.packets[side]++;
    entry.bytes[side] += ipLength(packet);
    note(world, ns, packet);
    return 'ACCEPT';
  }
  return 'ACCEPT';
}

const TRACKED = stepKind((state: string, entry: number, reply: boolean) => ({
  kind: 'conntrack',
  state,
  entry,
  direction: reply ? 'reply' : 'original',
}));

function note(world: World, ns: NetNs, packet: Packet): void {
  if (world.trace.off || !packet.ct) return;
  noteStep(world, ns, packet, TRACKED, packet.ct.state, packet.ct.id, packet.ct.reply);
}

/** nf_conntrack_confirm(): at the end of INPUT and POSTROUTING a new connection enters the table. */
export function conntrackConfirm(world: World, ns: NetNs, packet: Packet): 'ACCEPT' | 'DROP' {
  if (!packet.ct || packet.ct.id === 0 || packet.ct.state === 'RELATED') return 'ACCEPT';
  const entry = ns.ct.entries.get(packet.ct.id);
  if (!entry || entry.status.confirmed || entry.status.dying) return 'ACCEPT';
  if (!confirmEntry(ns, entry)) return 'DROP';
  notify(world, ns, 'NEW', entry);
  return 'ACCEPT';
}
