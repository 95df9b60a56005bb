/** Address and port translation: choosing a free tuple, and rewriting packets by it. nf_nat_core.c, nf_nat_proto.c. */
import { type Ip, inPrefix } from '../../addr/ip.ts';
import { nextBelow } from '../../kernel/rng.ts';
import { note, stepKind } from '../../kernel/trace-log.ts';
import { clonePacket, IPPROTO, type Packet } from '../../packet/packet.ts';
import type { HookState, Verdict } from '../netfilter/ext.ts';
import type { CtEntry, CtTuple } from '../netfilter/types.ts';
import { lookupRoute } from '../route/lookup.ts';
import { liveEntries, tupleTaken } from './table.ts';
import { invertTuple, isIcmp, tupleOf, tupleText } from './tuple.ts';

export type Manip = 'SRC' | 'DST';

/** What a rule translates to: struct nf_nat_range2. */
export interface NatRange {
  minIp: Ip | null;
  maxIp: Ip | null;
  minPort: number | null;
  maxPort: number | null;
  basePort: number | null;
  random: boolean;
  fully: boolean;
  persistent: boolean;
}

const MAX_ATTEMPTS = 128;

const sideIp = (t: CtTuple, manip: Manip): Ip => (manip === 'SRC' ? t.src : t.dst);
const sidePort = (t: CtTuple, manip: Manip): number => (manip === 'SRC' ? t.sport : t.dport);

function withIp(t: CtTuple, manip: Manip, ip: Ip): CtTuple {
  return manip === 'SRC' ? { ...t, src: ip } : { ...t, dst: ip };
}

function withPort(t: CtTuple, manip: Manip, port: number): CtTuple {
  // ICMP's id stands for both ports.
  if (t.type !== undefined) return { ...t, sport: port, dport: port };
  return manip === 'SRC' ? { ...t, sport: port } : { ...t, dport: port };
}

/** Whether the translated connection would collide: its answer's tuple belongs to another. */
function used(state: HookState, tuple: CtTuple, ct: CtEntry): boolean {
  const reply = invertTuple(tuple);
  return reply === null || tupleTaken(state.world, state.ns, reply, ct);
}

const ipFits = (ip: Ip, r: NatRange): boolean =>
  r.minIp === null || r.maxIp === null || (ip >= r.minIp && ip <= r.maxIp);

const portFits = (t: CtTuple, manip: Manip, r: NatRange): boolean => {
  if (r.minPort === null || r.maxPort === null) return true;
  const port = sidePort(t, manip);
  return port >= r.minPort && port <= r.maxPort;
};

