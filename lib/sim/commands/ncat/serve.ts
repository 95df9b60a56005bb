/** ncat -l: listens on IPv6 and IPv4, runs a program for each connection or joins it to the terminal. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { bind, closeSocket, listen, openSocket, takeConnection } from '../../linux/socket/index.ts';
import { relay } from '../../linux/socket/relay.ts';
import type { SockAddr, Socket } from '../../linux/types.ts';
import { errnoText } from '../../text/strerror.ts';
import { print, printErr, waitFor } from '../io.ts';
import { runProgram } from './exec.ts';
import type { NcatOptions } from './options.ts';

export const DEFAULT_PORT = 31337;

const endpoint = (at: SockAddr): string => `${formatIp(at.ip)}:${at.port}`;

/** Serves until the one connection is over, or for ever with -k. */
export function* serve(proc: Proc, o: NcatOptions): Io<number> {
  const { world } = proc;
  const opened = yield* open(proc, o);
  if (typeof opened === 'number') return opened;
  if (o.udp) return yield* serveUdp(proc, o, opened);
  const children: Proc[] = [];
  for (;;) {
    yield* waitFor(() => opened.some((s) => (s.tcp?.backlog.length ?? 0) > 0));
    for (const listener of opened) {
      for (let next = takeConnection(proc, listener); next; next = takeConnection(proc, listener)) {
        const connection = next;
        if (o.verbose > 0) {
          const from = connection.remote as SockAddr;
          yield* printErr(`Ncat: Connection from ${formatIp(from.ip)}.\nNcat: Connection from ${endpoint(from)}.\n`);
        }
        if (!o.keep) for (const socket of opened) closeSocket(world, socket);
        const child = o.exec ? fork(proc, connection, o.exec) : null;
        if (child) children.push(child);
        else yield* talk(proc, o, connection);
        if (o.keep) continue;
        if (child) yield* waitFor(() => child.status !== null);
        return 0;
      }
    }
  }
}

/** A process of its own for each connection, as netrun() forks one. */
function fork(proc: Proc, connection: Socket, exec: { shell: boolean; text: string }): Proc | null {
  const { machine, world } = proc;
  return machine.spawn({
    parent: proc,
    argv: [...proc.argv],
    main: function* (child): Program {
      connection.pid = child.info.pid;
      child.atExit.push(() => closeSocket(world, connection));
      yield* runProgram(child, connection, exec);
      closeSocket(world, connection);
      return 0;
    },
  });
}

function* talk(proc: Proc, o: NcatOptions, connection: Socket): Io<void> {
  yield* relay(
    proc,
    connection,
    {
      noStdin: o.recvOnly,
      shutdown: !o.noShutdown,
      quit: -1,
      idle: o.idle === null ? null : o.idle / 1e6,
      crlf: o.crlf,
    },
    function* (text) {
      if (!o.sendOnly) yield* print(text);
    },
  );
  closeSocket(proc.world, connection);
}

function* open(proc: Proc, o: NcatOptions): Io<Socket[] | number> {
  const { world } = proc;
  const [first, second] = o.args;
  const address = second === undefined ? (first !== undefined && !/^\d+$/.test(first) ? first : null) : (first ?? null);
  const port =
    o.sourcePort ??
    (second !== undefined ? Number(second) : first !== undefined && /^\d+$/.test(first) ? Number(first) : DEFAULT_PORT);
  const at = address === null ? null : parseIp(address);
  if (address !== null && at === null) {
    yield* printErr(`Ncat: Could not resolve hostname "${address}": Name or service not known. QUITTING.\n`);
    return 2;
  }
  const ips: Ip[] = at !== null ? [at] : o.family === 4 ? [0] : o.family === 6 ? [0n] : [0n, 0];
  if (o.verbose > 0) yield* printErr('Ncat: Version 7.93 ( https://nmap.org/ncat )\n');
  const sockets: Socket[] = [];
  for (const ip of ips) {
    const socket = openSocket(proc, o.udp ? 'udp' : 'tcp', { family: typeof ip === 'bigint' ? 6 : 4, reuse: true });
    socket.v6only = true;
    const errno = bind(world, socket, { ip, port }) ?? (o.udp ? null : listen(world, socket, 10));
    if (errno) {
      yield* printErr(`Ncat: bind to ${endpoint({ ip, port })}: ${errnoText(errno)}. QUITTING.\n`);
      return 2;
    }
    if (o.verbose > 0) yield* printErr(`Ncat: Listening on ${endpoint({ ip, port })}\n`);
    sockets.push(socket);
  }
  return sockets;
}

/** The sender of the first datagram becomes the peer of the socket it came to. */
function* serveUdp(proc: Proc, o: NcatOptions, sockets: Socket[]): Io<number> {
  const { world } = proc;
  for (;;) {
    yield* waitFor(() => sockets.some((s) => s.recvq.length > 0));
    const at = sockets.findIndex((s) => s.recvq.length > 0);
    const socket = sockets[at] as Socket;
    const first = socket.recvq[0];
    const bound = { ...socket.local };
    if (first) {
      socket.remote = first.from;
      socket.local = { ip: first.to, port: bound.port };
      if (o.verbose > 0) yield* printErr(`Ncat: Connection from ${formatIp(first.from.ip)}.\n`);
    }
    if (!o.exec) {
      yield* talk(proc, o, socket);
      return 0;
    }
    if (o.keep) {
      // The socket goes to the child; another listens in its place.
      const next = openSocket(proc, 'udp', { family: socket.family, reuse: true });
      next.v6only = true;
      bind(world, next, bound);
      sockets[at] = next;
    }
    const child = fork(proc, socket, o.exec);
    if (o.keep) continue;
    if (child) yield* waitFor(() => child.status !== null);
    return 0;
  }
}
