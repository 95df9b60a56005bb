/** arping 2.23 (Habets): asks who has an IP address, by hand. */
import { formatIp, type Ip4, inPrefix, parseIp4 } from '../../addr/ip.ts';
import { BROADCAST_MAC, formatMac, type Mac, parseMac } from '../../addr/mac.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { nextBelow } from '../../kernel/rng.ts';
import { findLink } from '../../linux/link/find.ts';
import { resolveHost } from '../../linux/resolve/resolve.ts';
import { selectAddress } from '../../linux/route/source.ts';
import { SCOPE_LINK } from '../../linux/route/table.ts';
import { arpFrame } from '../../linux/stack/arp-send.ts';
import { xmit } from '../../linux/stack/xmit.ts';
import type { Capture, Link } from '../../linux/types.ts';
import { ETH_IP, type IcmpHeader, IPPROTO, makePacket } from '../../packet/packet.ts';
import { defineCommand } from '../contract.ts';
import { endAtOnce, notModelled, print, printErr, waitFor } from '../io.ts';
import { type ArpingOptions, parseOptions } from './options.ts';

interface Run {
  sent: number;
  received: number;
  extra: number;
  /** Nanoseconds. */
  times: number[];
  exiting: boolean;
}

function* main(proc: Proc): Program {
  const parsed = parseOptions(proc.argv);
  if (!parsed.ok) return yield* endAtOnce(parsed);
  const o = parsed.options;
  if (o.verbose > 1) return yield* notModelled('arping -vv');
  const mac = parseMac(o.target);
  if (mac !== null) {
    const link = yield* chooseDevice(proc, o, null);
    return link ? yield* pingMac(proc, o, link, mac) : 1;
  }
  let target = parseIp4(o.target);
  if (target === null) {
    const found = yield* resolveHost(proc, o.target, 4);
    if (!found.ok) {
      yield* printErr(`arping: Can't resolve ${o.target}\n`);
      return 1;
    }
    target = found.ips[0] as Ip4;
  }
  const link = yield* chooseDevice(proc, o, target);
  if (!link) return 1;
  return yield* probe(proc, o, link, target);
}

/** -i, or the device with the target's network; else a guess, which it says. */
function* chooseDevice(proc: Proc, o: ArpingOptions, target: Ip4 | null): Io<Link | undefined> {
  const links = [...proc.netns.links.values()];
  let link = o.interface === null ? undefined : findLink(proc.netns, o.interface);
  if (o.interface === null) {
    const near = (l: Link) =>
      l.kind !== 'loopback' &&
      l.addrs.some(
        (a) => typeof a.local === 'number' && target !== null && inPrefix(target, { ip: a.local, len: a.len }),
      );
    link = links.find((l) => l.up && near(l));
    if (!link) {
      const guess = links.find(
        (l) => l.up && l.kind !== 'loopback' && l.addrs.some((a) => typeof a.local === 'number'),
      );
      yield* printErr(
        'arping: lookup dev: No matching interface found using getifaddrs().\narping: Unable to automatically find interface to use. Is it on the local LAN?\n',
      );
      if (guess) {
        yield* printErr(`arping: Use -i to manually specify interface. Guessing interface ${guess.name}.\n`);
        link = guess;
      }
    }
  }
  const failed = `arping: libnet_init(LIBNET_LINK, ${o.interface ?? '(null)'}): libnet_check_iface()`;
  if (!link) yield* printErr(`${failed} ioctl: No such device\n`);
  else if (!link.up) {
    yield* printErr(`${failed}: ${link.name} is down\n`);
    return undefined;
  }
  return link;
}

