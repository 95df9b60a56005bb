/** ping of iputils 20221126. */
import { formatIp, type Ip, isMulticast } from '../../addr/ip.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { nextBelow } from '../../kernel/rng.ts';
import { findLink } from '../../linux/link/find.ts';
import { GAI_TEXT, parseAton, resolveHost } from '../../linux/resolve/resolve.ts';
import { bind, bindToDevice, closeSocket, connectDatagram, openSocket } from '../../linux/socket/index.ts';
import type { Socket } from '../../linux/types.ts';
import { errnoText } from '../../text/strerror.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr } from '../io.ts';
import { run } from './loop.ts';
import { type PingOptions, parseOptions } from './options.ts';
import { newStats, summary } from './stats.ts';

function* main(proc: Proc): Program {
  const parsed = parseOptions(proc.argv);
  if (!parsed.ok) {
    if ('notModelled' in parsed) return yield* notModelled(parsed.notModelled);
    yield* print(parsed.stdout ?? '');
    yield* printErr(parsed.stderr ?? '');
    return parsed.exit;
  }
  const o = parsed.options;
  if (o.hosts.length > 1) return yield* notModelled('ping through several hosts (source routing)');
  yield* printErr(o.warnings);
  if (o.pattern.length > 0 && !o.quiet)
    yield* print(`PATTERN: 0x${o.pattern.map((b) => b.toString(16).padStart(2, '0')).join('')}\n`);
  const target = o.hosts[0] as string;
  const family = o.family ?? (typeof o.source === 'bigint' ? 6 : o.source === null ? undefined : 4);
  const found = yield* resolveHost(proc, target, family);
  if (!found.ok) {
    yield* printErr(`ping: ${target}: ${GAI_TEXT[found.error]}\n`);
    return 2;
  }
  const to = found.ips[0] as Ip;
  const literal = target.includes(':') || parseAton(target) !== null;
  if (literal && o.numeric === null) o.numeric = true;
  if (o.verbose) {
    yield* printErr(
      `ping: sock4.fd: 3 (socktype: SOCK_RAW), sock6.fd: 4 (socktype: SOCK_RAW), hints.ai_family: ${family === 4 ? 'AF_INET' : family === 6 ? 'AF_INET6' : 'AF_UNSPEC'}\n\n`,
    );
    yield* print(
      `ai->ai_family: ${typeof to === 'bigint' ? 'AF_INET6' : 'AF_INET'}, ai->ai_canonname: '${found.canonical}'\n`,
    );
  }
  return yield* ping(proc, o, literal ? target : found.canonical, to);
}

function* ping(proc: Proc, o: PingOptions, host: string, asked: Ip): Io<number> {
  const { world } = proc;
  const six = typeof asked === 'bigint';
  const socket = openSocket(proc, 'raw', { family: six ? 6 : 4 });
  socket.recverr = true;
  const opened = yield* prepare(proc, o, socket, asked);
  if (typeof opened === 'number') return opened;
  // The unspecified address means this host itself.
  const to = asked === 0 || asked === 0n ? opened.source : asked;
  if (o.pmtudisc) socket.pmtudisc = o.pmtudisc;
  socket.ttl = o.ttl || (isMulticast(to) ? 1 : 0);
  socket.tos = o.tos;
  socket.mark = o.mark;
  const from = o.device !== null || o.source !== null ? `from ${formatIp(opened.source)} ${o.device ?? ''}: ` : '';
  if (six) {
    const shown = host === formatIp(to) ? host : `${host} (${formatIp(to)})`;
    yield* print(`PING ${host}(${shown}) ${from}${o.size} data bytes\n`);
  } else {
    yield* print(
      `PING ${host} (${formatIp(to)}) ${from}${o.size}(${o.size + 28 + (o.recordRoute ? 40 : 0)}) bytes of data.\n`,
    );
  }
  const timing = o.size >= 16;
  const p = {
    proc,
    o,
    socket,
    to,
    ident: o.ident ?? 1 + nextBelow(world.rng, 65535),
    timing,
    stats: newStats(world.now),
    sentAt: new Map<number, number>(),
    data: payload(o),
    tokens: 0,
    oom: 0,
    exiting: false,
    exitAt: null,
    waiting: false,
    names: new Map<Ip, string>(),
    lastRoute: '',
  };
  proc.onInterrupt = () => {
    p.exiting = true;
  };
  yield* run(p);
  delete proc.onInterrupt;
  closeSocket(world, socket);
  yield* print(summary(p.stats, host, o, timing));
  return p.stats.received === 0 || (o.deadline > 0 && p.stats.received < o.count) ? 1 : 0;
}

