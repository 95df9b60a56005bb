/**
 * SCTP's associations: INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, ABORT and the shutdown. One-to-one style sockets without streams of
 * data. Sources: RFC 9260 5, 8.4, 9; net/sctp/sm_statefuns.c.
 */
import { formatIp } from '../../addr/ip.ts';
import { nextU32 } from '../../kernel/rng.ts';
import { cancelTimer, onTimer, setTimer } from '../../kernel/timers.ts';
import { note } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { IPPROTO, makePacket, type Packet, type SctpHeader } from '../../packet/packet.ts';
import { lookupRoute } from '../route/lookup.ts';
import { drop } from '../stack/drop.ts';
import { ipOutput } from '../stack/output.ts';
import { count } from '../stack/snmp.ts';
import type { Link, NetNs, SctpControl, SockAddr, Socket } from '../types.ts';
import { inetIif } from './iif.ts';
import { DELIVERED, socketHeader, socketOutput } from './send.ts';
import { anyAddress, createSocket, ephemeralPort, nsOf, score } from './socket.ts';

/** Chunk types. */
export const CHUNK = {
  init: 1,
  initAck: 2,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
} as const;

/** rto_initial and rto_max in µs, max_init_retransmits (net.sctp). */
const RTO_INITIAL = 3_000_000;
const RTO_MAX = 60_000_000;
const MAX_INIT = 8;
const RWND = 106_496;

const u16 = (n: number): string => String.fromCharCode((n >>> 8) & 255, n & 255);
const u32 = (n: number): string => u16(n >>> 16) + u16(n);
const chunk = (type: number, flags: number, body: string): string =>
  String.fromCharCode(type, flags) + u16(4 + body.length) + body;
/** The fixed part of INIT: tag, window, streams out and in, first TSN. */
const initBody = (tag: number): string => u32(tag) + u32(RWND) + u16(10) + u16(65_535) + u32(tag);
const readU32 = (s: string, at: number): number =>
  ((s.charCodeAt(at) << 24) | (s.charCodeAt(at + 1) << 16) | (s.charCodeAt(at + 2) << 8) | s.charCodeAt(at + 3)) >>> 0;
/** Where an INIT ACK's cookie begins: chunk header, INIT's fixed part, parameter header. */
const COOKIE_AT = 4 + 16 + 4;

const newTag = (world: World): number => nextU32(world.rng) || 1;

const control = (state: SctpControl['state'], tag: number): SctpControl => ({
  state,
  tag,
  peerTag: 0,
  backlog: [],
  backlogMax: 0,
  retries: 0,
  timer: 0,
});

function segment(
  from: SockAddr,
  to: SockAddr,
  header: SctpHeader,
  body: string,
): Pick<Packet, 'udp' | 'sctp' | 'data'> {
  return { udp: { sport: from.port, dport: to.port }, sctp: header, data: chunk(header.chunk, header.flags, body) };
}

function transmit(world: World, ns: NetNs, socket: Socket, header: SctpHeader, body = ''): void {
  const { local, remote } = socket;
  if (!remote) return;
  const ip = socketHeader(ns, socket, local.ip, remote.ip, IPPROTO.sctp);
  const packet = makePacket({
    id: world.next.packet++,
    ip,
    ...segment(local, remote, header, body),
    mark: socket.mark,
    iif: 0,
  });
  socketOutput(world, ns, socket, packet);
}

const header = (type: number, vtag: number, tag = 0, flags = 0): SctpHeader => ({ vtag, chunk: type, flags, tag });

/** listen(2). EADDRINUSE when somebody listens there already. */
export function sctpListen(world: World, socket: Socket, backlog: number): string | null {
  const ns = nsOf(world, socket);
  if (!ns) return 'EBADF';
  const { ip, port } = socket.local;
  for (const other of ns.sockets.values())
    if (other !== socket && other.sctp?.state === 'LISTEN' && other.local.port === port && other.local.ip === ip)
      return 'EADDRINUSE';
  socket.sctp = { ...control('LISTEN', 0), backlogMax: backlog };
  return null;
}

/** The first half of connect(2): route, source, port, INIT. An errno name or null; the rest shows in the socket's state and error. */
export function sctpConnect(world: World, socket: Socket, to: SockAddr): string | null {
  const ns = nsOf(world, socket);
  if (!ns) return 'EBADF';
  if (socket.sctp && socket.sctp.state !== 'CLOSED') return 'EISCONN';
  const route = lookupRoute(world, ns, { dst: to.ip, src: socket.local.ip, proto: IPPROTO.sctp, dport: to.port });
  if (!route.ok) return route.errno;
  if (socket.local.ip === anyAddress(socket.family)) socket.local = { ip: route.src, port: socket.local.port };
  if (socket.local.port === 0) {
    const port = ephemeralPort(world, ns, socket, socket.local.ip);
    if (port === null) return 'EADDRNOTAVAIL';
    socket.local = { ip: socket.local.ip, port };
  }
  socket.remote = to;
  socket.sctp = control('COOKIE_WAIT', newTag(world));
  sendInit(world, ns, socket, socket.sctp);
  return null;
}

