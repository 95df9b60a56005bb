/** ping of iputils 20221126. */
import { formatIp, type Ip, isMulticast, parseIp, parseIp6 } from '../../addr/ip.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { nextBelow } from '../../kernel/rng.ts';
import { findLink } from '../../linux/link/find.ts';
import { GAI_TEXT, parseAton, resolveHost } from '../../linux/resolve/resolve.ts';
import { bind, bindToDevice, closeSocket, connectDatagram, openSocket } from '../../linux/socket/index.ts';
import type { Link, Socket } from '../../linux/types.ts';
import { errnoText } from '../../text/strerror.ts';
import { defineCommand } from '../contract.ts';
import { endAtOnce, notModelled, print, printErr } from '../io.ts';
import { run, withScope } from './loop.ts';
import { type PingOptions, parseOptions, USAGE } from './options.ts';
import { newStats, summary } from './stats.ts';

function* main(proc: Proc): Program {
  const parsed = parseOptions(proc.argv);
  if (!parsed.ok) return yield* endAtOnce(parsed);
  const o = parsed.options;
  yield* printErr(o.warnings);
  if (o.pattern && !o.quiet)
    yield* print(`PATTERN: 0x${o.pattern.map((b) => b.toString(16).padStart(2, '0')).join('')}\n`);
  const target = o.hosts.at(-1) as string;
  const family = o.family ?? undefined;
  const scope = /^([0-9a-fA-F:.]+)%(.+)$/.exec(target);
  const scoped = scope && parseIp6(scope[1] as string) !== null ? findLink(proc.netns, scope[2] as string) : undefined;
  const found = yield* resolveHost(proc, scoped ? (scope?.[1] as string) : target, family);
  if (!found.ok) {
    // A literal of the other family: EAI_ADDRFAMILY.
    const other = parseIp(target) !== null || parseAton(target) !== null;
    const why = other ? 'Address family for hostname not supported' : GAI_TEXT[found.error];
    yield* printErr(`${proc.argv[0]}: ${target}: ${why}\n`);
    return 2;
  }
  const to = found.ips[0] as Ip;
  if (o.hosts.length > 1) {
    if (typeof to === 'bigint') {
      yield* printErr(USAGE);
      return 2;
    }
    if (o.stamps) return yield* notModelled('ping -T');
    // Source routes through other hosts are refused by the kernel (accept_source_route).
    yield* printErr(`${proc.argv[0]}: record route: Operation not permitted\n`);
    return 2;
  }
  if (o.stamps && typeof to === 'number') return yield* notModelled('ping -T');
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
  return yield* ping(proc, o, literal ? target : found.canonical, to, scoped);
}

function* ping(proc: Proc, o: PingOptions, host: string, asked: Ip, scoped?: Link): Io<number> {
  const { world } = proc;
  const six = typeof asked === 'bigint';
  const socket = openSocket(proc, 'raw', { family: six ? 6 : 4 });
  socket.recverr = true;
  if (scoped) bindToDevice(world, socket, scoped);
  const opened = yield* prepare(proc, o, socket, asked === 0n ? 1n : asked, scoped);
  if (typeof opened === 'number') return opened;
  // The unspecified address means this host itself.
  const to = asked === 0 ? opened.source : asked === 0n ? 1n : asked;
  if (o.pmtudisc) socket.pmtudisc = o.pmtudisc;
  socket.ttl = o.ttl || (isMulticast(to) ? 1 : 0);
  socket.tos = o.tos;
  socket.mark = o.mark;
  socket.noLoop = o.noLoop;
  const shows = o.device !== null || o.source !== null || o.stickySource;
  const from = shows ? `from ${formatIp(opened.source)} ${o.device ?? ''}: ` : '';
  if (six) {
    const text = withScope(asked, scoped);
    const shown = host === text ? host : `${host} (${text})`;
    const flow = o.flowLabel === null ? '' : `, flow 0x${o.flowLabel.toString(16).padStart(5, '0')}, `;
    yield* print(`PING ${host}(${shown}) ${from}${flow}${o.size} data bytes\n`);
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
function* prepare(proc: Proc, o: PingOptions, socket: Socket, to: Ip, scoped?: Link): Io<{ source: Ip } | number> {
  const { world, netns } = proc;
  const device = o.device === null ? undefined : findLink(netns, o.device);
  if (o.device !== null && !device) {
    yield* printErr(
      typeof to === 'bigint'
        ? `ping: unknown iface: ${o.device}\n`
        : `ping: SO_BINDTODEVICE ${o.device}: No such device\n`,
    );
    return 2;
  }
  if (device) bindToDevice(world, socket, device);
  if (socket.ttl === 0 && o.ttl === 0 && o.ttlGiven && typeof to === 'number') {
    yield* printErr('ping: cannot set unicast time-to-live: Invalid argument\n');
    return 2;
  }
  if (o.source !== null && typeof o.source === typeof to) {
    const error = bind(world, socket, { ip: o.source, port: 0 });
    if (error) {
      yield* printErr(`ping: bind${typeof to === 'bigint' ? ' icmp socket' : ''}: ${errnoText(error)}\n`);
      return 2;
    }
    return { source: o.source };
  }
  const probe = openSocket(proc, 'udp', { family: typeof to === 'bigint' ? 6 : 4 });
  probe.mark = o.mark;
  if (device ?? scoped) bindToDevice(world, probe, (device ?? scoped) as Link);
  // An IPv6 address with a link of its own is connected to without asking for a route.
  if (device && typeof to === 'bigint' && (to >> 118n === 0x3fan || to >> 112n === 0xff02n)) {
    yield* printErr(`ping: Warning: source address might be selected on device other than: ${o.device}\n`);
    closeSocket(world, probe);
    return { source: 0n };
  }
  let error = connectDatagram(world, probe, { ip: to, port: 1025 });
  if (error === 'EACCES' && typeof to === 'number') {
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
    yield* printErr(`${proc.argv[0]}: connect: ${errnoText(error)}\n`);
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
      i < 16 && o.size >= 16 ? 0 : o.pattern?.length ? (o.pattern[i % o.pattern.length] as number) : i & 255,
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
    option('-M', 'do|dont|want'),
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
    option('-C'),
    option('-d'),
    option('-F', 'flowlabel'),
    option('-L'),
    option('-r'),
    option('-S', 'sndbuf'),
    option('-U'),
    option('-N', 'nodeinfo', false),
    option('-T', 'timestamp', false),
  ],
  run: main,
});
