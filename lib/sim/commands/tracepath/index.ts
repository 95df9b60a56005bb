/** tracepath of iputils 20221126: UDP probes with "don't fragment", reading the socket's error queue. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { GAI_TEXT, resolveAddress, resolveHost } from '../../linux/resolve/resolve.ts';
import { lookupRoute } from '../../linux/route/lookup.ts';
import { closeSocket, openSocket, sendTo } from '../../linux/socket/index.ts';
import type { Socket } from '../../linux/types.ts';
import { errnoText } from '../../text/strerror.ts';
import { defineCommand } from '../contract.ts';
import { print, printErr, waitFor } from '../io.ts';
import { HELP, type Options, parseOptions, VERSION } from './options.ts';

const HOST_COLUMN = 52;
const SLOTS = 64;
const MAX_PACKET = 65535;
const MAX_PACKET6 = 128000;

interface State {
  proc: Proc;
  o: Options;
  socket: Socket;
  to: Ip;
  mtu: number;
  overhead: number;
  slot: number;
  history: ({ hops: number; sentAt: number } | null)[];
  hopsTo: number;
  hopsFrom: number;
}

/** 0: the trace is over. Positive: progress. −1: nothing came. */
type Result = number;

function* main(proc: Proc): Program {
  const parsed = parseOptions(proc.argv.slice(1));
  if (!parsed.ok) {
    if (parsed.kind === 'version') {
      yield* print(VERSION);
      return 0;
    }
    yield* printErr(parsed.text);
    if (parsed.kind === 'error') return 1;
    if (parsed.kind === 'conflict') return 2;
    yield* printErr(HELP);
    return 255;
  }
  const o = parsed.options;
  const found = yield* resolveHost(proc, o.host, o.family ?? undefined);
  if (!found.ok) {
    const other = parseIp(o.host) !== null;
    const why = other ? 'Address family for hostname not supported' : GAI_TEXT[found.error];
    yield* printErr(`tracepath: ${o.host}: ${why}\n`);
    return 1;
  }
  const to = found.ips[0] as Ip;
  const six = typeof to === 'bigint';
  const socket = openSocket(proc, 'udp', { family: six ? 6 : 4 });
  socket.pmtudisc = 'do';
  socket.recverr = true;
  const overhead = six ? 48 : 28;
  if (o.length === 0) o.length = null;
  if (o.length !== null && o.length <= overhead) {
    yield* printErr(`tracepath: pktlen must be within: ${overhead} < value <= 2147483647\n`);
    return 1;
  }
  const state: State = {
    proc,
    o,
    socket,
    to,
    mtu: Math.min(o.length ?? (six ? MAX_PACKET6 : MAX_PACKET), six ? MAX_PACKET6 : MAX_PACKET),
    overhead,
    slot: 0,
    history: Array(SLOTS).fill(null),
    hopsTo: -1,
    hopsFrom: -1,
  };
  yield* hops(state);
  closeSocket(proc.world, socket);
  const to_ = state.hopsTo >= 0 ? `hops ${state.hopsTo} ` : '';
  const back = state.hopsFrom >= 0 ? `back ${state.hopsFrom} ` : '';
  yield* print(`     Resume: pmtu ${state.mtu} ${to_}${back}\n`);
  return 0;
}

function* hops(s: State): Io<void> {
  for (let ttl = 1; ttl <= s.o.maxHops; ttl++) {
    s.socket.ttl = ttl;
    let result: Result = -1;
    for (let tries = 0; tries < 3; tries++) {
      const before = s.mtu;
      result = yield* probe(s, ttl);
      if (s.mtu !== before) {
        // The packet size changed: this hop is asked again from the start.
        tries = -1;
        continue;
      }
      if (result === 0) return;
      if (result > 0) break;
    }
    if (result < 0) yield* print(`${two(ttl)}:  no reply\n`);
  }
  yield* print(`     Too many hops: pmtu ${s.mtu}\n`);
}

const milliseconds = (us: number): string =>
  `${String(Math.floor(us / 1000)).padStart(3)}.${String(us % 1000).padStart(3, '0')}ms`;

const two = (n: number): string => String(n).padStart(2);