function* probe(proc: Proc, o: ArpingOptions, link: Link, target: Ip4): Io<number> {
  const { world, netns } = proc;
  const own = selectAddress(netns, link, target, SCOPE_LINK);
  // SIOCGIFADDR: an address by the name of the device, not by a label of its own.
  const given = o.source !== null || o.zeroSource || o.broadcastSource || o.gratuitous;
  if (!given && !link.addrs.some((address) => typeof address.local === 'number' && address.label === link.name)) {
    yield* printErr(
      `arping: Unable to get the IPv4 address of interface ${link.name}:\narping: libnet_get_ipaddr4(): ioctl(): Cannot assign requested address\narping: Use -S to specify address manually.\n`,
    );
    return 1;
  }
  const src =
    o.source ??
    (o.zeroSource ? 0 : o.broadcastSource ? 0xffffffff : o.gratuitous ? target : typeof own === 'number' ? own : 0);
  const mac = o.sourceMac ?? link.mac;
  const capture: Capture = { id: world.next.capture++, dev: link.ifindex, frames: [] };
  netns.captures.set(capture.id, capture);
  const drop = () => netns.captures.delete(capture.id);
  proc.atExit.push(drop);
  const run: Run = { sent: 0, received: 0, extra: 0, times: [], exiting: false };
  proc.onInterrupt = () => {
    run.exiting = true;
  };
  const end = o.deadline === null ? null : world.now + o.deadline;
  const over = () =>
    run.exiting || (end !== null && world.now > end) || (o.countReplies > 0 && run.received >= o.countReplies);
  const plain = !o.raw && !o.rawOther && !o.quiet && !o.dots;
  if (o.verbose > 0)
    yield* print(
      `arping: getpwnam(sshd): Success\nThis box:   Interface: ${link.name}  IP: ${formatIp(src)}   MAC address: ${formatMac(mac)}\n`,
    );
  if (plain) yield* print(`ARPING ${formatIp(target)}\n`);
  while (!over() && (o.count < 0 || run.sent < o.count)) {
    const last = o.count >= 0 && run.sent + 1 >= o.count;
    const request = arpFrame(world, link, o.targetMac ?? BROADCAST_MAC, 1, mac, src, 0, target);
    if (request.eth) request.eth.src = mac;
    const sentAt = world.now;
    xmit(world, netns, link, request);
    run.sent++;
    const answered = run.received;
    // The last request of a -c run waits for the deadline, when there is one.
    const until = last && end !== null ? end : Math.min(sentAt + o.wait, end ?? Number.POSITIVE_INFINITY);
    while (!over()) {
      if (!(yield* waitFor(() => run.exiting || capture.frames.length > 0, until))) break;
      yield* takeFrames(proc, o, capture, run, target, src, sentAt);
      if (last && run.received > answered) break;
    }
    const waited = world.now - sentAt >= o.wait;
    if (run.received === answered && !run.exiting && waited && (plain || o.dots))
      yield* print(o.dots ? '.' : 'Timeout\n');
  }
  delete proc.onInterrupt;
  drop();
  if (o.dots) yield* print(`\t${percentLost(run)}% packet loss (${run.extra} extra)\n`);
  else if (plain) yield* print(summary(run, formatIp(target)));
  return run.received > 0 ? 0 : 1;
}

/** Echo requests in frames to a hardware address: pingmac. */
function* pingMac(proc: Proc, o: ArpingOptions, link: Link, mac: Mac): Io<number> {
  const { world, netns } = proc;
  const own = selectAddress(netns, link, o.pingIp, SCOPE_LINK);
  const src = o.source ?? (typeof own === 'number' ? own : 0);
  const dst = o.pingIp ?? 0xffffffff;
  const capture: Capture = { id: world.next.capture++, dev: link.ifindex, frames: [] };
  netns.captures.set(capture.id, capture);
  proc.atExit.push(() => netns.captures.delete(capture.id));
  const run: Run = { sent: 0, received: 0, extra: 0, times: [], exiting: false };
  proc.onInterrupt = () => {
    run.exiting = true;
  };
  const end = o.deadline === null ? null : world.now + o.deadline;
  const plain = !o.raw && !o.rawOther && !o.quiet;
  if (plain) yield* print(`ARPING ${formatMac(mac)}\n`);
  while (!run.exiting && (end === null || world.now <= end) && (o.count < 0 || run.sent < o.count)) {
    const sentAt = world.now;
    const ip = { src, dst, ttl: 64, proto: IPPROTO.icmp, tos: 0, id: run.sent, df: false, mf: false, offset: 0 };
    const icmp: IcmpHeader = { type: 8, code: 0, id: 321, seq: run.sent };
    const eth = { dst: mac, src: o.sourceMac ?? link.mac, type: ETH_IP };
    xmit(
      world,
      netns,
      link,
      makePacket({ id: world.next.packet++, eth, ip, icmp, data: '\0'.repeat(20), mark: 0, iif: 0 }),
    );
    run.sent++;
    const before = run.received;
    const until = Math.min(sentAt + o.wait, end ?? Number.POSITIVE_INFINITY);
    while (!run.exiting && (yield* waitFor(() => run.exiting || capture.frames.length > 0, until))) {
      for (let frame = capture.frames.shift(); frame; frame = capture.frames.shift()) {
        const { eth: link2, ip: head, icmp: answer } = frame.packet;
        if (frame.dir === 'out' || answer?.type !== 0 || answer.id !== 321 || link2?.src !== mac) continue;
        const ns = (frame.at - sentAt) * 1000 + nextBelow(world.rng, 1000);
        run.times.push(ns);
        const from = formatIp(head?.src ?? 0);
        if (plain)
          yield* print(`62 bytes from ${from} (${formatMac(mac)}): icmp_seq=${answer.seq ?? 0} time=${duration(ns)}\n`);
        else if (!o.quiet) yield* print(`${o.raw ? from : formatMac(mac)}\n`);
        run.received++;
      }
      if (o.count >= 0 && run.sent >= o.count && run.received > before) break;
    }
    if (plain && run.received === before && world.now - sentAt >= o.wait) yield* print('Timeout\n');
  }
  delete proc.onInterrupt;
  netns.captures.delete(capture.id);
  if (plain) yield* print(summary(run, formatMac(mac)));
  return run.received > 0 ? 0 : 1;
}