/** Device, source, and the probing connect() that finds the source: 2 after an error. */
function* prepare(proc: Proc, o: PingOptions, socket: Socket, to: Ip): Io<{ source: Ip } | number> {
  const { world, netns } = proc;
  const device = o.device === null ? undefined : findLink(netns, o.device);
  if (o.device !== null && !device) {
    yield* printErr(`ping: SO_BINDTODEVICE ${o.device}: No such device\n`);
    return 2;
  }
  if (device) bindToDevice(world, socket, device);
  if (o.source !== null) {
    const error = bind(world, socket, { ip: o.source, port: 0 });
    if (error) {
      yield* printErr(`ping: bind: ${errnoText(error)}\n`);
      return 2;
    }
    return { source: o.source };
  }
  const probe = openSocket(proc, 'udp', { family: typeof to === 'bigint' ? 6 : 4 });
  if (device) bindToDevice(world, probe, device);
  let error = connectDatagram(world, probe, { ip: to, port: 1025 });
  if (error === 'EACCES') {
    if (!o.broadcast) {
      yield* printErr('ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n');
      return 2;
    }
    yield* printErr('WARNING: pinging broadcast address\n');
    probe.broadcast = true;
    socket.broadcast = true;
    error = connectDatagram(world, probe, { ip: to, port: 1025 });
  }
  const source = probe.local.ip;
  closeSocket(world, probe);
  if (error) {
    yield* printErr(`ping: connect: ${errnoText(error)}\n`);
    return 2;
  }
  if (device && !device.addrs.some((a) => a.local === source)) {
    yield* printErr(`ping: Warning: source address might be selected on device other than: ${o.device}\n`);
  }
  return { source };
}

/** The bytes of a request: a time stamp's room, then the pattern or counting bytes. */
function payload(o: PingOptions): string {
  let text = '';
  for (let i = 0; i < o.size; i++)
    text += String.fromCharCode(
      i < 16 && o.size >= 16 ? 0 : o.pattern.length > 0 ? (o.pattern[i % o.pattern.length] as number) : i & 255,
    );
  return text;
}

const option = (flag: string, value?: string, modelled = true) =>
  value === undefined ? { flag, modelled } : { flag, value, modelled };

export const command = defineCommand({
  name: 'ping',
  aliases: ['ping4', 'ping6'],
  dir: '/usr/bin',
  summary: 'send ICMP ECHO_REQUEST to network hosts',
  images: ['node', 'netshoot', 'http'],
  options: [
    option('-4'),
    option('-6'),
    option('-a'),
    option('-A'),
    option('-b'),
    option('-B'),
    option('-c', 'count'),
    option('-D'),
    option('-e', 'identifier'),
    option('-f'),
    option('-h'),
    option('-H'),
    option('-i', 'interval'),
    option('-I', 'interface'),
    option('-l', 'preload'),
    option('-m', 'mark'),
    option('-M', 'do|dont|want|probe'),
    option('-n'),
    option('-O'),
    option('-p', 'pattern'),
    option('-q'),
    option('-Q', 'tclass'),
    option('-R'),
    option('-s', 'size'),
    option('-t', 'ttl'),
    option('-v'),
    option('-V'),
    option('-w', 'deadline'),
    option('-W', 'timeout'),
    option('-C', undefined, false),
    option('-F', 'flowlabel', false),
    option('-L', undefined, false),
    option('-N', 'nodeinfo', false),
    option('-r', undefined, false),
    option('-T', 'timestamp', false),
  ],
  run: main,
});
