/** Sockets as programs use them: system calls that wait. */

import { waitFor } from '../../commands/io.ts';
import type { Io, Proc, Rest } from '../../kernel/process.ts';
import type { World } from '../../kernel/world.ts';
import { addressType, lookupRoute } from '../route/lookup.ts';
import type { Datagram, NetNs, SockAddr, Socket } from '../types.ts';
import { sctpListen } from './sctp.ts';
import { connectDatagram, sendTo, takeError } from './send.ts';
import { anyAddress, closeSocket, ephemeralPort, nsOf } from './socket.ts';
import { tcpShutdown } from './tcp/close.ts';
import { newControl, SEND_BUFFER } from './tcp/control.ts';
import { push, sendSyn } from './tcp/output.ts';

export type Received = { data: string } | { eof: true } | { error: string } | { timeout: true };

/**
 * connect(2). TCP waits for the handshake, at most `timeoutUs` (then `EINPROGRESS`, as a poll that ran out); UDP and raw
 * sockets only fix their peer. Answers an errno name or null.
 */
export function* connect(proc: Proc, socket: Socket, to: SockAddr, timeoutUs: number | null = null): Io<string | null> {
  const { world } = proc;
  if (socket.kind !== 'tcp') return connectDatagram(world, socket, to);
  const error = startConnect(world, socket, to);
  if (error) return error;
  const done = yield* waitFor(
    () => socket.error !== null || socket.tcp?.state !== 'SYN_SENT',
    timeoutUs === null ? null : world.now + timeoutUs,
  );
  const failed = takeError(socket);
  if (failed) return failed;
  return done ? null : 'EINPROGRESS';
}

/** The first half of a TCP connect: route, source, port, SYN. An errno name or null. */
export function startConnect(world: World, socket: Socket, to: SockAddr): string | null {
  const ns = nsOf(world, socket);
  if (!ns) return 'EBADF';
  if (socket.tcp && socket.tcp.state !== 'CLOSE') return 'EISCONN';
  const target: SockAddr = { ip: to.ip === 0 ? 0x7f000001 : to.ip === 0n ? 1n : to.ip, port: to.port };
  const flow = { dst: target.ip, src: socket.local.ip, proto: 6, mark: socket.mark, dport: target.port };
  const route = lookupRoute(world, ns, socket.dev ? { ...flow, oif: socket.dev } : flow);
  if (!route.ok) return route.errno;
  if (route.type === 'broadcast' || route.type === 'multicast') return 'ENETUNREACH';
  if (socket.local.ip === anyAddress(socket.family)) socket.local = { ip: route.src, port: socket.local.port };
  if (socket.local.port === 0) {
    const port = ephemeralPort(world, ns, socket, socket.local.ip);
    if (port === null) return 'EADDRNOTAVAIL';
    socket.local = { ip: socket.local.ip, port };
  }
  for (const other of ns.sockets.values()) {
    if (other === socket || other.kind !== 'tcp' || !other.remote || other.local.port !== socket.local.port) continue;
    if (other.remote.ip === target.ip && other.remote.port === target.port && other.local.ip === socket.local.ip)
      return 'EADDRNOTAVAIL';
  }
  socket.remote = target;
  socket.tcp = newControl(world, 'SYN_SENT', 1460);
  // What a rule answered at once arrives as an error of the connection.
  sendSyn(world, ns, socket, route.mtu);
  return null;
}

/** listen(2). Binds a port when none is bound. EADDRINUSE when somebody listens there already. */
export function listen(world: World, socket: Socket, backlog = 128): string | null {
  const ns = nsOf(world, socket);
  if (!ns) return 'EBADF';
  if (socket.local.port === 0) {
    const port = ephemeralPort(world, ns, socket, socket.local.ip);
    if (port === null) return 'EADDRINUSE';
    socket.local = { ip: socket.local.ip, port };
  }
  if (socket.kind === 'sctp') return sctpListen(world, socket, Math.min(backlog, 4096));
  if (hasListener(ns, socket)) return 'EADDRINUSE';
  const tcp = newControl(world, 'LISTEN', 1460);
  tcp.backlogMax = Math.min(backlog, 4096);
  socket.tcp = tcp;
  return null;
}

/** Somebody listens at the very address already. */
function hasListener(ns: NetNs, socket: Socket): boolean {
  const { ip, port } = socket.local;
  for (const other of ns.sockets.values()) {
    if (other !== socket && other.tcp?.state === 'LISTEN' && other.local.port === port && other.local.ip === ip)
      return true;
  }
  return false;
}