/** An address of the range, the same for the same client (and server, unless persistent). */
function chooseIp(t: CtTuple, r: NatRange, manip: Manip): CtTuple {
  if (r.minIp === null || r.maxIp === null) return t;
  if (r.minIp === r.maxIp) return withIp(t, manip, r.minIp);
  const low = (ip: Ip) => Number(BigInt(ip) & 0xffffffffn);
  let hash = 0x9e3779b9;
  for (const part of [low(t.src), r.persistent ? 0 : low(t.dst), t.proto]) {
    hash = Math.imul(hash ^ part, 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  const span = BigInt(r.maxIp) - BigInt(r.minIp) + 1n;
  const offset = (BigInt(hash >>> 0) * span) >> 32n;
  const ip = BigInt(r.minIp) + offset;
  return withIp(t, manip, typeof r.minIp === 'bigint' ? ip : Number(ip));
}

/** Another connection of the same source that was translated before: its address and port are used again. */
function sameSource(state: HookState, orig: CtTuple, ct: CtEntry, r: NatRange): CtTuple | null {
  for (const other of liveEntries(state.world, state.ns)) {
    if (other === ct || !other.status.srcNat || other.orig.proto !== orig.proto || other.zone !== ct.zone) continue;
    if (other.orig.src !== ct.orig.src || other.orig.sport !== ct.orig.sport || orig.type !== undefined) continue;
    const candidate = { ...orig, src: other.reply.dst, sport: other.reply.dport };
    if (ipFits(candidate.src, r) && portFits(candidate, 'SRC', r)) return candidate;
  }
  return null;
}

function portSpan(t: CtTuple, manip: Manip, r: NatRange): { min: number; size: number } | null {
  if (r.minPort !== null && r.maxPort !== null) return { min: r.minPort, size: r.maxPort - r.minPort + 1 };
  if (t.type !== undefined) return { min: 0, size: 65536 };
  if (manip === 'DST') return null;
  const port = sidePort(t, manip);
  if (port >= 1024) return { min: 1024, size: 65536 - 1024 };
  return port < 512 ? { min: 1, size: 511 } : { min: 600, size: 1023 - 600 + 1 };
}

/**
 * A free port in the range, or the last one tried when none is free: nf_nat_l4proto_unique_tuple(). A clash that stays after DNAT
 * is resolved by another source port at POSTROUTING.
 */
function choosePort(state: HookState, t: CtTuple, r: NatRange, manip: Manip, ct: CtEntry): CtTuple {
  if (t.type === undefined && t.proto !== IPPROTO.tcp && t.proto !== IPPROTO.udp && t.proto !== IPPROTO.sctp) return t;
  const span = portSpan(t, manip, r);
  if (!span) return t;
  let offset = 0;
  if (r.basePort !== null) offset = sidePort(t, manip) - r.basePort;
  else if (r.random || r.fully || manip === 'SRC') offset = nextBelow(state.world.rng, 65536);
  let candidate = t;
  for (let tries = Math.min(span.size, MAX_ATTEMPTS); ; tries >>= 1) {
    for (let i = 0; i < tries; i++, offset++) {
      const port = span.min + (((offset % span.size) + span.size) % span.size);
      candidate = withPort(t, manip, port);
      if (!used(state, candidate, ct)) return candidate;
    }
    if (tries >= span.size || tries < 16) return candidate;
    offset = nextBelow(state.world.rng, 65536);
  }
}

function uniqueTuple(state: HookState, orig: CtTuple, r: NatRange, manip: Manip, ct: CtEntry): CtTuple {
  const random = r.random || r.fully;
  if (manip === 'SRC' && !random) {
    if (ipFits(orig.src, r) && portFits(orig, manip, r)) {
      if (!used(state, orig, ct)) return orig;
    } else {
      const same = sameSource(state, orig, ct, r);
      if (same && !used(state, same, ct)) return same;
    }
  }
  const tuple = chooseIp(orig, r, manip);
  if (!random) {
    if (r.minPort !== null) {
      const fixed = r.minPort === r.maxPort;
      if (r.basePort === null && portFits(tuple, manip, r) && (fixed || !used(state, tuple, ct))) return tuple;
    } else if (!used(state, tuple, ct)) return tuple;
  }
  return choosePort(state, tuple, r, manip, ct);
}

/** Binds a connection to a translation: nf_nat_setup_info(). Later packets follow by {@link natPacket}. */
export function setupNat(state: HookState, range: NatRange, manip: Manip): Verdict {
  const { ct } = state;
  if (!ct || ct.status.confirmed) return 'ACCEPT';
  const done = manip === 'SRC' ? 'srcNatDone' : 'dstNatDone';
  if (ct.status[done]) return 'ACCEPT';
  const current = invertTuple(ct.reply);
  if (!current) return 'ACCEPT';
  const next = uniqueTuple(state, current, range, manip, ct);
  if (sideIp(next, manip) !== sideIp(current, manip) || sidePort(next, manip) !== sidePort(current, manip)) {
    const reply = invertTuple(next);
    if (reply) ct.reply = reply;
    ct.status[manip === 'SRC' ? 'srcNat' : 'dstNat'] = true;
  }
  ct.status[done] = true;
  return 'ACCEPT';
}

/** A translation to what it is already, so that its ports stay unique: nf_nat_alloc_null_binding(). */
export function nullBinding(state: HookState, manip: Manip): void {
  const { ct } = state;
  if (!ct || ct.status.confirmed) return;
  const done = manip === 'SRC' ? 'srcNatDone' : 'dstNatDone';
  if (!ct.status[done] && !tupleTaken(state.world, state.ns, ct.reply, ct)) {
    // Nobody else's: it stays what it is.
    ct.status[done] = true;
    return;
  }
  const ip = manip === 'SRC' ? ct.reply.dst : ct.reply.src;
  setupNat(
    state,
    {
      minIp: ip,
      maxIp: ip,
      minPort: null,
      maxPort: null,
      basePort: null,
      random: false,
      fully: false,
      persistent: false,
    },
    manip,
  );
}

/** Rewrites one side of a packet. True when something changed. */
function rewrite(packet: Packet, target: CtTuple, manip: Manip): boolean {
  const { ip } = packet;
  if (!ip) return false;
  const source = manip === 'SRC';
  const address = source ? target.src : target.dst;
  let changed = address !== (source ? ip.src : ip.dst);
  if (source) ip.src = address;
  else ip.dst = address;
  const l4 = packet.tcp ?? packet.udp;
  if (l4 && !isIcmp(target.proto)) {
    const port = source ? target.sport : target.dport;
    changed ||= port !== (source ? l4.sport : l4.dport);
    if (source) l4.sport = port;
    else l4.dport = port;
  } else if (packet.icmp?.id !== undefined && target.type !== undefined) {
    changed ||= packet.icmp.id !== target.sport;
    packet.icmp.id = target.sport;
  }
  return changed;
}

/** Whether this side of the connection is translated for a packet going in that direction. */
function applies(ct: CtEntry, manip: Manip, reply: boolean): boolean {
  const side = reply ? (manip === 'SRC' ? 'DST' : 'SRC') : manip;
  return side === 'SRC' ? ct.status.srcNat : ct.status.dstNat;
}

const TRANSLATED = stepKind((manip: 'SNAT' | 'DNAT' | 'un-SNAT' | 'un-DNAT', before: CtTuple, after: CtTuple) => ({
  kind: 'nat',
  manip,
  before: tupleText(before),
  after: tupleText(after),
}));

/** Rewrites a packet as its connection says: nf_nat_packet(). */
export function natPacket(state: HookState, manip: Manip): void {
  const { ct, packet, world, ns } = state;
  if (!ct || !packet.ct || !applies(ct, manip, packet.ct.reply)) return;
  const target = invertTuple(packet.ct.reply ? ct.orig : ct.reply);
  const before = world.trace.off ? null : tupleOf(packet);
  if (!target || !rewrite(packet, target, manip) || !before) return;
  const after = tupleOf(packet) as CtTuple;
  const undo = packet.ct.reply;
  const name = undo ? (manip === 'SRC' ? 'un-DNAT' : 'un-SNAT') : manip === 'SRC' ? 'SNAT' : 'DNAT';
  note(world, ns, packet, TRANSLATED, name, before, after);
}

/**
 * An ICMP error is translated outside and inside: nf_nat_icmp_reply_translation(). A redirect about a connection that is
 * translated, or may yet be, is dropped.
 */
export function natIcmpError(state: HookState, manip: Manip): Verdict {
  const { ct, packet, world, ns } = state;
  if (!ct || !packet.ct || !packet.icmp) return 'ACCEPT';
  const { status } = ct;
  if (packet.ip?.proto === IPPROTO.icmp && packet.icmp.type === 5) {
    if (!status.srcNatDone || !status.dstNatDone || status.srcNat || status.dstNat) return 'DROP';
  }
  if (!applies(ct, manip, packet.ct.reply)) return 'ACCEPT';
  const other = packet.ct.reply ? ct.orig : ct.reply;
  if (packet.icmp.quoted) {
    const quoted = clonePacket(packet.icmp.quoted);
    rewrite(quoted, other, manip === 'SRC' ? 'DST' : 'SRC');
    packet.icmp.quoted = quoted;
  }
  const target = invertTuple(other);
  const before = tupleOf(packet);
  if (!target || !packet.ip || !before) return 'ACCEPT';
  if (manip === 'SRC') packet.ip.src = target.src;
  else packet.ip.dst = target.dst;
  if (world.trace.off) return 'ACCEPT';
  const name = packet.ct.reply ? (manip === 'SRC' ? 'un-DNAT' : 'un-SNAT') : manip === 'SRC' ? 'SNAT' : 'DNAT';
  note(world, ns, packet, TRANSLATED, name, before, tupleOf(packet) as CtTuple);
  return 'ACCEPT';
}

/** The address MASQUERADE takes: the outgoing device's own, the one on the next hop's subnet first. */
export function masqueradeAddress(state: HookState): Ip | null {
  const { world, ns, packet, out, family } = state;
  if (!packet.ip || !out) return null;
  const route = lookupRoute(world, ns, { dst: packet.ip.dst, oif: out.ifindex });
  const hop = route.ok && route.gateway !== null ? route.gateway : packet.ip.dst;
  const wanted = family === 'ip' ? 'number' : 'bigint';
  const fits = out.addrs.filter((a) => typeof a.local === wanted && a.scope === 0 && !a.flags.includes('secondary'));
  const near = fits.find((a) => inPrefix(hop, { ip: a.peer ?? a.local, len: a.len }));
  const first = near ?? fits[0];
  if (first) return first.local;
  for (const link of ns.links.values()) {
    const a = link.addrs.find((one) => typeof one.local === wanted && one.scope === 0);
    if (a) return a.local;
  }
  return null;
}

/** The address REDIRECT takes: the incoming device's first, or loopback for what this host sends. */
export function redirectAddress(state: HookState): Ip | null {
  if (state.hook === 'OUTPUT') return state.family === 'ip' ? 0x7f000001 : 1n;
  const wanted = state.family === 'ip' ? 'number' : 'bigint';
  return state.in?.addrs.find((a) => typeof a.local === wanted)?.local ?? null;
}
