/** nc -l. */
import { formatIp, type Ip } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { GAI_TEXT, resolveAddress, resolveHost } from '../../linux/resolve/resolve.ts';
import { accept, bind, closeSocket, listen, openSocket } from '../../linux/socket/index.ts';
import { relay } from '../../linux/socket/relay.ts';
import type { SockAddr, Socket } from '../../linux/types.ts';
import { errnoText } from '../../text/strerror.ts';
import { print, printErr, waitFor } from '../io.ts';
import type { NcOptions } from './options.ts';

/** Takes one connection, or with -k one after another. */
export function* serve(proc: Proc, o: NcOptions): Io<number> {
  const port = Number(o.ports[0]);
  const opened = yield* open(proc, o, port);
  if (typeof opened === 'number') return opened;
  const socket = opened;
  if (o.verbose) {
    const at = o.udp ? 'Bound' : 'Listening';
    const name = o.numeric ? null : yield* resolveAddress(proc, socket.local.ip);
    yield* printErr(`${at} on ${name ?? formatIp(socket.local.ip)} ${socket.local.port}\n`);
  }
  if (o.udp) return yield* serveUdp(proc, o, socket);
  for (;;) {
    const connection = yield* accept(proc, socket);
    if (!connection) return 1;
    if (!o.keep) closeSocket(proc.world, socket);
    if (o.verbose) yield* report(proc, o, connection.remote as SockAddr);
    yield* exchange(proc, o, connection);
    closeSocket(proc.world, connection);
    if (!o.keep) return 0;
  }
}

const exchange = (proc: Proc, o: NcOptions, socket: Socket) =>
  relay(proc, socket, { noStdin: o.noStdin, shutdown: o.shutdown, quit: o.quit, idle: o.timeout, crlf: o.crlf }, print);

function* report(proc: Proc, o: NcOptions, from: SockAddr): Io<void> {
  const name = o.numeric ? null : yield* resolveAddress(proc, from.ip);
  yield* printErr(`Connection received on ${name ?? formatIp(from.ip)} ${from.port}\n`);
}

function* open(proc: Proc, o: NcOptions, port: number): Io<Socket | number> {
  const { world } = proc;
  let ips: Ip[] = o.family === 6 ? [0n] : o.family === 4 ? [0] : [0, 0n];
  const host = o.host ?? o.sourceAddress;
  if (host !== null) {
    const found = yield* resolveHost(proc, host, o.family);
    if (!found.ok) {
      yield* printErr(`nc: getaddrinfo for host "${host}" port ${port}: ${GAI_TEXT[found.error]}\n`);
      return 1;
    }
    ips = found.ips;
  }
  let errno: string | null = null;
  for (const ip of ips) {
    const socket = openSocket(proc, o.udp ? 'udp' : 'tcp', { family: typeof ip === 'bigint' ? 6 : 4, reuse: true });
    socket.v6only = false;
    socket.ttl = o.ttl;
    socket.tos = o.tos;
    const failed = bind(world, socket, { ip, port }) ?? (o.udp ? null : listen(world, socket, 1));
    if (failed === null) return socket;
    closeSocket(world, socket);
    errno ??= failed;
    if (failed === 'EADDRINUSE') break;
  }
  yield* printErr(`nc: ${errnoText(errno ?? 'EADDRNOTAVAIL')}\n`);
  return 1;
}

/** Without -k the first sender becomes the peer; with it every datagram is printed. */
function* serveUdp(proc: Proc, o: NcOptions, socket: Socket): Io<number> {
  if (o.keep) {
    yield* exchange(proc, { ...o, noStdin: true }, socket);
    return 0;
  }
  yield* waitFor(() => socket.recvq.length > 0);
  const first = socket.recvq[0];
  if (first) {
    socket.remote = first.from;
    if (socket.local.ip === 0 || socket.local.ip === 0n) socket.local = { ip: first.to, port: socket.local.port };
    if (o.verbose) yield* report(proc, o, first.from);
  }
  yield* exchange(proc, o, socket);
  return 0;
}
