/** IP in IP: ipip_tunnel_xmit(), ipip_rcv(), ip_tunnel_lookup(). RFC 2003. */
import { formatIp, type Ip } from '../../addr/ip.ts';
import { record } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { clonePacket, IPPROTO, ipLength, makePacket, type Packet } from '../../packet/packet.ts';
import { type TunnelData, tunnelOf } from '../link/tunnel.ts';
import { lookupRoute } from '../route/lookup.ts';
import type { Link, NetNs } from '../types.ts';
import { drop } from './drop.ts';
import { sendIcmpError } from './icmp-error.ts';
import { ipOutput } from './output.ts';
import { learnMtu } from './pmtu.ts';
import { queueRx } from './softirq.ts';
import { countTx } from './stats.ts';

const underlay = (world: World, ns: NetNs, link: Link): NetNs =>
  link.lowerNs === undefined ? ns : (world.netns.get(link.lowerNs) ?? ns);

/** The outer header. */
const OVERHEAD = 20;

/** Wraps an IP packet. Without a remote end the next hop's address is the other end, as Calico's tunl0 uses it. */
export function tunnelSend(world: World, ns: NetNs, link: Link, packet: Packet): void {
  const data = tunnelOf(link) as TunnelData;
  const ip = packet.ip as NonNullable<Packet['ip']>;
  if (typeof ip.dst !== 'number') {
    link.stats.txErrors++;
    return;
  }
  const at = underlay(world, ns, link);
  let remote: Ip = data.remote;
  if (remote === 0) {
    const route = lookupRoute(world, ns, { dst: ip.dst });
    remote = route.ok && route.dev === link.ifindex ? (route.gateway ?? ip.dst) : ip.dst;
  }
  const oif = link.lower;
  const route = lookupRoute(world, at, oif ? { dst: remote, src: data.local, oif } : { dst: remote, src: data.local });
  if (!route.ok || (at === ns && route.dev === link.ifindex)) {
    link.stats.txErrors++;
    if (route.ok) link.stats.collisions++;
    else link.stats.txCarrier++;
    drop(world, ns, packet, 'IP_OUTNOROUTES', () => `${link.name}: no way to the other end ${formatIp(remote)}`);
    // dst_link_failure(): whoever sent it hears that the host cannot be reached.
    sendIcmpError(world, ns, packet, 3, 1);
    return;
  }
  // tnl_update_pmtu(): every packet notes what the tunnel takes.
  const own = lookupRoute(world, ns, { dst: ip.dst });
  const room = data.pmtudisc ? route.mtu - OVERHEAD : own.ok ? own.mtu : link.mtu;
  learnMtu(world, ns, ip.dst, room);
  if (ip.df && ipLength(packet) > room) {
    drop(
      world,
      ns,
      packet,
      'PKT_TOO_BIG',
      () => `${link.name}: ${ipLength(packet)} bytes with DF set, the tunnel takes ${room}`,
    );
    link.stats.txErrors++;
    sendIcmpError(world, ns, packet, 3, 4, { mtu: room });
    return;
  }
  countTx(link, packet);
  packet.ct = undefined;
  const outer = makePacket({
    id: packet.id,
    ip: {
      src: data.local || route.src,
      dst: remote,
      ttl: data.ttl || ip.ttl,
      proto: IPPROTO.ipip,
      tos: ip.tos,
      id: (at.ipId = (at.ipId + 1) & 0xffff),
      df: data.pmtudisc || ip.df,
      mf: false,
      offset: 0,
    },
    data: '',
    inner: packet,
    mark: packet.mark,
    iif: 0,
  });
  if (!world.trace.off) {
    record(world, ns, packet, {
      kind: 'encap',
      dev: link.name,
      outer: `${formatIp((outer.ip as NonNullable<Packet['ip']>).src)} > ${formatIp(remote)} ipip`,
      how: data.remote ? 'remote end' : 'next hop',
    });
  }
  ipOutput(world, at, outer, oif ? { oif } : {});
}

/** Unwraps: the tunnel with both ends comes first, the fallback device last. True when a device took it. */
export function tunnelReceive(world: World, ns: NetNs, packet: Packet): boolean {
  const { ip, inner } = packet;
  if (!ip || !inner) return false;
  const tunnels = [...ns.links.values()].filter((l) => l.kind === 'ipip' && l.up);
  const fits = (l: Link, local: boolean, remote: boolean): boolean => {
    const data = tunnelOf(l) as TunnelData;
    return data.local === (local ? ip.dst : 0) && data.remote === (remote ? ip.src : 0);
  };
  const to =
    tunnels.find((l) => fits(l, true, true)) ??
    tunnels.find((l) => fits(l, false, true)) ??
    tunnels.find((l) => fits(l, true, false)) ??
    tunnels.find((l) => fits(l, false, false));
  if (!to) return false;
  if (!world.trace.off) record(world, ns, inner, { kind: 'decap', dev: to.name, how: `IPIP from ${formatIp(ip.src)}` });
  const frame = clonePacket(inner);
  frame.ct = undefined;
  frame.eth = undefined;
  frame.mark = packet.mark;
  queueRx(world, ns, to, frame, 3);
  return true;
}