function* takeFrames(
  proc: Proc,
  o: ArpingOptions,
  capture: Capture,
  run: Run,
  target: Ip4,
  src: Ip4,
  sentAt: number,
): Io<void> {
  for (let frame = capture.frames.shift(); frame; frame = capture.frames.shift()) {
    const { arp } = frame.packet;
    if (frame.dir === 'out' || arp?.op !== 2 || arp.spa !== target || (arp.tpa !== src && !o.gratuitous)) continue;
    const ns = (frame.at - sentAt) * 1000 + nextBelow(proc.world.rng, 1000);
    const index = run.received;
    if (run.times.length >= run.sent) run.extra++;
    run.received++;
    run.times.push(ns);
    if (o.quiet) continue;
    if (o.raw || o.rawOther)
      yield* print(`${[o.raw && formatMac(arp.sha), o.rawOther && formatIp(target)].filter(Boolean).join(' ')}\n`);
    else if (o.dots) yield* print('!');
    else
      yield* print(
        `42 bytes from ${formatMac(arp.sha)} (${formatIp(target)}): index=${index}${o.showSent ? `/${run.sent - 1}` : ''} time=${duration(ns)}\n`,
      );
  }
}

/** ts2str(): the unit that fits. */
function duration(ns: number): string {
  if (ns < 1e6) return `${(ns / 1e3).toFixed(3)} usec`;
  if (ns < 1e9) return `${(ns / 1e6).toFixed(3)} msec`;
  return `${(ns / 1e9).toFixed(3)} sec`;
}

/** What is missing, in percent, as printf has it. */
function percentLost(run: Run): string {
  if (run.sent === 0) return '-nan';
  const missed = Math.max(0, run.sent - (run.received - run.extra));
  return String(Math.round((100 * missed) / run.sent)).padStart(3);
}

function summary(run: Run, target: string): string {
  const percent = percentLost(run);
  let text = `\n--- ${target} statistics ---\n${run.sent} packets transmitted, ${run.received} packets received, ${percent}% unanswered (${run.extra} extra)\n`;
  if (run.times.length > 0) {
    const ms = run.times.map((t) => t / 1e6);
    const avg = ms.reduce((a, b) => a + b, 0) / ms.length;
    const dev = Math.sqrt(Math.max(0, ms.reduce((a, b) => a + b * b, 0) / ms.length - avg * avg));
    text += `rtt min/avg/max/std-dev = ${[Math.min(...ms), avg, Math.max(...ms), dev].map((n) => n.toFixed(3)).join('/')} ms`;
  }
  return `${text}\n`;
}

const option = (flag: string, value?: string, modelled = true) =>
  value === undefined ? { flag, modelled } : { flag, value, modelled };

export const command = defineCommand({
  name: 'arping',
  dir: '/usr/sbin',
  summary: 'send ARP requests to a neighbour',
  images: ['node', 'netshoot'],
  options: [
    option('-0'),
    option('-b'),
    option('-c', 'count'),
    option('-C', 'count'),
    option('-d'),
    option('-D'),
    option('-i', 'interface'),
    option('-I', 'interface'),
    option('-P'),
    option('-q'),
    option('-r'),
    option('-s', 'MAC'),
    option('-S', 'host/ip'),
    option('-U'),
    option('-v'),
    option('-w', 'sec'),
    option('-W', 'sec'),
    option('-A', undefined, false),
    option('-B'),
    option('-h'),
    option('-p'),
    option('-u'),
    option('-e', undefined, false),
    option('-m', 'type', false),
    option('-Q', 'prio', false),
    option('-R'),
    option('-t', 'MAC'),
    option('-T', 'ip'),
    option('-V', 'vlan', false),
    option('-g', 'group', false),
    option('-z'),
    option('-Z'),
  ],
  run: main,
});