function* probe(s: State, ttl: number): Io<Result> {
  const { world } = s.proc;
  for (let tries = 0; tries < 10; tries++) {
    const sentAt = world.now;
    s.history[s.slot] = { hops: ttl, sentAt };
    const data = '\0'.repeat(Math.max(0, s.mtu - s.overhead));
    const errno = sendTo(world, s.socket, { ip: s.to, port: s.o.port + s.slot }, data);
    if (errno === null) {
      s.slot = (s.slot + 1) % SLOTS;
      yield* waitFor(() => s.socket.errq.length > 0 || s.socket.recvq.length > 0, world.now + 1_000_000);
      if (s.socket.recvq.length > 0) {
        yield* print(`${two(ttl)}?: reply received 8)\n`);
        return 0;
      }
      return yield* readErrors(s, ttl);
    }
    s.history[s.slot] = null;
    if (errno === 'EMSGSIZE') {
      const route = lookupRoute(world, s.proc.netns, { dst: s.to });
      if (route.ok && route.mtu < s.mtu) {
        s.mtu = route.mtu;
        s.socket.errq.length = 0;
        yield* print(
          `${two(ttl)}?: ${'[LOCALHOST]'.padEnd(32)} ${typeof s.to === 'bigint' ? `${milliseconds(world.now - sentAt)} ` : ''}pmtu ${s.mtu}\n`,
        );
        tries = -1;
        continue;
      }
    }
    const result = yield* readErrors(s, ttl);
    if (result === 0) return 0;
    if (result > 0) tries = -1;
  }
  yield* print(`${two(ttl)}:  send failed\n`);
  return 0;
}

function* readErrors(s: State, ttl: number): Io<Result> {
  let progress: Result = -1;
  for (;;) {
    const e = s.socket.errq.shift();
    s.socket.error = null;
    if (!e) return progress;
    progress = s.mtu;
    const slot = (e.quoted.udp?.dport ?? 0) - s.o.port;
    const sent = s.history[slot] ?? null;
    if (sent) s.history[slot] = null;
    const head = sent ? `${two(sent.hops)}:  ` : `${two(ttl)}?: `;
    const us = sent ? e.at - sent.sentAt : 0;
    const time = sent ? `${milliseconds(us)} ` : '';
    yield* print(head + (yield* hostColumn(s, e.from)) + time);
    const back = returnHops(e.ttl ?? 64);
    const exceeded = typeof e.from === 'bigint' ? e.type === 3 : e.type === 11;
    if (exceeded && e.code === 0) {
      const asked = sent?.hops ?? ttl;
      yield* print(back === asked ? '\n' : `asymm ${two(back)} \n`);
    } else if (e.errno === 'EMSGSIZE') {
      s.mtu = e.mtu;
      progress = s.mtu;
      yield* print(`pmtu ${e.mtu}\n`);
    } else if (e.errno === 'ECONNREFUSED') {
      s.hopsTo = sent?.hops ?? ttl;
      s.hopsFrom = back;
      yield* print('reached\n');
      return 0;
    } else {
      const mark = ({ EPROTO: '!P', EHOSTUNREACH: '!H', ENETUNREACH: '!N', EACCES: '!A' } as Record<string, string>)[
        e.errno
      ];
      yield* print(`${mark ?? ''}\n`);
      if (!mark) yield* printErr(`tracepath: NET ERROR: ${errnoText(e.errno)}\n`);
      return 0;
    }
  }
}

/** How far the answer came, guessed from the TTL senders start with. */
const returnHops = (ttl: number): number => (ttl <= 64 ? 65 - ttl : ttl <= 128 ? 129 - ttl : 256 - ttl);

function* hostColumn(s: State, ip: Ip): Io<string> {
  const name = s.o.numeric ? formatIp(ip) : ((yield* resolveAddress(s.proc, ip)) ?? formatIp(ip));
  const text = s.o.both ? `${name} (${formatIp(ip)})` : name;
  return text + ' '.repeat(HOST_COLUMN - Math.min(text.length, HOST_COLUMN - 1));
}

const option = (flag: string, value?: string) => ({ flag, value, modelled: true });

export const command = defineCommand({
  name: 'tracepath',
  dir: '/usr/bin',
  summary: 'trace the path to a host and its path MTU',
  images: ['node', 'netshoot'],
  options: [
    option('-n'),
    option('-b'),
    option('-4'),
    option('-6'),
    option('-l', 'length'),
    option('-m', 'hops'),
    option('-p', 'port'),
    option('-V'),
  ],
  run: main,
});
