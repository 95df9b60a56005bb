/** ICMP errors: when they are sent, from which address, what they quote. icmp_send(), icmp6_send(); RFC 1122 3.2.2, RFC 4443 2.4. */
import { formatIp, type Ip, isMulticast } from '../../addr/ip.ts';
import { BROADCAST_MAC, isGroupMac } from '../../addr/mac.ts';
import { record } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { clonePacket, IPPROTO, makePacket, type Packet } from '../../packet/packet.ts';
import { attachConntrack } from '../conntrack/state.ts';
import { l3master } from '../link/vrf.ts';
import { lookupRoute } from '../route/lookup.ts';
import { isLocalAddress } from '../route/source.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { NetNs } from '../types.ts';
import { ipOutput } from './output.ts';
import { peerAllows } from './peer.ts';
import { count } from './snmp.ts';

const isError = (p: Packet): boolean => {
  const { icmp, ip } = p;
  if (!icmp || !ip) return false;
  if (ip.proto === IPPROTO.icmp6) return icmp.type < 128;
  return icmp.type !== 8 && icmp.type !== 0 && icmp.type !== 13 && icmp.type !== 14;
};

/** Words of an error for the trace. */
export function icmpErrorText(six: boolean, type: number, code: number): string {
  if (six)
    return (
      [
        '',
        ['no route', 'prohibited', 'beyond scope', 'address unreachable', 'port unreachable'][code] ?? 'unreachable',
        'packet too big',
        'time exceeded',
      ][type] ?? 'error'
    );
  if (type === 3) {
    return (
      {
        0: 'network unreachable',
        1: 'host unreachable',
        2: 'protocol unreachable',
        3: 'port unreachable',
        4: 'fragmentation needed',
        9: 'network prohibited',
        10: 'host prohibited',
        13: 'packet filtered',
      }[code] ?? 'unreachable'
    );
  }
  return type === 11
    ? code === 0
      ? 'time to live exceeded'
      : 'reassembly time exceeded'
    : type === 5
      ? 'redirect'
      : 'parameter problem';
}

/**
 * Answers `cause` with an ICMP error, when the rules allow one: not for errors, later fragments, broadcasts or group
 * addresses, and within the rate limits. `from` overrides the sender's address.
 */
export function sendIcmpError(
  world: World,
  ns: NetNs,
  cause: Packet,
  type: number,
  code: number,
  extra: { mtu?: number; from?: Ip; gateway?: Ip } = {},
): void {
  const { ip, eth } = cause;
  if (ip?.offset !== 0 || isError(cause)) return;
  const six = typeof ip.dst === 'bigint';
  if (eth && isGroupMac(eth.dst) && eth.dst !== BROADCAST_MAC && !six) return;
  if (
    eth?.dst === BROADCAST_MAC ||
    (isMulticast(ip.dst) && !(six && type === 2)) ||
    isMulticast(ip.src) ||
    ip.src === 0 ||
    ip.src === 0n
  )
    return;
  if (!six && isBroadcast(world, ns, ip.dst)) return;
  if (!allowed(world, ns, ip.src, type, code, six)) {
    count(ns, six ? 'Icmp6.OutRateLimitHost' : 'Icmp.OutRateLimitHost');
    return;
  }
  const src = extra.from ?? (isLocalAddress(ns, ip.dst) ? ip.dst : null);
  const quoted = clonePacket(cause);
  quoted.eth = undefined;
  const message = makePacket({
    id: world.next.packet++,
    ip: {
      src: src ?? (six ? 0n : 0),
      dst: ip.src,
      ttl: sysctlNum(ns, six ? 'net.ipv6.conf.default.hop_limit' : 'net.ipv4.ip_default_ttl'),
      proto: six ? IPPROTO.icmp6 : IPPROTO.icmp,
      tos: six ? 0 : (ip.tos & 0x1e) | 0xc0,
      id: six ? 0 : (ns.ipId = (ns.ipId + 1) & 0xffff),
      df: false,
      mf: false,
      offset: 0,
    },
    icmp: { type, code, quoted },
    data: '',
    mark: sysctlNum(ns, 'net.ipv4.fwmark_reflect') ? cause.mark : 0,
    iif: 0,
  });
  const icmp = message.icmp as NonNullable<Packet['icmp']>;
  if (extra.mtu !== undefined) icmp.mtu = extra.mtu;
  if (extra.gateway !== undefined) icmp.gateway = extra.gateway;
  count(ns, six ? 'Icmp6.OutMsgs' : 'Icmp.OutMsgs');
  if (!six && type === 3) count(ns, 'Icmp.OutDestUnreachs');
  if (!six && type === 11) count(ns, 'Icmp.OutTimeExcds');
  if (!world.trace.off) {
    record(world, ns, cause, {
      kind: 'icmp-error',
      type,
      code,
      to: formatIp(ip.src),
      text: icmpErrorText(six, type, code),
    });
  }
  // The error belongs to the connection it is about, so that NAT is undone on its way.
  attachConntrack(message, cause);
  const domain = l3master(ns, ns.links.get(cause.iif));
  ipOutput(world, ns, message, domain ? { oif: domain.ifindex } : {});
}

function isBroadcast(world: World, ns: NetNs, dst: Ip): boolean {
  const route = lookupRoute(world, ns, { dst });
  return route.ok && route.type === 'broadcast';
}

function allowed(world: World, ns: NetNs, peer: Ip, type: number, code: number, six: boolean): boolean {
  if (isLocalAddress(ns, peer)) return true;
  if (six) return type === 2 || peerAllows(world, ns, peer, sysctlNum(ns, 'net.ipv6.icmp.ratelimit'));
  if (type === 3 && code === 4) return true;
  if (((sysctlNum(ns, 'net.ipv4.icmp_ratemask') >> type) & 1) === 0) return true;
  return peerAllows(world, ns, peer, sysctlNum(ns, 'net.ipv4.icmp_ratelimit'));
}
