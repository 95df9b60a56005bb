/** Building and sending what sockets send. */
import { formatIp, type Ip, isMulticast } from '../../addr/ip.ts';
import { note, stepKind } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import {
  type DnsMessage,
  type IcmpHeader,
  IPPROTO,
  type IpHeader,
  ipLength,
  makePacket,
  type Packet,
} from '../../packet/packet.ts';
import { type Flow, lookupRoute } from '../route/lookup.ts';
import { quickRoute } from '../route/quick.ts';
import { UDP_OUT_DATAGRAMS } from '../snmp.ts';
import { ipOutput, type OutputOptions } from '../stack/output.ts';
import { count } from '../stack/snmp.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { NetNs, SockAddr, Socket } from '../types.ts';
import { anyAddress, ephemeralPort, nsOf, score } from './socket.ts';

/** The IP header of a packet from a socket. */
export function socketHeader(ns: NetNs, socket: Socket, src: Ip, dst: Ip, proto: number): IpHeader {
  const six = typeof dst === 'bigint';
  ns.ipId = (ns.ipId + 1) & 0xffff;
  return {
    src,
    dst,
    ttl: socket.ttl || sysctlNum(ns, six ? 'net.ipv6.conf.default.hop_limit' : 'net.ipv4.ip_default_ttl'),
    proto,
    tos: socket.tos,
    id: ns.ipId,
    df: !six && socket.pmtudisc !== 'dont',
    mf: false,
    offset: 0,
  };
}

const SEND = stepKind((socket: number, argv: string) => ({
  kind: 'send',
  socket,
  program: argv.slice(argv.lastIndexOf('/') + 1),
}));

/** Whether a process holds the socket; a SYN-ACK is sent by the one that listens. */
const isHeld = ({ tcp }: Socket): boolean =>
  !tcp || (!tcp.options.orphan && (tcp.parent === 0 || tcp.state === 'SYN_RECV'));

/** Sends a packet that a socket made; notes who sent it. Errors of the moment are those of sendmsg(2). */
export function socketOutput(world: World, ns: NetNs, socket: Socket, packet: Packet): string | null {
  if (!world.trace.off) {
    const argv = world.hosts.get(ns.host)?.processes.get(socket.pid)?.argv[0] ?? 'kernel';
    note(world, ns, packet, SEND, socket.id, argv);
  }
  if (isHeld(socket)) packet.sender = socket.pid;
  const opts: OutputOptions = {
    ignoreDf: socket.pmtudisc === 'want' || socket.pmtudisc === 'dont',
  };
  if (socket.dev !== 0) opts.oif = socket.dev;
  if (typeof packet.ip?.dst === 'bigint' && (socket.pmtudisc === 'do' || socket.pmtudisc === 'probe'))
    opts.dontFragment = true;
  if (socket.pmtudisc === 'probe') opts.probe = true;
  if (socket.noLoop) opts.noLoop = true;
  const error = ipOutput(world, ns, packet, opts);
  if (error === 'EMSGSIZE') noteTooBig(world, ns, socket, packet, opts.oif);
  return error;
}

/** ip_local_error(): the error queue tells the path's MTU. */
function noteTooBig(world: World, ns: NetNs, socket: Socket, packet: Packet, oif: number | undefined): void {
  const ip = packet.ip as IpHeader;
  const route = lookupRoute(world, ns, oif ? { dst: ip.dst, oif } : { dst: ip.dst });
  const device = route.ok && socket.pmtudisc === 'probe' ? ns.links.get(route.dev)?.mtu : undefined;
  const mtu = device ?? (route.ok ? route.mtu : ipLength(packet));
  socket.errq.push({
    errno: 'EMSGSIZE',
    from: anyAddress(socket.family),
    type: -1,
    code: 0,
    mtu,
    quoted: packet,
    at: world.now,
  });
}

/** The pending error of a socket, taken off it: what any system call on it reports first. */
export function takeError(socket: Socket): string | null {
  const { error } = socket;
  socket.error = null;
  return error;
}

/**
 * sendto(2) for UDP. Takes a port when none is bound. Answers an errno name or null; a pending error (ECONNREFUSED …) is
 * reported instead of sending.
 */
export function sendTo(
  world: World,
  socket: Socket,
  to: SockAddr,
  data: string,
  extra: { dns?: DnsMessage } = {},
): string | null {
  const ns = nsOf(world, socket);
  if (!ns) return 'EBADF';
  const pending = takeError(socket);
  if (pending) return pending;
  if (data.length > 65507) return 'EMSGSIZE';
  to = { ip: reachable(socket, to.ip), port: to.port };
  const route =
    quickRoute(world, ns, to.ip, socket.local.ip, socket.dev || undefined, true) ??
    lookupRoute(world, ns, socketFlow(socket, to));
  if (!route.ok) return route.errno;
  if (route.type === 'broadcast' && !socket.broadcast) return 'EACCES';
  if (socket.local.port === 0) {
    const port = ephemeralPort(world, ns, socket, socket.local.ip);
    if (port === null) return 'EAGAIN';
    socket.local.port = port;
  }
  const src =
    socket.local.ip === anyAddress(socket.family) ? anyAddress(typeof to.ip === 'bigint' ? 6 : 4) : socket.local.ip;
  const packet = makePacket({
    id: world.next.packet++,
    ip: socketHeader(ns, socket, src, to.ip, IPPROTO.udp),
    udp: { sport: socket.local.port, dport: to.port },
    data,
    mark: socket.mark,
    iif: 0,
  });
  if (extra.dns) packet.dns = extra.dns;
  ns.snmp.bump(UDP_OUT_DATAGRAMS);
  const error = socketOutput(world, ns, socket, packet);
  // Without IP_RECVERR a full device queue is nobody's concern.
  return error === 'ENOBUFS' && !socket.recverr ? null : error;
}

