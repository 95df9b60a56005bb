/** What an ICMP error does to sockets: icmp_unreach() and the protocols' err_handlers; path MTU discovery. */
import type { Ip } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { type IcmpHeader, IPPROTO, type Packet } from '../../packet/packet.ts';
import { learnMtu } from '../stack/pmtu.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { NetNs, Socket } from '../types.ts';
import { findAssociation, sctpError } from './sctp.ts';
import { udpSocket } from './send.ts';
import { tcpError } from './tcp/error.ts';
import { findConnection } from './tcp/lookup.ts';

/** icmp_err_convert: errno by code of "destination unreachable", and whether it is fatal to sockets without IP_RECVERR. */
const UNREACHABLE: readonly [string, boolean][] = [
  ['ENETUNREACH', false],
  ['EHOSTUNREACH', false],
  ['ENOPROTOOPT', true],
  ['ECONNREFUSED', true],
  ['EMSGSIZE', false],
  ['EOPNOTSUPP', false],
  ['ENETUNREACH', true],
  ['EHOSTDOWN', true],
  ['ENONET', true],
  ['ENETUNREACH', true],
  ['EHOSTUNREACH', true],
  ['ENETUNREACH', false],
  ['EHOSTUNREACH', false],
  ['EHOSTUNREACH', true],
  ['EHOSTUNREACH', true],
  ['EHOSTUNREACH', true],
];
/** icmpv6_err_convert's tab_unreach. */
const UNREACHABLE6: readonly [string, boolean][] = [
  ['ENETUNREACH', false],
  ['EACCES', true],
  ['EHOSTUNREACH', false],
  ['EHOSTUNREACH', false],
  ['ECONNREFUSED', true],
  ['EACCES', true],
  ['EACCES', true],
];
/** Errors a socket keeps unread. */
const ERROR_QUEUE = 64;

function convert(icmp: IcmpHeader, six: boolean): [string, boolean] {
  if (six) {
    if (icmp.type === 1) return UNREACHABLE6[icmp.code] ?? ['EPROTO', true];
    if (icmp.type === 2) return ['EMSGSIZE', true];
    return icmp.type === 3 ? ['EHOSTUNREACH', false] : ['EPROTO', true];
  }
  if (icmp.type === 3) return UNREACHABLE[icmp.code] ?? ['EHOSTUNREACH', true];
  return icmp.type === 11 ? ['EHOSTUNREACH', false] : ['EPROTO', true];
}

/** Takes an error message, received on device `dev`, to the socket whose packet it quotes. */
export function icmpErrorToSockets(world: World, ns: NetNs, dev: number, packet: Packet): void {
  const { icmp, ip } = packet;
  const quoted = icmp?.quoted;
  const was = quoted?.ip;
  if (!icmp || !ip || !quoted || !was) return;
  const six = ip.proto === IPPROTO.icmp6;
  if (icmp.type === (six ? 137 : 5)) return;
  const tooBig = six ? icmp.type === 2 : icmp.type === 3 && icmp.code === 4;
  const [errno, fatal] = convert(icmp, six);
  const entry = {
    errno,
    from: ip.src,
    type: icmp.type,
    code: icmp.code,
    mtu: icmp.mtu ?? 0,
    ttl: ip.ttl,
    quoted,
    at: world.now,
  };
  if (tooBig && !six) {
    const mode = sysctlNum(ns, 'net.ipv4.ip_no_pmtu_disc');
    // icmp_unreach(): 1 takes the error without its number, 2 not at all, 3 where the protocol can check it.
    if (mode === 2 || (mode === 3 && was.proto !== IPPROTO.tcp)) return;
    if (mode === 1) entry.mtu = 0;
  }
  if (tooBig) learnMtu(world, ns, was.dst, entry.mtu);
  for (const socket of rawSockets(ns, was.proto, was.src, dev, packet.sdif)) {
    if (socket.kind === 'icmp' && quoted.icmp?.id !== socket.local.port) continue;
    queue(socket, entry);
    const hard = tooBig ? socket.pmtudisc !== 'dont' : fatal;
    if (socket.recverr || (hard && socket.remote)) socket.error = errno;
  }
  if (was.proto === IPPROTO.udp && quoted.udp) {
    const socket = udpSocket(ns, was.src, quoted.udp.sport, was.dst, quoted.udp.dport, dev, packet.sdif);
    if (!socket) return;
    queue(socket, entry);
    const hard = tooBig ? socket.pmtudisc !== 'dont' : fatal;
    if (socket.recverr || (hard && socket.remote)) socket.error = errno;
  } else if (was.proto === IPPROTO.tcp && quoted.tcp) {
    const socket = findConnection(ns, was.src, quoted.tcp.sport, was.dst, quoted.tcp.dport);
    if (socket) tcpError(world, ns, socket, errno, tooBig, quoted.tcp.seq);
  } else if (was.proto === IPPROTO.sctp && quoted.udp) {
    const { sport, dport } = quoted.udp;
    const socket = findAssociation(ns, { ip: was.src, port: sport }, { ip: was.dst, port: dport });
    if (socket) sctpError(world, socket, errno);
  }
}

function queue(socket: Socket, entry: Socket['errq'][number]): void {
  if (socket.errq.length < ERROR_QUEUE) socket.errq.push(entry);
}

function rawSockets(ns: NetNs, proto: number, local: Ip, dev: number, sdif = 0): Socket[] {
  const found: Socket[] = [];
  for (const socket of ns.sockets.values()) {
    if (socket.kind !== 'raw' && socket.kind !== 'icmp') continue;
    if (socket.dev !== 0 && socket.dev !== dev && socket.dev !== sdif) continue;
    if (socket.proto === proto && (socket.local.ip === local || socket.local.ip === 0 || socket.local.ip === 0n))
      found.push(socket);
  }
  return found;
}
