/** Sending a request to its real server and giving answers the service's address: ip_vs_xmit.c, ip_vs_nfct.c. */
import { formatIp, isLoopback } from '../../addr/ip.ts';
import { record } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { IPPROTO, ipLength, makePacket, type Packet } from '../../packet/packet.ts';
import { entryOf } from '../conntrack/state.ts';
import { tupleOf, tupleText } from '../conntrack/tuple.ts';
import { runHook } from '../netfilter/walk.ts';
import { lookupRoute, type RouteResult } from '../route/lookup.ts';
import { drop } from '../stack/drop.ts';
import { sendIcmpError } from '../stack/icmp-error.ts';
import { ipFinish } from '../stack/output.ts';
import type { NetNs } from '../types.ts';
import type { VsConn } from './types.ts';

/** Whether connection tracking already has the connection that is to begin anew. */
export function usesOldConntrack(ns: NetNs, packet: Packet, conn: VsConn): boolean {
  return conn.nfct && entryOf(ns, packet)?.status.confirmed === true;
}

/** IPVS has handled the packet: it is not tracked, or the tracked connection learns where the answer will come from. */
export function handled(ns: NetNs, packet: Packet, conn: VsConn, way: 'request' | 'answer'): void {
  packet.ipvs = ns.id;
  const entry = entryOf(ns, packet);
  if (!conn.nfct) {
    if (entry && !entry.status.confirmed) ns.ct.entries.delete(entry.id);
    packet.ct = { id: 0, reply: false, state: 'UNTRACKED' };
    return;
  }
  if (!entry || entry.status.confirmed || entry.status.dying || packet.ct?.reply) return;
  if (conn.fwd !== 'masq' || conn.onePacket || packet.ct?.state === 'RELATED') return;
  const ports = entry.orig.type === undefined;
  if (way === 'request')
    entry.reply = { ...entry.reply, src: conn.daddr, sport: ports ? conn.dport : entry.reply.sport };
  else entry.reply = { ...entry.reply, dst: conn.vaddr, dport: ports ? conn.vport : entry.reply.dport };
}

/** Writes the other end into a packet: the real server into a request, the service into an answer. */
export function rewrite(world: World, ns: NetNs, packet: Packet, conn: VsConn, way: 'request' | 'answer'): void {
  const before = tupleOf(packet);
  const l4 = packet.tcp ?? packet.udp;
  const ip = packet.ip as NonNullable<Packet['ip']>;
  if (way === 'request') {
    ip.dst = conn.daddr;
    if (l4) l4.dport = conn.dport;
  } else {
    ip.src = conn.vaddr;
    if (l4) l4.sport = conn.vport;
  }
  handled(ns, packet, conn, way);
  const after = tupleOf(packet);
  if (world.trace.off || !before || !after) return;
  const manip = way === 'request' ? 'DNAT' : 'un-DNAT';
  record(world, ns, packet, { kind: 'nat', manip, before: tupleText(before), after: tupleText(after) });
}

type Sent = 'ACCEPT' | 'DROP' | 'STOLEN';
type Found = Extract<RouteResult, { ok: true }>;