function sendInit(world: World, ns: NetNs, socket: Socket, sctp: SctpControl): void {
  sctp.timer = setTimer(world, Math.min(RTO_INITIAL * 2 ** sctp.retries, RTO_MAX), 'sctp-t1', {
    ns: ns.id,
    socket: socket.id,
  });
  transmit(world, ns, socket, header(CHUNK.init, 0, sctp.tag), initBody(sctp.tag));
}

onTimer<{ ns: number; socket: number }>('sctp-t1', (world, at) => {
  const ns = world.netns.get(at.ns);
  const socket = ns?.sockets.get(at.socket);
  const sctp = socket?.sctp;
  if (!ns || !socket || !sctp) return;
  sctp.timer = 0;
  if (sctp.state !== 'COOKIE_WAIT' && sctp.state !== 'COOKIE_ECHOED') return;
  if (++sctp.retries > MAX_INIT) fail(world, socket, sctp, 'ETIMEDOUT');
  else {
    // A lost COOKIE ECHO begins anew: the model keeps no cookie.
    sctp.state = 'COOKIE_WAIT';
    sendInit(world, ns, socket, sctp);
  }
});

function stop(world: World, sctp: SctpControl): void {
  if (sctp.timer !== 0) cancelTimer(world, sctp.timer);
  sctp.timer = 0;
}

function fail(world: World, socket: Socket, sctp: SctpControl, errno: string | null): void {
  stop(world, sctp);
  sctp.state = 'CLOSED';
  if (errno) socket.error = errno;
}

/** What an ICMP error does: "protocol unreachable" ends an association that is being made, others are only noted (sctp_v4_err). */
export function sctpError(world: World, socket: Socket, errno: string): void {
  const { sctp } = socket;
  if (errno === 'ENOPROTOOPT' && (sctp?.state === 'COOKIE_WAIT' || sctp?.state === 'COOKIE_ECHOED'))
    fail(world, socket, sctp, errno);
}

/** The association of two ends in a namespace. */
export function findAssociation(ns: NetNs, local: SockAddr, remote: SockAddr): Socket | undefined {
  for (const s of ns.sockets.values())
    if (
      s.kind === 'sctp' &&
      s.remote?.port === remote.port &&
      s.local.port === local.port &&
      s.remote.ip === remote.ip &&
      s.local.ip === local.ip
    )
      return s;
  return undefined;
}

function listenerFor(ns: NetNs, packet: Packet, dev: number): Socket | undefined {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const ports = packet.udp as NonNullable<Packet['udp']>;
  let best: Socket | undefined;
  let points = -1;
  for (const s of ns.sockets.values()) {
    if (s.kind !== 'sctp' || s.sctp?.state !== 'LISTEN') continue;
    const fits = score(ns, s, ip.dst, ports.dport, ip.src, ports.sport, dev, packet.sdif);
    if (fits > points) [best, points] = [s, fits];
  }
  return best;
}

/** Answers a packet that belongs to no socket we send from. */
function answer(world: World, ns: NetNs, packet: Packet, head: SctpHeader, body = ''): void {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const ports = packet.udp as NonNullable<Packet['udp']>;
  const back = {
    src: ip.dst,
    dst: ip.src,
    ttl: 64,
    proto: IPPROTO.sctp,
    tos: 0,
    id: 0,
    df: true,
    mf: false,
    offset: 0,
  };
  const [from, to] = [
    { ip: ip.dst, port: ports.dport },
    { ip: ip.src, port: ports.sport },
  ];
  ipOutput(
    world,
    ns,
    makePacket({ id: world.next.packet++, ip: back, ...segment(from, to, head, body), mark: 0, iif: 0 }),
  );
}

/** Out of the blue: RFC 9260 8.4. */
function outOfTheBlue(world: World, ns: NetNs, packet: Packet, h: SctpHeader): void {
  const { dport } = packet.udp as NonNullable<Packet['udp']>;
  const to = packet.ip?.dst ?? 0;
  drop(world, ns, packet, 'NO_SOCKET', () => `nobody listens on SCTP port ${dport} of ${formatIp(to)}`);
  count(ns, 'Sctp.OutOfBlues');
  if (h.chunk === CHUNK.abort || h.chunk === CHUNK.cookieAck || h.chunk === CHUNK.shutdownComplete) return;
  if (h.chunk === CHUNK.init) answer(world, ns, packet, header(CHUNK.abort, h.tag));
  else if (h.chunk === CHUNK.shutdownAck) answer(world, ns, packet, header(CHUNK.shutdownComplete, h.vtag, 0, 1));
  else answer(world, ns, packet, header(CHUNK.abort, h.vtag, 0, 1));
}

