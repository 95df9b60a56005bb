/** ping's main loop: pinger(), main_loop(), the error queue. Times of the original are milliseconds. */
import { formatIp, type Ip, isMulticast } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { resolveAddress } from '../../linux/resolve/resolve.ts';
import { inetIif } from '../../linux/socket/iif.ts';
import { sendIcmp, takeError } from '../../linux/socket/index.ts';
import type { Datagram, Link, Socket } from '../../linux/types.ts';
import { errnoText } from '../../text/strerror.ts';
import { print, printErr, waitFor } from '../io.ts';
import type { PingOptions } from './options.ts';
import { acknowledge, inFlight, type Stats, timeText } from './stats.ts';
import { icmp6Words, icmpWords } from './words.ts';

export interface Ping {
  proc: Proc;
  o: PingOptions;
  socket: Socket;
  to: Ip;
  ident: number;
  timing: boolean;
  stats: Stats;
  sentAt: Map<number, number>;
  data: string;
  tokens: number;
  oom: number;
  exiting: boolean;
  exitAt: number | null;
  waiting: boolean;
  names: Map<Ip, string>;
  lastRoute: string;
}

const MIN_INTERVAL = 10;
/** Virtual µs a locally made ICMP error takes by way of lo. */
const LOCAL_DELIVERY = 40;

/** Sends and receives until it is time to finish. */
export function* run(p: Ping): Io<void> {
  const { o, stats, socket } = p;
  const { world } = p.proc;
  if (o.deadline > 0) p.exitAt = world.now + o.deadline * 1e6;
  const over = () => p.exiting || (p.exitAt !== null && world.now >= p.exitAt);
  const input = () => socket.recvq.length > 0 || socket.error !== null;
  for (;;) {
    if (over()) return;
    if (o.count > 0 && stats.received + stats.errors >= o.count) return;
    if (o.deadline > 0 && stats.errors > 0) return;
    let next: number;
    do {
      next = scheduleExit(p, yield* pinger(p));
    } while (next <= 0);
    const wake = world.now + next * 1000;
    yield* waitFor(() => over() || input(), p.exitAt === null ? wake : Math.min(wake, p.exitAt));
    while (input() && !over()) {
      yield* receive(p);
      if (inFlight(stats) === 0) break;
    }
  }
}

/** After the last packet: how long to wait for what is still under way. */
function scheduleExit(p: Ping, next: number): number {
  const { o, stats } = p;
  if (o.count === 0 || stats.transmitted < o.count || o.deadline > 0 || p.waiting) return next;
  p.waiting = true;
  // A linger time of 0 leaves the timer unset: ping waits for ever.
  if (stats.received === 0 && o.linger === 0) return 3_600_000;
  const wait = stats.received > 0 ? Math.max(2 * stats.max, 1000 * o.interval) : o.linger * 1000;
  p.exitAt = p.proc.world.now + wait;
  return next < 0 || next < wait / 1000 ? Math.ceil(wait / 1000) : next;
}

