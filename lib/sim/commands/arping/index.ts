/** arping 2.23 (Habets): asks who has an IP address, by hand. */
import { formatIp, type Ip4, parseIp4 } from '../../addr/ip.ts';
import { BROADCAST_MAC, formatMac, parseMac } from '../../addr/mac.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { nextBelow } from '../../kernel/rng.ts';
import { findLink } from '../../linux/link/find.ts';
import { resolveHost } from '../../linux/resolve/resolve.ts';
import { lookupRoute } from '../../linux/route/lookup.ts';
import { selectAddress } from '../../linux/route/source.ts';
import { SCOPE_LINK } from '../../linux/route/table.ts';
import { arpFrame } from '../../linux/stack/arp-send.ts';
import { xmit } from '../../linux/stack/xmit.ts';
import type { Capture, Link } from '../../linux/types.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr, waitFor } from '../io.ts';
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
  if (!parsed.ok) {
    if ('notModelled' in parsed) return yield* notModelled(parsed.notModelled);
    yield* print(parsed.stdout ?? '');
    yield* printErr(parsed.stderr ?? '');
    return parsed.exit;
  }
  const o = parsed.options;
  if (parseMac(o.target) !== null) return yield* notModelled('arping to a MAC address');
  let target = parseIp4(o.target);
  if (target === null) {
    const found = yield* resolveHost(proc, o.target, 4);
    if (!found.ok) {
      yield* printErr(`arping: Can't resolve ${o.target}, or can't find the right interface to use.\n`);
      return 1;
    }
    target = found.ips[0] as Ip4;
  }
  const link = device(proc, o, target);
  if (!link) {
    yield* printErr(
      `arping: libnet_init(LIBNET_LINK, ${o.interface ?? '(null)'}): libnet_check_iface() ioctl: No such device\n`,
    );
    return 1;
  }
  return yield* probe(proc, o, link, target);
}

function device(proc: Proc, o: ArpingOptions, target: Ip4): Link | undefined {
  if (o.interface !== null) return findLink(proc.netns, o.interface);
  const route = lookupRoute(proc.world, proc.netns, { dst: target });
  return route.ok ? proc.netns.links.get(route.dev) : undefined;
}

function* probe(proc: Proc, o: ArpingOptions, link: Link, target: Ip4): Io<number> {
  const { world, netns } = proc;
  const own = selectAddress(netns, link, target, SCOPE_LINK);
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
    run.exiting || (end !== null && world.now >= end) || (o.countReplies > 0 && run.received >= o.countReplies);
  if (!o.raw && !o.quiet) yield* print(`ARPING ${formatIp(target)}\n`);
  while (!over() && (o.count < 0 || run.sent < o.count)) {
    const last = o.count >= 0 && run.sent + 1 >= o.count;
    const request = arpFrame(world, link, BROADCAST_MAC, 1, mac, src, 0, target);
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
    if (run.received === answered && !run.exiting && !o.raw && !o.quiet) yield* print(o.dots ? '.' : 'Timeout\n');
  }
  delete proc.onInterrupt;
  drop();
  if (!o.raw) yield* print(summary(run, target));
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
    if (o.raw) yield* print(`${formatMac(arp.sha)}\n`);
    else if (o.dots) yield* print('!');
    else
      yield* print(`42 bytes from ${formatMac(arp.sha)} (${formatIp(target)}): index=${index} time=${duration(ns)}\n`);
  }
}

/** ts2str(): the unit that fits. */
function duration(ns: number): string {
  if (ns < 1e6) return `${(ns / 1e3).toFixed(3)} usec`;
  if (ns < 1e9) return `${(ns / 1e6).toFixed(3)} msec`;
  return `${(ns / 1e9).toFixed(3)} sec`;
}

function summary(run: Run, target: Ip4): string {
  const missed = Math.max(0, run.sent - (run.received - run.extra));
  const percent = String(Math.round((100 * missed) / Math.max(1, run.sent))).padStart(3);
  let text = `\n--- ${formatIp(target)} statistics ---\n${run.sent} packets transmitted, ${run.received} packets received, ${percent}% unanswered (${run.extra} extra)\n`;
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
    option('-B', undefined, false),
    option('-e', undefined, false),
    option('-m', 'type', false),
    option('-Q', 'prio', false),
    option('-R', undefined, false),
    option('-t', 'MAC', false),
    option('-T', 'ip', false),
    option('-V', 'vlan', false),
    option('-g', 'group', false),
    option('-z', undefined, false),
  ],
  run: main,
});
