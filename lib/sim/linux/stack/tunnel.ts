/** Sending and receiving by IP tunnels: ip_tunnel_xmit(), ip_tunnel_rcv(), ip_tunnel_lookup(). RFC 2003, 2784, 2890. */
import { formatIp, type Ip } from '../../addr/ip.ts';
import { record } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { clonePacket, IPPROTO, ipLength, makePacket, type Packet } from '../../packet/packet.ts';
import { GRE_CSUM, GRE_KEY, GRE_SEQ, type TunnelData, tunnelOf, tunnelOverhead } from '../link/tunnel.ts';
import { lookupRoute } from '../route/lookup.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { Link, NetNs } from '../types.ts';
import { drop } from './drop.ts';
import { sendIcmpError } from './icmp-error.ts';
import { ipOutput } from './output.ts';
import { learnMtu } from './pmtu.ts';
import { queueRx } from './softirq.ts';
import { countTx } from './stats.ts';

const underlay = (world: World, ns: NetNs, link: Link): NetNs =>
  link.lowerNs === undefined ? ns : (world.netns.get(link.lowerNs) ?? ns);

/** The other end: the tunnel's, or for IPIP without one the next hop's address, as Calico's tunl0 uses it. */
function remoteEnd(world: World, ns: NetNs, link: Link, data: TunnelData, ip: Packet['ip']): Ip | null {
  if (data.remote) return data.remote;
  // GRE would ask the neighbour table for the other end's address, and finds none there.
  if (data.type !== 'ipip' || typeof ip?.dst !== 'number') return null;
  const route = lookupRoute(world, ns, { dst: ip.dst });
  return route.ok && route.dev === link.ifindex ? (route.gateway ?? ip.dst) : ip.dst;
}

/** The outer TOS: the tunnel's or the inner packet's, with the inner ECN bits (INET_ECN_encapsulate). */
function outerTos(data: TunnelData, ip: Packet['ip']): number {
  const tos = data.tos & 1 ? ((data.tos & ~1) | (ip?.tos ?? 0)) & 0xff : data.tos;
  return (tos & ~3) | ((ip?.tos ?? 0) & 3);
}

/** Wraps an inner packet and sends it to the other end. */
export function tunnelSend(world: World, ns: NetNs, link: Link, packet: Packet): void {
  const data = tunnelOf(link) as TunnelData;
  const { ip } = packet;
  if ((data.type === 'ipip' && typeof ip?.dst !== 'number') || data.type === 'erspan') {
    link.stats.txErrors++;
    if (data.type === 'erspan')
      drop(world, ns, packet, 'NOT_SPECIFIED', () => 'flatnet: not modelled: sending by erspan devices');
    return;
  }
  const at = underlay(world, ns, link);
  const remote = remoteEnd(world, ns, link, data, ip);
  const oif = link.lower;
  const flow = { dst: remote ?? 0, src: data.local, mark: data.fwmark };
  const route = remote === null ? null : lookupRoute(world, at, oif ? { ...flow, oif } : flow);
  if (remote === null || !route?.ok || (at === ns && route.dev === link.ifindex)) {
    link.stats.txErrors++;
    if (route?.ok) link.stats.collisions++;
    else if (route) link.stats.txCarrier++;
    const to = remote === null ? 'any' : formatIp(remote);
    drop(world, ns, packet, 'IP_OUTNOROUTES', () => `${link.name}: no way to the other end ${to}`);
    // dst_link_failure(): whoever sent it hears that the host cannot be reached.
    if (ip && remote !== null) sendIcmpError(world, ns, packet, 3, 1);
    return;
  }
  const df = data.pmtudisc || (!data.ignoreDf && (ip?.df ?? false));
  if (ip && !fits(world, ns, link, data, packet, df ? route.mtu - tunnelOverhead(data) : null)) return;
  countTx(link, packet);
  packet.ct = undefined;
  const outer = makePacket({
    id: packet.id,
    ip: {
      src: data.local || route.src,
      dst: remote,
      ttl: data.ttl || ip?.ttl || sysctlNum(at, 'net.ipv4.ip_default_ttl'),
      proto: data.type === 'ipip' ? IPPROTO.ipip : IPPROTO.gre,
      tos: outerTos(data, ip),
      id: (at.ipId = (at.ipId + 1) & 0xffff),
      df,
      mf: false,
      offset: 0,
    },
    data: '',
    inner: packet,
    mark: packet.mark,
    iif: 0,
  });
  if (data.type !== 'ipip') {
    outer.gre = { flags: data.oflags, key: data.okey, seq: data.oseq };
    if (data.oflags & GRE_SEQ) data.oseq = (data.oseq + 1) >>> 0;
  }
  if (!world.trace.off) {
    record(world, ns, packet, {
      kind: 'encap',
      dev: link.name,
      outer: `${formatIp((outer.ip as NonNullable<Packet['ip']>).src)} > ${formatIp(remote)} ${data.type}`,
      how: data.remote ? 'remote end' : 'next hop',
    });
  }
  ipOutput(world, at, outer, oif ? { oif } : data.fwmark ? { oif: route.dev } : {});
}