/** Bytes an IPv4 packet can have. */
const MAX_DATAGRAM = 65535;

/** Sends an ICMP message by a raw or ICMP socket: ping's sendmsg(2). */
export function sendIcmp(
  world: World,
  socket: Socket,
  dst: Ip,
  icmp: IcmpHeader,
  data: string,
  rr = false,
): string | null {
  const ns = nsOf(world, socket);
  if (!ns) return 'EBADF';
  const pending = takeError(socket);
  if (pending) return pending;
  if (data.length + 8 > MAX_DATAGRAM && typeof dst === 'number') return 'EMSGSIZE';
  const src =
    socket.local.ip === anyAddress(socket.family) ? anyAddress(typeof dst === 'bigint' ? 6 : 4) : socket.local.ip;
  const ip = socketHeader(ns, socket, src, dst, typeof dst === 'bigint' ? IPPROTO.icmp6 : IPPROTO.icmp);
  if (rr) ip.rr = [];
  const packet = makePacket({ id: world.next.packet++, ip, icmp, data, mark: socket.mark, iif: 0 });
  if (data.length + (typeof dst === 'bigint' ? 8 : 28) > MAX_DATAGRAM) {
    noteTooBig(world, ns, socket, packet, socket.dev || undefined);
    return 'EMSGSIZE';
  }
  if (typeof dst === 'number') {
    // __ip_make_skb() counts what raw sockets send with the kernel's own messages.
    count(ns, 'Icmp.OutMsgs');
    if (icmp.type === 8) count(ns, 'Icmp.OutEchos');
  }
  const error = socketOutput(world, ns, socket, packet);
  return error === 'ENOBUFS' && !socket.recverr ? null : error;
}

/** The unspecified address as a destination: this host, by its own address or by loopback (ip_route_output_key_hash_rcu). */
function reachable(socket: Socket, ip: Ip): Ip {
  if (ip === 0) return socket.local.ip || 0x7f000001;
  return ip === 0n ? socket.local.ip || 1n : ip;
}

/** connect(2) for UDP: fixes the other end and the source address. ENETUNREACH and the like, or null. */
export function connectDatagram(world: World, socket: Socket, to: SockAddr): string | null {
  const ns = nsOf(world, socket);
  if (!ns) return 'EBADF';
  to = { ip: reachable(socket, to.ip), port: to.port };
  const route = lookupRoute(world, ns, socketFlow(socket, to));
  if (!route.ok) return to.ip === 1n && route.errno === 'ENETUNREACH' ? 'EADDRNOTAVAIL' : route.errno;
  if (route.type === 'broadcast' && !socket.broadcast) return 'EACCES';
  // ip_route_connect asks again with the source it found, and a group is none.
  if (typeof route.src === 'number' && isMulticast(route.src)) return 'EINVAL';
  if (socket.local.ip === anyAddress(socket.family)) socket.local = { ip: route.src, port: socket.local.port };
  if (socket.local.port === 0) {
    const port = ephemeralPort(world, ns, socket, socket.local.ip);
    if (port === null) return 'EAGAIN';
    socket.local.port = port;
  }
  socket.remote = { ip: to.ip, port: to.port };
  return null;
}

/** flowi4_init_output(): what rules may ask of a datagram that a socket sends. */
function socketFlow(socket: Socket, to: SockAddr): Flow {
  const { mark, tos } = socket;
  const flow: Flow = { dst: to.ip, src: socket.local.ip, mark, tos };
  flow.proto = socket.kind === 'udp' ? IPPROTO.udp : socket.proto;
  if (socket.kind === 'udp') Object.assign(flow, { sport: socket.local.port, dport: to.port });
  if (socket.dev) flow.oif = socket.dev;
  return flow;
}

/** The UDP socket a datagram is for, or undefined. */
export function udpSocket(
  ns: NetNs,
  dst: Ip,
  dport: number,
  src: Ip,
  sport: number,
  dev: number,
  sdif = 0,
): Socket | undefined {
  let best: Socket | undefined;
  let points = -1;
  for (const socket of ns.sockets.values()) {
    if (socket.kind !== 'udp') continue;
    const s = score(ns, socket, dst, dport, src, sport, dev, sdif);
    if (s > points) {
      best = socket;
      points = s;
    }
  }
  return best;
}

/** A socket in words for traces. */
export const socketText = (socket: Pick<Socket, 'kind' | 'local'>): string =>
  `${socket.kind} ${formatIp(socket.local.ip)}:${socket.local.port}`;

/** A packet reached a socket. An address is not changed in place: it can be noted as it is. */
export const DELIVERED = stepKind((kind: Socket['kind'], local: SockAddr) => ({
  kind: 'deliver',
  socket: socketText({ kind, local }),
}));