/** To the real server: through LOCAL_OUT and POSTROUTING, or on to this host's own socket. */
export function transmit(
  world: World,
  ns: NetNs,
  packet: Packet,
  conn: VsConn,
  hook: 'INPUT' | 'OUTPUT' | 'FORWARD',
  write: () => void = () => rewrite(world, ns, packet, conn, 'request'),
): Sent {
  // A packet that does not go on from INPUT or FORWARD ends there for the caller.
  const gone: Sent = hook === 'OUTPUT' ? 'STOLEN' : 'DROP';
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const six = typeof ip.dst === 'bigint';
  const route = lookupRoute(world, ns, { dst: conn.daddr });
  if (!route.ok) {
    drop(world, ns, packet, 'IP_OUTNOROUTES', () => `IPVS: no route to the real server ${formatIp(conn.daddr)}`);
    sendIcmpError(world, ns, packet, six ? 1 : 3, six ? 3 : 1);
    return gone;
  }
  if (route.type === 'local') {
    if (conn.fwd === 'masq') {
      if (isLoopback(conn.daddr) && hook === 'INPUT') {
        drop(world, ns, packet, 'NETFILTER_DROP', () => 'IPVS: a packet from outside may not go to a loopback address');
        return gone;
      }
      write();
    } else handled(ns, packet, conn, 'request');
    return 'ACCEPT';
  }
  if (isLoopback(ip.src)) {
    drop(world, ns, packet, 'NETFILTER_DROP', () => 'IPVS: a packet from a loopback address may not leave the host');
    return gone;
  }
  if (conn.fwd === 'tunnel') return tunnel(world, ns, packet, conn, route, hook);
  if (ip.ttl <= 1) {
    drop(world, ns, packet, 'IP_INHDR', () => 'the time to live is used up');
    sendIcmpError(world, ns, packet, six ? 3 : 11, 0);
    return gone;
  }
  ip.ttl--;
  if (ipLength(packet) > route.mtu && (ip.df || six)) {
    drop(world, ns, packet, 'PKT_TOO_BIG', () => `${ipLength(packet)} bytes do not fit the MTU ${route.mtu}`);
    sendIcmpError(world, ns, packet, six ? 2 : 3, six ? 0 : 4, { mtu: route.mtu });
    return gone;
  }
  if (conn.fwd === 'masq') write();
  else handled(ns, packet, conn, 'request');
  const out = ns.links.get(route.dev) ?? null;
  if (runHook(world, ns, six ? 'ip6' : 'ip', 'OUTPUT', packet, null, out) !== 'ACCEPT') return gone;
  // Direct routing sends to the server's address, whatever the packet says.
  const via = conn.fwd === 'masq' ? route : { ...route, gateway: route.gateway ?? conn.daddr };
  ipFinish(world, ns, packet, via, { mtu: route.mtu, local: hook === 'OUTPUT', ignoreDf: true });
  return gone;
}

/** Wraps the packet for its real server: ip_vs_tunnel_xmit(). */
function tunnel(
  world: World,
  ns: NetNs,
  packet: Packet,
  conn: VsConn,
  route: Found,
  hook: 'INPUT' | 'OUTPUT' | 'FORWARD',
): Sent {
  const gone: Sent = hook === 'OUTPUT' ? 'STOLEN' : 'DROP';
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const { type } = conn.dest.tun;
  if (type === 'gue' || typeof conn.daddr === 'bigint') {
    drop(
      world,
      ns,
      packet,
      'NOT_SPECIFIED',
      () => `flatnet: not modelled: IPVS tunnels by ${type === 'gue' ? 'GUE' : 'IPv6'}`,
    );
    return gone;
  }
  const mtu = route.mtu - (type === 'gre' ? 24 : 20);
  if (ipLength(packet) > mtu && ip.df) {
    drop(world, ns, packet, 'PKT_TOO_BIG', () => `IPVS: ${ipLength(packet)} bytes do not fit the tunnel's MTU ${mtu}`);
    sendIcmpError(world, ns, packet, 3, 4, { mtu });
    return gone;
  }
  handled(ns, packet, conn, 'request');
  const outer = makePacket({
    id: packet.id,
    ip: {
      src: route.src,
      dst: conn.daddr,
      ttl: ip.ttl,
      proto: type === 'gre' ? IPPROTO.gre : IPPROTO.ipip,
      tos: ip.tos,
      id: (ns.ipId = (ns.ipId + 1) & 0xffff),
      df: ip.df,
      mf: false,
      offset: 0,
    },
    data: '',
    inner: packet,
    mark: packet.mark,
    iif: 0,
    ipvs: ns.id,
    ct: { id: 0, reply: false, state: 'UNTRACKED' },
  });
  if (type === 'gre') outer.gre = { flags: 0, key: 0, seq: 0 };
  packet.eth = undefined;
  packet.ct = undefined;
  const out = ns.links.get(route.dev) ?? null;
  if (runHook(world, ns, 'ip', 'OUTPUT', outer, null, out) !== 'ACCEPT') return gone;
  ipFinish(world, ns, outer, route, { mtu: route.mtu, local: true, ignoreDf: true });
  return gone;
}
