/** Local output and what forwarded packets share with it: ip_local_out(), ip_output(), ip_finish_output(). */
import { formatIp, formatPrefix, type Ip, isMulticast, type Prefix } from '../../addr/ip.ts';
import { note, record, stepKind } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { ipLength, type Packet } from '../../packet/packet.ts';
import { runHook } from '../netfilter/walk.ts';
import { type Flow, lookupRoute, type RouteResult } from '../route/lookup.ts';
import { quickRoute } from '../route/quick.ts';
import { isLocalAddress } from '../route/source.ts';
import { IP_OUT_REQUESTS, IP_OUT_TRANSMITS, IP6_OUT_REQUESTS } from '../snmp.ts';
import type { Link, NetNs } from '../types.ts';
import { drop } from './drop.ts';
import { flowOf } from './flow.ts';
import { fragment } from './fragment.ts';
import { sendIcmpError } from './icmp-error.ts';
import { loopBack } from './mc-loop.ts';
import { neighOutput } from './neigh.ts';
import { count } from './snmp.ts';
import { vrfOutput } from './vrf.ts';

type Found = Extract<RouteResult, { ok: true }>;

const TABLES: Record<number, string> = { 255: 'local', 254: 'main', 253: 'default' };

type RouteKind = 'local' | 'forward' | 'output' | 'broadcast';
const ROUTE = stepKind(
  (result: RouteKind, table: number, dst: Prefix | null, via: Ip | null, dev: string, why: string) => ({
    kind: 'route',
    result,
    table: TABLES[table] ?? String(table),
    route: dst ? (dst.len === 0 ? 'default' : formatPrefix(dst)) : 'none',
    via: via === null ? '' : formatIp(via),
    dev,
    why,
  }),
);

/** Records a routing decision in the words of `ip route`. */
export function noteRoute(world: World, ns: NetNs, packet: Packet, result: RouteKind, route: Found): void {
  if (world.trace.off) return;
  const dev = ns.links.get(route.dev)?.name ?? '';
  note(world, ns, packet, ROUTE, result, route.table, route.route?.dst ?? null, route.gateway, dev, route.type);
}

export interface OutputOptions {
  /** Bound to a device. */
  oif?: number;
  /** May be fragmented here although DF is set on it (IP_MTU_DISCOVER want). */
  ignoreDf?: boolean;
  /** What was learned of the path does not count (IP_MTU_DISCOVER probe). */
  probe?: boolean;
  /** IPv6, which has no such bit: may not be fragmented (IPV6_MTU_DISCOVER do). */
  dontFragment?: boolean;
  /** No copy for this host of what goes to a group (IP_MULTICAST_LOOP). */
  noLoop?: boolean;
}

/**
 * Sends a packet made on this host: route, OUTPUT, POSTROUTING, neighbour, device. A zero source is filled in.
 * Answers an errno name as sendmsg(2) would: ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, EPERM (a rule dropped it),
 * EMSGSIZE, ENOBUFS; or null.
 */