/** Sends the next packet when it is due; answers milliseconds until the one after it. */
function* pinger(p: Ping): Io<number> {
  const { o, stats } = p;
  const { now } = p.proc.world;
  if (p.exiting || (o.count > 0 && stats.transmitted >= o.count && o.deadline === 0)) return 1000;
  if (stats.current === null) {
    stats.current = now;
    p.tokens = o.interval * (o.preload - 1);
  } else {
    let tokens = Math.floor((now - stats.current) / 1000);
    if (o.interval === 0 && tokens < MIN_INTERVAL && inFlight(stats) >= o.preload) return MIN_INTERVAL - tokens;
    tokens = Math.min(tokens + p.tokens, o.interval * o.preload);
    if (tokens < o.interval) return o.interval - tokens;
    stats.current = now;
    p.tokens = tokens - o.interval;
  }
  if (o.outstanding && stats.transmitted > 0 && !stats.seen.has(stats.transmitted & 0xffff)) {
    yield* print(`${stamp(p)}no answer yet for icmp_seq=${stats.transmitted % 65536}\n`);
  }
  const seq = (stats.transmitted + 1) & 0xffff;
  p.sentAt.set(seq, now);
  const six = typeof p.to === 'bigint';
  const errno = sendIcmp(
    p.proc.world,
    p.socket,
    p.to,
    { type: six ? 128 : 8, code: 0, id: p.ident, seq },
    p.data,
    o.recordRoute && !six,
  );
  if (errno === null) {
    p.oom = 0;
    sent(p, seq);
    if (!o.quiet && o.flood) yield* print('.');
    return o.interval - p.tokens;
  }
  let told = false;
  if (errno === 'ENOBUFS') {
    p.tokens = 0;
    const pause = Math.min(500, Math.max(MIN_INTERVAL, Math.floor(o.interval / 2)));
    p.oom++;
    if (p.oom * pause < o.linger) return pause;
    told = true;
  } else {
    // The kernel has delivered its own ICMP errors before sendmsg() returns.
    yield* waitFor(() => p.socket.errq.length > 0, now + LOCAL_DELIVERY);
    // With an empty error queue ping stays silent; with an ICMP error it adds what sendmsg() said.
    told = yield* readErrors(p);
  }
  // A hard local error counts as a packet that was sent.
  sent(p, seq);
  if (told && !o.quiet) {
    if (o.flood) yield* print('E');
    else yield* printErr(`ping: sendmsg: ${errnoText(errno)}\n`);
  }
  p.tokens = 0;
  return Math.max(MIN_INTERVAL, o.interval);
}

function sent(p: Ping, seq: number): void {
  p.stats.transmitted++;
  p.stats.seen.delete(seq);
}

const stamp = (p: Ping): string => {
  if (!p.o.timestamps) return '';
  const { world } = p.proc;
  const us = world.now % 1_000_000;
  return `[${world.epoch + Math.floor(world.now / 1_000_000)}.${String(us).padStart(6, '0')}] `;
};

/** One reply, or the error queue. */
function* receive(p: Ping): Io<void> {
  const errno = takeError(p.socket);
  if (errno !== null) {
    yield* readErrors(p);
    return;
  }
  const datagram = p.socket.recvq.shift();
  if (datagram) yield* reply(p, datagram);
}

/** Reads the error queue: whether an ICMP error for this ping was in it. */
function* readErrors(p: Ping): Io<boolean> {
  const { o, stats } = p;
  let told = false;
  for (let e = p.socket.errq.shift(); e; e = p.socket.errq.shift()) {
    if (e.type === -1) {
      stats.errors++;
      if (o.quiet) continue;
      if (o.flood) yield* print('E');
      else
        yield* printErr(`ping: local error: message too long, mtu${typeof p.to === 'bigint' ? ': ' : '='}${e.mtu}\n`);
      continue;
    }
    const was = e.quoted;
    const request = was.icmp?.type === (typeof p.to === 'bigint' ? 128 : 8);
    if (was.ip?.dst !== p.to || !request || was.icmp?.id !== p.ident) continue;
    const seq = was.icmp.seq ?? 0;
    acknowledge(stats, seq);
    told = true;
    stats.errors++;
    if (o.quiet) continue;
    if (o.flood) {
      yield* print('\bE');
      continue;
    }
    const words = typeof e.from === 'bigint' ? icmp6Words(e.type, e.code, e.mtu) : icmpWords(e.type, e.code, e.mtu);
    yield* print(`${stamp(p)}From ${yield* nameOf(p, e.from)} icmp_seq=${seq} ${words}\n`);
  }
  p.socket.error = null;
  return told;
}

/** An address as getnameinfo() shows it: link-local ones name their interface. */
export function withScope(ip: Ip, link: Link | undefined): string {
  const local = typeof ip === 'bigint' && (ip >> 118n === 0x3fan || ip >> 112n === 0xff02n);
  return local && link ? `${formatIp(ip)}%${link.name}` : formatIp(ip);
}