/** A packet for this host: sctp_rcv(). False when the host has no SCTP (its module is loaded by the first socket). */
export function sctpReceive(world: World, ns: NetNs, link: Link, packet: Packet): boolean {
  const { ip, udp: ports, sctp: h } = packet;
  if (!ip || !ports || !h || !world.hosts.get(ns.host)?.modules.has('sctp')) return false;
  const local = { ip: ip.dst, port: ports.dport };
  const remote = { ip: ip.src, port: ports.sport };
  const socket = findAssociation(ns, local, remote);
  if (socket?.sctp && socket.sctp.state !== 'CLOSED') {
    if (!world.trace.off) note(world, ns, packet, DELIVERED, socket.kind, socket.local);
    associated(world, ns, socket, socket.sctp, packet, h);
    return true;
  }
  const listener = listenerFor(ns, packet, inetIif(ns, link, packet));
  if (!listener?.sctp || (h.chunk !== CHUNK.init && h.chunk !== CHUNK.cookieEcho)) {
    outOfTheBlue(world, ns, packet, h);
    return true;
  }
  if (!world.trace.off) note(world, ns, packet, DELIVERED, listener.kind, listener.local);
  if (h.chunk === CHUNK.init) {
    // The listener keeps nothing: what it needs to know comes back in the cookie.
    const tag = newTag(world);
    const cookie = u16(7) + u16(12) + u32(h.tag) + u32(tag);
    answer(world, ns, packet, header(CHUNK.initAck, h.tag, tag), initBody(tag) + cookie);
    return true;
  }
  accepted(world, ns, listener, listener.sctp, packet, h);
  return true;
}

/** A COOKIE ECHO with the listener's own cookie makes the association. */
function accepted(world: World, ns: NetNs, listener: Socket, queue: SctpControl, packet: Packet, h: SctpHeader): void {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const ports = packet.udp as NonNullable<Packet['udp']>;
  const [peerTag, tag] = [readU32(packet.data, 4), readU32(packet.data, 8)];
  if (tag !== h.vtag) return;
  if (queue.backlog.length >= queue.backlogMax) {
    answer(world, ns, packet, header(CHUNK.abort, peerTag));
    return;
  }
  const child = createSocket(world, ns, 'sctp', 0, { family: listener.family });
  child.local = { ip: ip.dst, port: ports.dport };
  child.remote = { ip: ip.src, port: ports.sport };
  child.mark = listener.mark;
  child.sctp = { ...control('ESTABLISHED', tag), peerTag };
  queue.backlog.push(child.id);
  transmit(world, ns, child, header(CHUNK.cookieAck, peerTag));
}

/** A chunk for an association; a wrong verification tag is ignored. */
function associated(world: World, ns: NetNs, socket: Socket, sctp: SctpControl, packet: Packet, h: SctpHeader): void {
  const reflected = (h.flags & 1) === 1 && (h.chunk === CHUNK.abort || h.chunk === CHUNK.shutdownComplete);
  if (h.vtag !== (reflected ? sctp.peerTag : sctp.tag)) return;
  switch (h.chunk) {
    case CHUNK.initAck:
      if (sctp.state !== 'COOKIE_WAIT') return;
      sctp.peerTag = h.tag;
      sctp.state = 'COOKIE_ECHOED';
      transmit(world, ns, socket, header(CHUNK.cookieEcho, h.tag), packet.data.slice(COOKIE_AT, COOKIE_AT + 8));
      return;
    case CHUNK.cookieAck:
      if (sctp.state !== 'COOKIE_ECHOED') return;
      stop(world, sctp);
      sctp.state = 'ESTABLISHED';
      return;
    case CHUNK.cookieEcho:
      transmit(world, ns, socket, header(CHUNK.cookieAck, sctp.peerTag));
      return;
    case CHUNK.abort:
      fail(world, socket, sctp, sctp.state.startsWith('COOKIE') ? 'ECONNREFUSED' : 'ECONNRESET');
      return;
    case CHUNK.shutdown:
      sctp.state = 'SHUTDOWN_ACK_SENT';
      transmit(world, ns, socket, header(CHUNK.shutdownAck, sctp.peerTag));
      return;
    case CHUNK.shutdownAck:
      transmit(world, ns, socket, header(CHUNK.shutdownComplete, sctp.peerTag));
      ns.sockets.delete(socket.id);
      return;
    case CHUNK.shutdownComplete:
      fail(world, socket, sctp, null);
  }
}

/** close(2): a graceful shutdown of an association; a listener aborts those that wait. */
export function sctpClose(world: World, ns: NetNs, socket: Socket): void {
  const { sctp } = socket;
  if (sctp?.state === 'ESTABLISHED') {
    sctp.state = 'SHUTDOWN_SENT';
    transmit(world, ns, socket, header(CHUNK.shutdown, sctp.peerTag), u32(sctp.peerTag));
    return;
  }
  if (sctp) {
    stop(world, sctp);
    for (const id of sctp.backlog) {
      const child = ns.sockets.get(id);
      if (child) sctpAbort(world, ns, child);
    }
  }
  ns.sockets.delete(socket.id);
}

/** Ends an association at once, telling the other end. */
export function sctpAbort(world: World, ns: NetNs, socket: Socket): void {
  const { sctp } = socket;
  if (sctp) stop(world, sctp);
  if (sctp && sctp.peerTag !== 0 && sctp.state !== 'CLOSED')
    transmit(world, ns, socket, header(CHUNK.abort, sctp.peerTag));
  ns.sockets.delete(socket.id);
}