export function ipOutput(world: World, ns: NetNs, packet: Packet, opts: OutputOptions = {}): string | null {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const six = typeof ip.dst === 'bigint';
  let route: RouteResult =
    quickRoute(world, ns, ip.dst, ip.src, opts.oif, true) ?? lookupRoute(world, ns, outputFlow(ns, packet, opts));
  if (!route.ok) {
    const { errno } = route;
    count(ns, six ? 'Ip6.OutNoRoutes' : 'Ip.OutNoRoutes');
    drop(world, ns, packet, 'IP_OUTNOROUTES', () => `no route to ${formatIp(ip.dst)}: ${errno}`);
    return errno;
  }
  if (ip.src === 0 || ip.src === 0n) ip.src = route.src;
  if (ip.df && opts.ignoreDf && ns.pmtu.size > 0 && ns.pmtu.get(ip.dst)?.locked) ip.df = false;
  const mtu = opts.probe ? (ns.links.get(route.dev)?.mtu ?? route.mtu) : route.mtu;
  if (((ip.df && !opts.ignoreDf) || opts.dontFragment) && ipLength(packet) > mtu) {
    drop(
      world,
      ns,
      packet,
      'PKT_TOO_BIG',
      () => `${ipLength(packet)} bytes, DF is set and the MTU of the path is ${mtu}`,
    );
    return 'EMSGSIZE';
  }
  noteRoute(world, ns, packet, route.type === 'local' ? 'local' : 'output', route);
  ns.snmp.bump(six ? IP6_OUT_REQUESTS : IP_OUT_REQUESTS);
  const out = ns.links.get(route.dev);
  if (!out) return 'ENETUNREACH';
  if (ip.rr && ip.rr.length < 9 && typeof ip.src === 'number') ip.rr.push(ip.src);
  if (out.master && !vrfOutput(world, ns, out, packet)) return 'EPERM';
  const { dst, src, tos } = ip;
  const { mark } = packet;
  const verdict = runHook(world, ns, six ? 'ip6' : 'ip', 'OUTPUT', packet, null, out);
  if (verdict !== 'ACCEPT') return verdict === 'DROP' ? 'EPERM' : null;
  const after = packet.ip as NonNullable<Packet['ip']>;
  if (after.dst !== dst || after.src !== src || packet.mark !== mark || after.tos !== tos) {
    // ip_route_me_harder(): DNAT or a mark may lead elsewhere. A source that is not this host's is looked up as if received.
    const again = lookupRoute(world, ns, outputFlow(ns, packet, opts));
    if (!again.ok) {
      const { errno } = again;
      drop(
        world,
        ns,
        packet,
        'IP_OUTNOROUTES',
        () => `no route to ${formatIp(after.dst)} after OUTPUT changed the packet: ${errno}`,
      );
      return errno;
    }
    if (again.dev !== route.dev || after.dst !== dst)
      noteRoute(world, ns, packet, again.type === 'local' ? 'local' : 'output', again);
    route = again;
  }
  return ipFinish(world, ns, packet, route, {
    mtu,
    local: true,
    ignoreDf: opts.ignoreDf === true,
    noLoop: opts.noLoop === true,
  });
}

/** A reset or error sent in another's name has a source that is not this host's: it does not take part in the lookup. */
function outputFlow(ns: NetNs, packet: Packet, opts: OutputOptions): Flow {
  const flow = flowOf(packet, opts);
  const { src } = flow;
  if (src && !isLocalAddress(ns, src) && !(typeof src === 'number' && src >>> 24 === 127))
    flow.src = typeof src === 'bigint' ? 0n : 0;
  return flow;
}

/** POSTROUTING, fragmentation, neighbour: from ip_output() on. `mtu` is that of the path. */
export function ipFinish(
  world: World,
  ns: NetNs,
  packet: Packet,
  route: Found,
  opts: { mtu: number; local: boolean; ignoreDf?: boolean; noLoop?: boolean; inDev?: Link },
): string | null {
  const out = ns.links.get(route.dev);
  if (!out) return 'ENETUNREACH';
  const six = typeof packet.ip?.dst === 'bigint';
  if (runHook(world, ns, six ? 'ip6' : 'ip', 'POSTROUTING', packet, null, out) === 'DROP') return 'EPERM';
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const nexthop: Ip = route.gateway ?? ip.dst;
  const broadcast = route.type === 'broadcast';
  if (opts.local && (broadcast || (isMulticast(ip.dst) && !opts.noLoop))) loopBack(world, ns, out, packet, broadcast);
  if (ipLength(packet) <= opts.mtu) {
    if (!six) ns.snmp.bump(IP_OUT_TRANSMITS);
    return neighOutput(world, ns, out, nexthop, packet, broadcast);
  }
  // A router never cuts IPv6 packets, but for those that it has put together itself.
  const again = packet.fragMax !== undefined && packet.fragMax <= opts.mtu;
  if ((ip.df && !opts.ignoreDf) || (six && !opts.local && !again)) {
    count(ns, six ? 'Ip6.FragFails' : 'Ip.FragFails');
    drop(world, ns, packet, 'PKT_TOO_BIG', () => `${ipLength(packet)} bytes, DF is set and the MTU is ${opts.mtu}`);
    if (!opts.local) sendIcmpError(world, ns, packet, six ? 2 : 3, six ? 0 : 4, { mtu: opts.mtu });
    return 'EMSGSIZE';
  }
  const pieces = fragment(packet, Math.min(opts.mtu, packet.fragMax ?? opts.mtu));
  if (!world.trace.off) record(world, ns, packet, { kind: 'fragment', mtu: opts.mtu, pieces: pieces.length });
  count(ns, 'Ip.FragOKs');
  count(ns, 'Ip.FragCreates', pieces.length);
  let error: string | null = null;
  if (!six) count(ns, 'Ip.OutTransmits', pieces.length);
  for (const piece of pieces) error ??= neighOutput(world, ns, out, nexthop, piece, broadcast);
  return error;
}
