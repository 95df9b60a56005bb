/** nc: OpenBSD netcat 1.219 as Debian 12 ships it. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { serviceName } from '../../linux/netfilter/services.ts';
import { GAI_TEXT, resolveHost } from '../../linux/resolve/resolve.ts';
import { bind, closeSocket, connect, openSocket, sendTo } from '../../linux/socket/index.ts';
import { relay } from '../../linux/socket/relay.ts';
import type { Socket } from '../../linux/types.ts';
import { errnoText } from '../../text/strerror.ts';
import { defineCommand } from '../contract.ts';
import { endAtOnce, print, printErr, sleep } from '../io.ts';
import { serve } from './listen.ts';
import { type NcOptions, parseOptions } from './options.ts';

/** Virtual µs that an answer from a neighbour takes: connect() finds it although it waits no time. */
const AT_ONCE = 1000;
/** Seconds that a UDP scan gives a host for its answer. */
const UDP_SCAN_TIMEOUT = 3;

function* main(proc: Proc): Program {
  const parsed = parseOptions(proc.argv);
  if (!parsed.ok) return yield* endAtOnce(parsed);
  const o = parsed.options;
  return o.listen ? yield* serve(proc, o) : yield* scan(proc, o);
}

/** Each port in turn; 0 when any of them was reached. */
function* scan(proc: Proc, o: NcOptions): Io<number> {
  const host = o.host as string;
  const found = yield* resolveHost(proc, host, o.family);
  if (!found.ok || (o.numeric && formatIp(found.ips[0] as Ip) !== host && !/^[\d.:a-fA-F]+$/.test(host))) {
    const other = !found.ok && parseIp(host) !== null;
    const text = other
      ? 'Address family for hostname not supported'
      : found.ok
        ? GAI_TEXT.NXDOMAIN
        : GAI_TEXT[found.error];
    yield* printErr(`nc: getaddrinfo for host "${host}" port ${o.ports[0]}: ${text}\n`);
    return 1;
  }
  let status = 1;
  for (const [index, port] of o.ports.entries()) {
    if (index > 0 && o.interval > 0) yield* sleep(o.interval * 1e6);
    const opened = yield* remoteConnect(proc, o, host, found.ips, port);
    if (typeof opened === 'number') return opened;
    if (!opened) continue;
    const { socket, ip } = opened;
    status = 0;
    if (o.verbose || o.scan) {
      const alive = o.udp ? yield* udpTest(proc, o, socket) : 'yes';
      if (alive === 'no') {
        status = 1;
        closeSocket(proc.world, socket);
        continue;
      }
      if (alive === 'yes' && o.verbose) yield* connectionInfo(o, host, ip, port);
    }
    if (!o.scan) yield* exchange(proc, o, socket);
    closeSocket(proc.world, socket);
  }
  return status;
}

const exchange = (proc: Proc, o: NcOptions, socket: Socket) =>
  relay(proc, socket, { noStdin: o.noStdin, shutdown: o.shutdown, quit: o.quit, idle: o.timeout, crlf: o.crlf }, print);

/** Tries every address of the host; null when none took the connection, a status when nc ends. */
function* remoteConnect(
  proc: Proc,
  o: NcOptions,
  host: string,
  ips: readonly Ip[],
  port: string,
): Io<{ socket: Socket; ip: Ip } | number | null> {
  const { world } = proc;
  for (const ip of ips) {
    const socket = openSocket(proc, o.udp ? 'udp' : 'tcp', { family: typeof ip === 'bigint' ? 6 : 4 });
    socket.ttl = o.ttl;
    socket.tos = o.tos;
    socket.broadcast = o.broadcast;
    if (o.sourceAddress !== null || o.sourcePort !== null) {
      const error = yield* bindSource(proc, o, socket);
      if (error) {
        yield* printErr(error);
        return 1;
      }
    }
    const errno = yield* connect(
      proc,
      socket,
      { ip, port: Number(port) },
      o.timeout === null ? null : Math.max(AT_ONCE, o.timeout * 1e6),
    );
    if (errno === null) return { socket, ip };
    closeSocket(world, socket);
    if (!o.verbose) continue;
    const shown = formatIp(ip) === host ? host : `${host} (${formatIp(ip)})`;
    const proto = o.udp ? 'udp' : 'tcp';
    const how = errno === 'EINPROGRESS' ? 'timed out' : 'failed';
    yield* printErr(`nc: connect to ${shown} port ${port} (${proto}) ${how}: ${errnoText(errno)}\n`);
  }
  return null;
}

function* bindSource(proc: Proc, o: NcOptions, socket: Socket): Io<string | null> {
  let ip: Ip = socket.family === 6 ? 0n : 0;
  if (o.sourceAddress !== null) {
    const found = yield* resolveHost(proc, o.sourceAddress, socket.family);
    if (!found.ok) return `nc: getaddrinfo: ${GAI_TEXT[found.error]}\n`;
    ip = found.ips[0] as Ip;
  }
  const errno = bind(proc.world, socket, { ip, port: Number(o.sourcePort ?? 0) });
  return errno ? `nc: bind failed: ${errnoText(errno)}\n` : null;
}

/** Writes a little and waits whether the host says that nobody is there. */
function* udpTest(proc: Proc, o: NcOptions, socket: Socket): Io<'yes' | 'no'> {
  const write = () => sendTo(proc.world, socket, socket.remote ?? socket.local, 'X');
  if (write() !== null) return 'no';
  // Hosts on this machine have answered before the next write.
  yield* sleep(60);
  if (write() === 'ECONNREFUSED') return 'no';
  const seconds = o.timeout ?? UDP_SCAN_TIMEOUT;
  for (let i = 0; i < seconds; i++) {
    yield* sleep(1_000_000);
    if (write() === 'ECONNREFUSED') return 'no';
  }
  return 'yes';
}

function* connectionInfo(o: NcOptions, host: string, ip: Ip, port: string): Io<void> {
  const service = o.numeric ? null : serviceName(Number(port), o.udp ? 17 : 6);
  const shown = formatIp(ip) === host ? host : `${host} (${formatIp(ip)})`;
  yield* printErr(`Connection to ${shown} ${port} port [${o.udp ? 'udp' : 'tcp'}/${service ?? '*'}] succeeded!\n`);
}

const option = (flag: string, value?: string, modelled = true) =>
  value === undefined ? { flag, modelled } : { flag, value, modelled };

export const command = defineCommand({
  name: 'nc',
  aliases: ['netcat'],
  dir: '/usr/bin',
  summary: 'arbitrary TCP and UDP connections and listens',
  images: ['node', 'netshoot', 'busybox'],
  options: [
    option('-4'),
    option('-6'),
    option('-b'),
    option('-C'),
    option('-d'),
    option('-D'),
    option('-h'),
    option('-k'),
    option('-l'),
    option('-M', 'ttl'),
    option('-N'),
    option('-n'),
    option('-p', 'port'),
    option('-q', 'seconds'),
    option('-s', 'sourceaddr'),
    option('-T', 'keyword'),
    option('-u'),
    option('-v'),
    option('-w', 'timeout'),
    option('-z'),
    option('-F', undefined, false),
    option('-I', 'length'),
    option('-i', 'interval'),
    option('-m', 'minttl', false),
    option('-O', 'length'),
    option('-P', 'user', false),
    option('-r'),
    option('-S', undefined, false),
    option('-t', undefined, false),
    option('-U', undefined, false),
    option('-V', 'rtable'),
    option('-W', 'recvlimit', false),
    option('-X', 'protocol', false),
    option('-x', 'address', false),
    option('-Z', undefined, false),
  ],
  run: main,
});