/** tnl_update_pmtu(): every packet notes what the tunnel takes; one that is too large and must stay whole goes no further. */
function fits(world: World, ns: NetNs, link: Link, data: TunnelData, packet: Packet, room: number | null): boolean {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  // Frames that a bridge passes on have no route of this host's.
  const routed = !packet.eth || packet.eth.src === link.mac;
  const own = room === null && routed ? lookupRoute(world, ns, { dst: ip.dst }) : null;
  const mtu = room ?? (own?.ok ? own.mtu : link.mtu);
  if (routed) learnMtu(world, ns, ip.dst, mtu);
  if (typeof ip.dst !== 'number' || !ip.df || ipLength(packet) <= mtu) return true;
  drop(
    world,
    ns,
    packet,
    'PKT_TOO_BIG',
    () => `${link.name}: ${ipLength(packet)} bytes with DF set, the tunnel (${data.type}) takes ${mtu}`,
  );
  link.stats.txErrors++;
  sendIcmpError(world, ns, packet, 3, 4, { mtu });
  return false;
}

/** ip_tunnel_key_match. */
function keyMatches(data: TunnelData, gre: Packet['gre']): boolean {
  const carried = !!gre && (gre.flags & GRE_KEY) !== 0;
  if (!(data.iflags & GRE_KEY)) return !carried;
  return carried && gre.key === data.ikey;
}

/** The device a packet is for: both ends, then the other end, then this end, then the key alone; the fallback last. */
function receiver(ns: NetNs, packet: Packet, kinds: readonly string[]): Link | undefined {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const tunnels = [...ns.links.values()].filter((l) => kinds.includes(l.kind) && l.up);
  const own = tunnels.filter((l) => keyMatches(tunnelOf(l) as TunnelData, packet.gre));
  const fits = (local: boolean, remote: boolean) =>
    own.find((l) => {
      const data = tunnelOf(l) as TunnelData;
      return data.local === (local ? ip.dst : 0) && data.remote === (remote ? ip.src : 0);
    });
  return (
    fits(true, true) ??
    fits(false, true) ??
    fits(true, false) ??
    fits(false, false) ??
    tunnels.find((l) => (tunnelOf(l) as TunnelData).fallback)
  );
}

/** What __ip_tunnel_rcv refuses: a checksum given and not wanted or the reverse, a number out of sequence. */
function refused(data: TunnelData, link: Link, gre: NonNullable<Packet['gre']>): string | null {
  if ((gre.flags & GRE_CSUM) !== (data.iflags & GRE_CSUM)) {
    link.stats.rxErrors++;
    return 'one end wants checksums, the other does not';
  }
  if (data.iflags & GRE_SEQ) {
    if (!(gre.flags & GRE_SEQ) || (data.iseq !== 0 && ((gre.seq - data.iseq) | 0) < 0)) {
      link.stats.rxErrors++;
      return `sequence number ${gre.seq} where ${data.iseq} or more is expected`;
    }
    data.iseq = (gre.seq + 1) >>> 0;
  }
  return null;
}

/** Unwraps and hands the inner packet to its device. True when a device took it. */
export function tunnelReceive(world: World, ns: NetNs, packet: Packet): boolean {
  const { ip, inner } = packet;
  if (!ip || !inner) return false;
  const to = receiver(ns, packet, ip.proto === IPPROTO.ipip ? ['ipip'] : inner.eth ? ['gretap'] : ['gre']);
  if (!to) return false;
  if (packet.gre) {
    const why = refused(tunnelOf(to) as TunnelData, to, packet.gre);
    if (why) {
      drop(world, ns, packet, 'NOT_SPECIFIED', () => `${to.name}: ${why}`);
      return true;
    }
  }
  if (!world.trace.off)
    record(world, ns, inner, {
      kind: 'decap',
      dev: to.name,
      how: `${ip.proto === IPPROTO.ipip ? 'IPIP' : 'GRE'} from ${formatIp(ip.src)}`,
    });
  const frame = clonePacket(inner);
  frame.ct = undefined;
  frame.mark = packet.mark;
  queueRx(world, ns, to, frame, 3);
  return true;
}
