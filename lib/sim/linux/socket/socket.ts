/** Sockets: making, binding, closing, and which one a packet is for. net/ipv4/af_inet.c, inet_hashtables.c. */
import { type Ip, isMulticast } from '../../addr/ip.ts';
import type { Proc } from '../../kernel/process.ts';
import { nextBelow } from '../../kernel/rng.ts';
import type { World } from '../../kernel/world.ts';
import { IPPROTO } from '../../packet/packet.ts';
import { l3table } from '../link/vrf.ts';
import { addressType } from '../route/lookup.ts';
import { portRange, sysctlNum } from '../sysctl/sysctl.ts';
import type { Link, NetNs, SockAddr, Socket } from '../types.ts';
import { sctpClose } from './sctp.ts';
import { tcpClose } from './tcp/close.ts';

export type SocketKind = Socket['kind'];

export interface SocketOptions {
  family?: 4 | 6;
  /** Protocol of a raw socket; ICMP or ICMPv6 when not given. */
  proto?: number;
  ttl?: number;
  reuse?: boolean;
}

/** The unspecified address of a family. */
export const anyAddress = (family: 4 | 6): Ip => (family === 6 ? 0n : 0);

/** A socket without an owner process: the kernel's own, and connections not yet accepted. */
export function createSocket(world: World, ns: NetNs, kind: SocketKind, pid: number, opts: SocketOptions = {}): Socket {
  const family = opts.family ?? 4;
  const socket: Socket = {
    id: world.next.socket++,
    ns: ns.id,
    kind,
    proto: opts.proto ?? (family === 6 ? IPPROTO.icmp6 : IPPROTO.icmp),
    family,
    pid,
    local: { ip: anyAddress(family), port: 0 },
    remote: null,
    dev: 0,
    mark: 0,
    ttl: opts.ttl ?? 0,
    tos: 0,
    reuse: opts.reuse ?? false,
    broadcast: false,
    // inet_create(): without path MTU discovery sockets start with IP_PMTUDISC_DONT.
    pmtudisc: family === 4 && sysctlNum(ns, 'net.ipv4.ip_no_pmtu_disc') !== 0 ? 'dont' : 'want',
    recvq: [],
    error: null,
    errq: [],
  };
  ns.sockets.set(socket.id, socket);
  // socket(2) loads net-pf-2-proto-132.
  if (kind === 'sctp') world.hosts.get(ns.host)?.modules.add('sctp');
  return socket;
}

/** A socket of a process, in its namespace. It is closed when the process ends. */
export function openSocket(proc: Proc, kind: SocketKind, opts: SocketOptions = {}): Socket {
  const { world, netns } = proc;
  const socket = createSocket(world, netns, kind, proc.info.pid, opts);
  ownSocket(proc, socket);
  return socket;
}

/** Has a socket closed when the process ends. */
export function ownSocket(proc: Proc, socket: Socket): void {
  const { world } = proc;
  proc.atExit.push(() => closeSocket(world, socket));
}

/** The namespace a socket lives in; undefined once it is gone. */
export const nsOf = (world: World, socket: Socket): NetNs | undefined => world.netns.get(socket.ns);

/** close(2). Closing twice does nothing. */
export function closeSocket(world: World, socket: Socket): void {
  const ns = nsOf(world, socket);
  if (!ns?.sockets.has(socket.id)) return;
  if (socket.kind === 'tcp' && socket.tcp) tcpClose(world, ns, socket);
  else if (socket.kind === 'sctp') sctpClose(world, ns, socket);
  else ns.sockets.delete(socket.id);
}

/** Whether two sockets may hold the same port: different addresses, families, or SO_REUSEADDR where it helps. */
function conflicts(a: Socket, ip: Ip, port: number, mine: Socket): boolean {
  if (a === mine || a.kind !== mine.kind || a.local.port !== port || a.tcp?.state === 'TIME_WAIT') return false;
  if (typeof a.local.ip !== typeof ip) {
    const dual = (s: Socket, at: Ip) => s.family === 6 && at === 0n && !s.v6only;
    if (!dual(a, a.local.ip) && !dual(mine, ip)) return false;
  } else if (a.local.ip !== ip && a.local.ip !== anyAddress(a.family) && ip !== anyAddress(mine.family)) return false;
  if (a.dev !== 0 && mine.dev !== 0 && a.dev !== mine.dev) return false;
  return !(a.reuse && mine.reuse && a.tcp?.state !== 'LISTEN');
}

/** Whether a local port is free for a socket at an address. */
export function portFree(ns: NetNs, socket: Socket, ip: Ip, port: number): boolean {
  for (const other of ns.sockets.values()) if (conflicts(other, ip, port, socket)) return false;
  return true;
}

