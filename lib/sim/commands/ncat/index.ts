/** ncat 7.93, as Nmap's package has it. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { portByName } from '../../linux/netfilter/services.ts';
import { GAI_TEXT, resolveHost } from '../../linux/resolve/resolve.ts';
import { bind, closeSocket, connect, openSocket } from '../../linux/socket/index.ts';
import { relay } from '../../linux/socket/relay.ts';
import type { Socket } from '../../linux/types.ts';
import { errnoText } from '../../text/strerror.ts';
import { defineCommand } from '../contract.ts';
import { endAtOnce, print, printErr } from '../io.ts';
import { runProgram } from './exec.ts';
import { type NcatOptions, parseOptions } from './options.ts';
import { DEFAULT_PORT, serve } from './serve.ts';

const CONNECT_TIMEOUT = 10_000_000;

function* main(proc: Proc): Program {
  const parsed = parseOptions(proc.argv);
  if (!parsed.ok) return yield* endAtOnce(parsed);
  const o = parsed.options;
  return o.listen ? yield* serve(proc, o) : yield* client(proc, o);
}

function* client(proc: Proc, o: NcatOptions): Io<number> {
  const [host, portText] = o.args;
  if (host === undefined) {
    yield* printErr('Ncat: You must specify a host to connect to. QUITTING.\n');
    return 2;
  }
  const port =
    portText === undefined
      ? DEFAULT_PORT
      : /^\d+$/.test(portText)
        ? Number(portText)
        : portByName(portText, o.udp ? 17 : 6);
  if (port === null || port > 65535 || o.args.length > 2) {
    yield* printErr(
      o.args.length > 2
        ? `Ncat: Got more than one port specification: ${o.args.slice(1).join(' ')}. QUITTING.\n`
        : `Ncat: Invalid port number "${portText}". QUITTING.\n`,
    );
    return 2;
  }
  if (o.verbose > 0) yield* printErr('Ncat: Version 7.93 ( https://nmap.org/ncat )\n');
  const found =
    o.numeric && parseIp(host) === null
      ? ({ ok: false, error: 'NXDOMAIN' } as const)
      : yield* resolveHost(proc, host, o.family);
  if (!found.ok && parseIp(host) !== null) {
    yield* printErr(
      `Ncat: Could not resolve hostname "${host}": Address family for hostname not supported. QUITTING.\n`,
    );
    return 2;
  }
  if (!found.ok) {
    yield* printErr(`Ncat: Could not resolve hostname "${host}": ${GAI_TEXT[found.error]}. QUITTING.\n`);
    return 2;
  }
  const opened = yield* reach(proc, o, found.ips, port);
  return typeof opened === 'number' ? opened : yield* converse(proc, o, opened);
}

/** Tries the addresses in turn. */
function* reach(proc: Proc, o: NcatOptions, ips: readonly Ip[], port: number): Io<Socket | number> {
  let last = '';
  for (const ip of ips) {
    const socket = openSocket(proc, o.udp ? 'udp' : 'tcp', { family: typeof ip === 'bigint' ? 6 : 4, reuse: true });
    if (o.sourcePort !== null || o.sourceAddress !== null) {
      const source = o.sourceAddress === null ? null : yield* resolveHost(proc, o.sourceAddress, socket.family);
      const at: Ip = source?.ok ? (source.ips[0] as Ip) : socket.family === 6 ? 0n : 0;
      const errno = bind(proc.world, socket, { ip: at, port: o.sourcePort ?? 0 });
      if (errno) {
        yield* printErr(`Ncat: bind to ${formatIp(at)}:${o.sourcePort ?? 0}: ${errnoText(errno)}. QUITTING.\n`);
        return 2;
      }
    }
    const errno = yield* connect(proc, socket, { ip, port }, o.wait ?? CONNECT_TIMEOUT);
    if (errno === null) {
      if (o.verbose > 0) yield* printErr(`Ncat: Connected to ${formatIp(ip)}:${port}.\n`);
      return socket;
    }
    closeSocket(proc.world, socket);
    last = errno === 'EINPROGRESS' ? 'TIMEOUT' : errnoText(errno);
  }
  yield* printErr(`Ncat: ${last}.\n`);
  return 1;
}

function* converse(proc: Proc, o: NcatOptions, socket: Socket): Io<number> {
  if (o.scan) {
    closeSocket(proc.world, socket);
    if (o.verbose > 0) yield* printErr('Ncat: 0 bytes sent, 0 bytes received in 0.02 seconds.\n');
    return 0;
  }
  if (o.exec) {
    yield* runProgram(proc, socket, o.exec);
    closeSocket(proc.world, socket);
    return 0;
  }
  const start = proc.world.now;
  const end = yield* relay(
    proc,
    socket,
    {
      noStdin: o.recvOnly,
      shutdown: !o.noShutdown,
      quit: -1,
      idle: o.idle === null ? null : o.idle / 1e6,
      crlf: o.crlf,
      endAtInput: o.sendOnly || o.udp,
    },
    function* (text) {
      if (!o.sendOnly) yield* print(text);
    },
  );
  closeSocket(proc.world, socket);
  if (end.why === 'idle') {
    yield* printErr(`Ncat: Idle timeout expired (${Math.round((o.idle ?? 0) / 1000)} ms).\n`);
    return 1;
  }
  if (end.errno !== null) {
    yield* printErr(`Ncat: ${errnoText(end.errno)}.\n`);
    return 1;
  }
  if (o.verbose > 0) {
    const seconds = ((proc.world.now - start) / 1e6).toFixed(2);
    yield* printErr(`Ncat: ${end.sent} bytes sent, ${end.received} bytes received in ${seconds} seconds.\n`);
  }
  return 0;
}

const option = (flag: string, value?: string, modelled = true) =>
  value === undefined ? { flag, modelled } : { flag, value, modelled };

export const command = defineCommand({
  name: 'ncat',
  dir: '/usr/bin',
  summary: 'concatenate and redirect sockets',
  images: ['node', 'netshoot'],
  options: [
    option('-4'),
    option('-6'),
    option('-l'),
    option('--listen'),
    option('-k'),
    option('--keep-open'),
    option('-p', 'port'),
    option('--source-port', 'port'),
    option('-s', 'addr'),
    option('-u'),
    option('--udp'),
    option('-v'),
    option('-n'),
    option('-w', 'time'),
    option('-i', 'time'),
    option('-z'),
    option('-C'),
    option('-c', 'command'),
    option('--sh-exec', 'command'),
    option('-e', 'command'),
    option('--exec', 'command'),
    option('--send-only'),
    option('--recv-only'),
    option('--no-shutdown'),
    option('-m', 'n'),
    option('--version'),
    option('--ssl', undefined, false),
    option('--proxy', 'addr', false),
    option('--lua-exec', 'file', false),
    option('--broker', undefined, false),
    option('--chat', undefined, false),
    option('-o', 'file', false),
    option('-x', 'file', false),
    option('-d', 'time', false),
    option('-U', undefined, false),
    option('--sctp', undefined, false),
    option('-t', undefined, false),
    option('-g', 'hops', false),
    option('-G', 'n', false),
  ],
  run: main,
});