/** accept(2): the next connection, owned by `proc`; null when the deadline (virtual µs) passed or the listener closed. */
export function* accept(proc: Proc, listener: Socket, deadline: number | null = null, rest?: Rest): Io<Socket | null> {
  const ready = () => !isOpen(proc.world, listener) || ((listener.tcp ?? listener.sctp)?.backlog.length ?? 0) > 0;
  yield* waitFor(ready, deadline, { rest });
  return takeConnection(proc, listener);
}

const isOpen = (world: World, socket: Socket): boolean => nsOf(world, socket)?.sockets.has(socket.id) ?? false;

/** The next connection that waits at a listener, for `proc`; null when there is none. */
export function takeConnection(proc: Proc, listener: Socket): Socket | null {
  const { world } = proc;
  const id = isOpen(world, listener) ? (listener.tcp ?? listener.sctp)?.backlog.shift() : undefined;
  const socket = id === undefined ? undefined : nsOf(world, listener)?.sockets.get(id);
  if (!socket?.tcp && !socket?.sctp) return null;
  socket.pid = proc.info.pid;
  if (socket.tcp) socket.tcp.parent = 0;
  proc.atExit.push(() => closeSocket(world, socket));
  return socket;
}

/** send(2): waits for room on TCP, and sends one datagram on a connected UDP socket. EPIPE after the connection closed, ECONNRESET, ETIMEDOUT; or null. */
export function* send(proc: Proc, socket: Socket, data: string): Io<string | null> {
  const { world } = proc;
  if (socket.kind !== 'tcp') return sendTo(world, socket, socket.remote ?? socket.local, data);
  let left = data;
  while (left !== '') {
    const room = () =>
      socket.error !== null || !socket.tcp || socket.tcp.state === 'CLOSE' || socket.tcp.sndBuf.length < SEND_BUFFER;
    yield* waitFor(room, null);
    const failed = takeError(socket);
    if (failed) return failed;
    const ns = nsOf(world, socket);
    const { tcp } = socket;
    if (!ns || !tcp || tcp.finQueued || (tcp.state !== 'ESTABLISHED' && tcp.state !== 'CLOSE_WAIT')) return 'EPIPE';
    const size = Math.min(left.length, SEND_BUFFER - tcp.sndBuf.length);
    tcp.sndBuf += left.slice(0, size);
    left = left.slice(size);
    push(world, ns, socket);
  }
  return null;
}

/** Whether recv() would answer at once. */
export const readable = (socket: Socket): boolean =>
  socket.error !== null ||
  (socket.kind === 'tcp'
    ? socket.tcp?.rcvBuf !== '' || socket.tcp.peerClosed || socket.tcp.state === 'CLOSE'
    : socket.recvq.length > 0);

/** What recv() answers now: data, end of file (an empty datagram reads alike), or an error. Call when {@link readable}. */
export function takeReceived(socket: Socket): Received {
  const { tcp } = socket;
  if (socket.kind !== 'tcp' && socket.error === null) {
    const data = socket.recvq.shift()?.data;
    return data ? { data } : { eof: true };
  }
  if (tcp && tcp.rcvBuf !== '') {
    const data = tcp.rcvBuf;
    tcp.rcvBuf = '';
    return { data };
  }
  const error = takeError(socket);
  return error ? { error } : { eof: true };
}

/** recv(2) on a connection: all that is there, waiting until something is or the deadline (virtual µs) passes. */
export function* recv(_proc: Proc, socket: Socket, deadline: number | null = null): Io<Received> {
  if (!(yield* waitFor(() => readable(socket), deadline))) return { timeout: true };
  return takeReceived(socket);
}

/** recvfrom(2) on UDP, raw and ICMP sockets: a datagram, the pending error, or null at the deadline (virtual µs). */
export function* recvFrom(
  _proc: Proc,
  socket: Socket,
  deadline: number | null = null,
): Io<Datagram | { error: string } | null> {
  if (!(yield* waitFor(() => socket.recvq.length > 0 || socket.error !== null, deadline))) return null;
  const error = takeError(socket);
  if (error) return { error };
  return socket.recvq.shift() ?? null;
}

/** shutdown(2): no more data from here (half-close). */
export function shutdown(world: World, socket: Socket): void {
  const ns = nsOf(world, socket);
  if (ns) tcpShutdown(world, ns, socket);
}

/** Whether an address is a broadcast address of this namespace: what ping asks before it sends. */
export function isBroadcastAddress(proc: Proc, ip: SockAddr['ip']): boolean {
  return addressType(proc.netns, ip) === 'broadcast';
}
