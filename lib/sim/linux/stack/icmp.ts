/** Receiving ICMP and ICMPv6: icmp_rcv(), icmpv6_rcv(). */
import { formatIp } from '../../addr/ip.ts';
import { record } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { type IcmpHeader, IPPROTO, makePacket, type Packet } from '../../packet/packet.ts';
import { l3master } from '../link/vrf.ts';
import { isLocalAddress } from '../route/source.ts';
import { icmpErrorToSockets } from '../socket/icmp-error.ts';
import { inetIif } from '../socket/iif.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { Link, NetNs } from '../types.ts';
import { drop } from './drop.ts';
import { ndpReceive } from './ndp.ts';
import { ipOutput } from './output.ts';
import { count } from './snmp.ts';

export { sendIcmpError } from './icmp-error.ts';

/** An ICMP message for this host. */
export function icmpReceive(world: World, ns: NetNs, link: Link, packet: Packet, broadcast: boolean): void {
  const { icmp, ip } = packet;
  if (!icmp || !ip) return;
  const six = ip.proto === IPPROTO.icmp6;
  count(ns, six ? 'Icmp6.InMsgs' : 'Icmp.InMsgs');
  if (icmp.type === (six ? 128 : 8)) {
    count(ns, six ? 'Icmp6.InEchos' : 'Icmp.InEchos');
    echoReply(world, ns, packet, icmp, six, broadcast, l3master(ns, link)?.ifindex ?? 0);
  } else if (icmp.type === (six ? 129 : 0)) {
    count(ns, six ? 'Icmp6.InEchoReplies' : 'Icmp.InEchoReps');
    if (!world.trace.off) record(world, ns, packet, { kind: 'deliver', socket: `icmp id ${icmp.id ?? 0}` });
  } else if (icmp.quoted) {
    if (!six && icmp.type === 3) count(ns, 'Icmp.InDestUnreachs');
    if (!six && icmp.type === 11) count(ns, 'Icmp.InTimeExcds');
    if (!world.trace.off) record(world, ns, packet, { kind: 'deliver', socket: 'icmp error' });
    icmpErrorToSockets(world, ns, inetIif(ns, link, packet), packet);
  } else if (six && icmp.type >= 133 && icmp.type <= 137) ndpReceive(world, ns, link, packet, icmp);
}

function echoReply(
  world: World,
  ns: NetNs,
  packet: Packet,
  icmp: IcmpHeader,
  six: boolean,
  broadcast: boolean,
  domain: number,
): void {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  if (sysctlNum(ns, six ? 'net.ipv6.icmp.echo_ignore_all' : 'net.ipv4.icmp_echo_ignore_all') !== 0) {
    drop(world, ns, packet, 'NOT_SPECIFIED', () => 'echo requests are ignored (icmp_echo_ignore_all)');
    return;
  }
  if (broadcast && !six && sysctlNum(ns, 'net.ipv4.icmp_echo_ignore_broadcasts') !== 0) {
    drop(
      world,
      ns,
      packet,
      'INVALID_PROTO',
      () => 'echo requests to broadcast addresses are ignored (icmp_echo_ignore_broadcasts)',
    );
    return;
  }
  if (!world.trace.off) record(world, ns, packet, { kind: 'deliver', socket: `icmp echo at ${formatIp(ip.dst)}` });
  const answer: IcmpHeader = { type: six ? 129 : 0, code: 0 };
  if (icmp.id !== undefined) answer.id = icmp.id;
  if (icmp.seq !== undefined) answer.seq = icmp.seq;
  const own = !broadcast && isLocalOrLoopback(ns, ip.dst);
  const reply = makePacket({
    id: world.next.packet++,
    ip: {
      src: own ? ip.dst : six ? 0n : 0,
      dst: ip.src,
      ttl: sysctlNum(ns, six ? 'net.ipv6.conf.default.hop_limit' : 'net.ipv4.ip_default_ttl'),
      proto: ip.proto,
      tos: ip.tos,
      id: (ns.ipId = (ns.ipId + 1) & 0xffff),
      df: false,
      mf: false,
      offset: 0,
    },
    icmp: answer,
    data: packet.data,
    mark: sysctlNum(ns, 'net.ipv4.fwmark_reflect') ? packet.mark : 0,
    iif: 0,
  });
  if (ip.rr) (reply.ip as NonNullable<Packet['ip']>).rr = [...ip.rr];
  count(ns, six ? 'Icmp6.OutMsgs' : 'Icmp.OutMsgs');
  if (!six) count(ns, 'Icmp.OutEchoReps');
  const linkLocal = typeof ip.src === 'bigint' && ip.src >> 118n === 0x3fan;
  ipOutput(world, ns, reply, linkLocal ? { oif: packet.iif } : domain ? { oif: domain } : {});
}

const isLocalOrLoopback = (ns: NetNs, ip: NonNullable<Packet['ip']>['dst']): boolean =>
  isLocalAddress(ns, ip) || (typeof ip === 'number' && ip >>> 24 === 127);