function* nameOf(p: Ping, ip: Ip, linkOf?: Link): Io<string> {
  const known = p.names.get(ip);
  if (known !== undefined) return known;
  const text = withScope(ip, linkOf);
  const name = p.o.numeric || p.exiting ? null : yield* resolveAddress(p.proc, ip);
  const full = name === null || name === undefined || name === '' ? text : `${name} (${text})`;
  p.names.set(ip, full);
  return full;
}

/** An ICMP packet the raw socket saw: ping4_parse_reply(), gather_statistics(). */
function* reply(p: Ping, d: Datagram): Io<void> {
  const { o, stats } = p;
  const { icmp } = d.packet;
  if (!icmp) return;
  const six = typeof p.to === 'bigint';
  if (!six && icmp.type === 5 && icmp.quoted) {
    yield* redirect(p, d);
    return;
  }
  if (icmp.type !== (six ? 129 : 0) || icmp.id !== p.ident) return;
  const seq = icmp.seq ?? 0;
  stats.received++;
  acknowledge(stats, seq);
  const trip = d.at - (p.sentAt.get(seq) ?? d.at);
  if (p.timing) {
    stats.sum += trip;
    stats.sum2 += trip * trip;
    stats.min = Math.min(stats.min, trip);
    stats.max = Math.max(stats.max, trip);
    stats.rtt = stats.rtt === 0 ? trip * 8 : stats.rtt + trip - Math.floor(stats.rtt / 8);
  }
  const duplicate = stats.seen.has(seq);
  if (duplicate) {
    stats.repeats++;
    stats.received--;
  } else stats.seen.add(seq);
  if (o.adaptive) o.interval = Math.max(o.preload > 1 ? 0 : MIN_INTERVAL / 10, Math.floor(stats.rtt / 8000));
  if (o.quiet) return;
  if (o.flood) {
    yield* print('\b \b');
    return;
  }
  const { links } = p.proc.netns;
  const came = links.get(d.packet.iif);
  const link = came && links.get(inetIif(p.proc.netns, came, d.packet));
  let line = `${stamp(p)}${d.data.length + 8} bytes from ${yield* nameOf(p, d.from.ip, link)}: icmp_seq=${seq}`;
  if (o.verbose) line += ` ident=${p.ident}`;
  line += ` ttl=${d.ttl}`;
  if (d.data.length < o.size) line += ' (truncated)';
  else if (p.timing) line += timeText(trip);
  if (duplicate) line += ' (DUP!)';
  if (!o.broadcast && d.from.ip !== p.to && !isMulticast(p.to)) line += ' (DIFFERENT ADDRESS!)';
  if (o.audible) line += '\x07';
  if (d.packet.ip?.rr) line += yield* routeText(p, d.packet.ip.rr);
  yield* print(`${line}\n`);
}

/** The addresses of the record route option, or that they are the same as before. */
function* routeText(p: Ping, rr: readonly Ip[]): Io<string> {
  const key = rr.map(formatIp).join(' ');
  if (key === p.lastRoute) return '\t(same route)';
  p.lastRoute = key;
  let text = '\nRR: ';
  for (const ip of rr) text += `\t${yield* nameOf(p, ip)}\n`;
  return text;
}

function* redirect(p: Ping, d: Datagram): Io<void> {
  const { icmp } = d.packet;
  const was = icmp?.quoted;
  if (!icmp || was?.ip?.dst !== p.to || was.icmp?.id !== p.ident || p.o.quiet || p.o.flood) return;
  yield* print(
    `${stamp(p)}From ${yield* nameOf(p, d.from.ip)}: icmp_seq=${was.icmp.seq ?? 0} ${icmpWords(5, icmp.code, 0, icmp.gateway)}\n`,
  );
}
