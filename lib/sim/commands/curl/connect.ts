/** Finding the host and connecting to it, with curl's words and codes. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { resolveHost } from '../../linux/resolve/resolve.ts';
import { bind, closeSocket, connect, openSocket } from '../../linux/socket/index.ts';
import type { Socket } from '../../linux/types.ts';
import type { Url } from '../../text/http.ts';
import type { Console } from './console.ts';
import type { Options } from './options.ts';

/** A transfer's end: CURLcode and what `curl: (N)` says after it. */
export interface Failure {
  code: number;
  text: string;
}

export interface Connection {
  socket: Socket;
  ip: Ip;
  port: number;
  host: string;
}

export interface Deadlines {
  started: number;
  /** Virtual µs, or null. */
  total: number | null;
  connect: number | null;
}

const STRERROR: Record<string, string> = {
  ECONNREFUSED: 'Connection refused',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ETIMEDOUT: 'Connection timed out',
  EINVAL: 'Invalid argument',
  EACCES: 'Permission denied',
  ECONNRESET: 'Connection reset by peer',
  EPERM: 'Operation not permitted',
};
/** Kernel's answer came at once, without a packet on the wire. */
const IMMEDIATE = ['ENETUNREACH', 'EINVAL', 'EACCES', 'EPERM'];
const DEFAULT_CONNECT_SECONDS = 300;

export const milliseconds = (us: number): number => Math.floor(us / 1000);

/** What -m or --connect-timeout says when time ran out while connecting. */
export function* openConnection(
  proc: Proc,
  o: Options,
  url: Url,
  at: Deadlines,
  con: Console,
): Io<Connection | Failure> {
  const { world } = proc;
  const mapped = yield* mapTarget(o, url, con);
  const { port } = mapped;
  const limit = Math.min(
    at.total ?? Number.POSITIVE_INFINITY,
    at.connect ?? at.started + DEFAULT_CONNECT_SECONDS * 1e6,
  );
  const ips = yield* addresses(proc, o, mapped.host, port, con, limit);
  if (world.now >= limit) {
    return { code: 28, text: `Resolving timed out after ${milliseconds(world.now - at.started)} milliseconds` };
  }
  if (!Array.isArray(ips)) return ips;
  let errno = '';
  for (const [index, ip] of ips.entries()) {
    yield* con.info(`  Trying ${typeof ip === 'bigint' ? `[${formatIp(ip)}]` : formatIp(ip)}:${port}...`);
    const socket = openSocket(proc, 'tcp', { family: typeof ip === 'bigint' ? 6 : 4 });
    const refused = bindInterface(proc, o, socket) ?? bindPort(proc, o, socket);
    if (refused) return refused;
    // Half of what is left for each address but the last.
    const left = limit - world.now;
    const share = index < ips.length - 1 ? left / 2 : left;
    errno = (yield* connect(proc, socket, { ip, port }, Math.max(1, Math.round(share)))) ?? '';
    yield* con.tick();
    if (errno === '') {
      yield* con.info(`Connected to ${mapped.host} (${formatIp(ip)}) port ${port} (#0)`);
      return { socket, ip, port, host: url.host };
    }
    closeSocket(world, socket);
    if (world.now >= limit) return timedOut(proc, mapped.host, port, at);
    const reason = STRERROR[errno] ?? errno;
    yield* con.info(
      IMMEDIATE.includes(errno)
        ? `Immediate connect fail for ${formatIp(ip)}: ${reason}`
        : `connect to ${formatIp(ip)} port ${port} failed: ${reason}`,
    );
  }
  const ms = milliseconds(world.now - at.started);
  return {
    code: errno === 'ETIMEDOUT' ? 28 : 7,
    text: `Failed to connect to ${mapped.host} port ${port} after ${ms} ms: Couldn't connect to server`,
  };
}

function timedOut(proc: Proc, host: string, port: number, at: Deadlines): Failure {
  const ms = milliseconds(proc.world.now - at.started);
  if (at.total !== null && proc.world.now >= at.total)
    return { code: 28, text: `Connection timed out after ${ms} milliseconds` };
  return { code: 28, text: `Failed to connect to ${host} port ${port} after ${ms} ms: Timeout was reached` };
}

/** --connect-to: the first rule whose host and port are empty or those of the URL. */
function* mapTarget(o: Options, url: Url, con: Console): Io<{ host: string; port: number }> {
  const port = url.port ?? 80;
  const rule = o.connectTo.find((r) => (r.host === '' || r.host === url.host) && (r.port === null || r.port === port));
  if (!rule) return { host: url.host, port };
  if (rule.toHost) yield* con.info(`Connecting to hostname: ${rule.toHost}`);
  if (rule.toPort !== null) yield* con.info(`Connecting to port: ${rule.toPort}`);
  return { host: rule.toHost || url.host, port: rule.toPort ?? port };
}

/** --local-port: the first of the range that is free. */
function bindPort(proc: Proc, o: Options, socket: Socket): Failure | null {
  if (!o.localPort) return null;
  const ip = socket.local.ip;
  let errno = 'EADDRINUSE';
  for (let port = o.localPort.low; port <= o.localPort.high; port++) {
    const failed = bind(proc.world, socket, { ip, port });
    if (!failed) return null;
    errno = failed;
  }
  return { code: 45, text: `bind failed with errno 98: ${errno === 'EADDRINUSE' ? 'Address already in use' : errno}` };
}

function* addresses(
  proc: Proc,
  o: Options,
  host: string,
  port: number,
  con: Console,
  limit: number,
): Io<Ip[] | Failure> {
  for (const entry of o.resolve)
    yield* con.info(`Added ${entry.host}:${entry.port}:${entry.ips.join(',')} to DNS cache`);
  const pinned = o.resolve.find((entry) => entry.host === host && entry.port === port);
  if (pinned) {
    yield* con.info(`Hostname ${host} was found in DNS cache`);
    const ips = pinned.ips.map(parseIp).filter((ip) => ip !== null);
    return ips.length > 0
      ? ips
      : { code: 49, text: `Couldn't parse CURLOPT_RESOLVE entry '${host}:${port}:${pinned.ips.join(',')}'` };
  }
  const found = yield* resolveHost(proc, host, o.family ?? undefined, limit);
  yield* con.tick();
  if (found.ok) return found.ips;
  if (parseIp(host) !== null) return { code: 7, text: "Couldn't connect to server" };
  return { code: 6, text: `Could not resolve host: ${host}` };
}

function bindInterface(proc: Proc, o: Options, socket: Socket): Failure | null {
  if (o.iface === '') return null;
  const link = [...proc.netns.links.values()].find((l) => l.name === o.iface);
  if (link) {
    socket.dev = link.ifindex;
    return null;
  }
  const ip = parseIp(o.iface);
  if (ip !== null && !bind(proc.world, socket, { ip, port: 0 })) return null;
  return {
    code: 45,
    text: ip === null ? `Couldn't bind to '${o.iface}'` : 'bind failed with errno 99: Cannot assign requested address',
  };
}