/** bind(2): EADDRNOTAVAIL, EADDRINUSE, EACCES (a low port without privilege), EINVAL, or null. Port 0 takes a free one. */
export function bind(world: World, socket: Socket, to: SockAddr): string | null {
  const ns = nsOf(world, socket);
  if (!ns) return 'EBADF';
  if (socket.local.port !== 0 && socket.kind !== 'raw') return 'EINVAL';
  if (to.ip !== anyAddress(socket.family) && !bindable(ns, socket, to.ip)) return 'EADDRNOTAVAIL';
  if (socket.kind === 'raw' || socket.kind === 'icmp') {
    socket.local = { ip: to.ip, port: to.port };
    return null;
  }
  const uid = world.hosts.get(ns.host)?.processes.get(socket.pid)?.uid ?? 0;
  if (uid !== 0 && to.port !== 0 && to.port < sysctlNum(ns, 'net.ipv4.ip_unprivileged_port_start')) return 'EACCES';
  const port = to.port || ephemeralPort(world, ns, socket, to.ip);
  if (port === null || !portFree(ns, socket, to.ip, port)) return 'EADDRINUSE';
  socket.local = { ip: to.ip, port };
  return null;
}

function bindable(ns: NetNs, socket: Socket, ip: Ip): boolean {
  if (isMulticast(ip)) return true;
  // A device of a routing domain has its addresses in the domain's table, and only sockets bound there see them.
  const domain = l3table(ns, ns.links.get(socket.dev));
  const local = (link: Link) => l3table(ns, link) === domain && link.addrs.some((a) => a.local === ip);
  for (const link of ns.links.values()) if (local(link)) return true;
  const type = addressType(ns, ip);
  if (type === 'local' || type === 'broadcast' || type === 'anycast') return true;
  return sysctlNum(ns, typeof ip === 'bigint' ? 'net.ipv6.ip_nonlocal_bind' : 'net.ipv4.ip_nonlocal_bind') !== 0;
}

/** A free port of net.ipv4.ip_local_port_range, from a random start; null when all are taken (EADDRNOTAVAIL). */
export function ephemeralPort(world: World, ns: NetNs, socket: Socket, ip: Ip): number | null {
  const { low, high } = portRange(ns);
  const size = Math.max(1, high - low + 1);
  const start = nextBelow(world.rng, size);
  const taken = new Set<number>();
  for (const other of ns.sockets.values()) if (other.kind === socket.kind) taken.add(other.local.port);
  for (let i = 0; i < size; i++) {
    const port = low + ((start + i) % size);
    if (taken.has(port) && !portFree(ns, socket, ip, port)) continue;
    if (taken.has(port) && socket.kind === 'tcp') continue;
    ns.lastPort = port;
    return port;
  }
  return null;
}

/** SO_BINDTODEVICE. ENODEV when there is no such device. */
export function bindToDevice(world: World, socket: Socket, link: Link | undefined): string | null {
  if (!link || !nsOf(world, socket)) return 'ENODEV';
  socket.dev = link.ifindex;
  return null;
}

/** Whether a bound address takes packets to `ip`. */
export function addressFits(socket: Socket, ip: Ip): boolean {
  if (socket.local.ip === ip) return true;
  if (socket.local.ip === 0) return typeof ip === 'number';
  return socket.local.ip === 0n && (typeof ip === 'bigint' || (socket.family === 6 && !socket.v6only));
}

/** How well a UDP socket or listener fits a packet; -1 when it does not: compute_score(). */
export function score(
  ns: NetNs,
  socket: Socket,
  dst: Ip,
  dport: number,
  src: Ip,
  sport: number,
  dev: number,
  sdif = 0,
): number {
  if (socket.local.port !== dport || !addressFits(socket, dst)) return -1;
  let points = socket.family === 4 ? 1 : 0;
  if (socket.local.ip === dst) points += 4;
  if (socket.remote) {
    if (socket.remote.ip !== src || socket.remote.port !== sport) return -1;
    points += 8;
  }
  if (socket.dev !== 0) {
    if (socket.dev !== dev && socket.dev !== sdif) return -1;
    points += 4;
  } else if (sdif && !acceptsDomains(ns, socket)) return -1;
  return points;
}

/** Whether a socket bound to no device takes what came in by a routing domain: net.ipv4.{tcp,udp,raw}_l3mdev_accept. */
export const acceptsDomains = (ns: NetNs, socket: Socket): boolean =>
  sysctlNum(ns, `net.ipv4.${socket.kind === 'icmp' ? 'raw' : socket.kind}_l3mdev_accept`) !== 0;
