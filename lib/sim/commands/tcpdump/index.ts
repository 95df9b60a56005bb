/** tcpdump 4.99.3 with libpcap 1.10.3. */
import type { Ip } from '../../addr/ip.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { resolveAddress, resolveHost } from '../../linux/resolve/resolve.ts';
import type { Capture, Link } from '../../linux/types.ts';
import { linkBytes, packetBytes } from '../../packet/bytes.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr, waitFor } from '../io.ts';
import { captureDevices, isCooked, linkType, listDevices } from './devices.ts';
import { filterNames, parseFilter } from './filter/parse.ts';
import { addressesOf } from './names.ts';
import { type Options, parseOptions, USAGE, VERSION } from './options.ts';
import { newContext, type PrintContext } from './print/context.ts';
import { asciiDump, hexDump } from './print/dump.ts';
import { printCooked, printCooked1, printFrame } from './print/frame.ts';
import { timeStamp } from './print/time.ts';

type FrameRecord = Capture['frames'][number];

function* main(proc: Proc): Program {
  const parsed = parseOptions(proc.argv.slice(1));
  if (!parsed.ok) {
    switch (parsed.kind) {
      case 'notModelled':
        return yield* notModelled(parsed.text);
      case 'version':
        yield* print(VERSION);
        return 0;
      case 'help':
        yield* print(VERSION + USAGE);
        return 0;
      case 'usage':
        yield* printErr(`tcpdump: ${parsed.text}\n${VERSION}${USAGE}`);
        return 1;
      default:
        return yield* fail(parsed.text);
    }
  }
  const { options } = parsed;
  if (options.listDevices) {
    yield* print(listDevices(proc.netns));
    return 0;
  }
  const device = pickDevice(proc, options.device);
  if (typeof device === 'string') return yield* fail(device);
  if (device && !device.up) return yield* fail(`${device.name}: That device is not up`);
  return yield* capture(proc, options, device);
}

function* fail(message: string): Io<number> {
  yield* printErr(`tcpdump: ${message}\n`);
  return 1;
}

/** The link to listen on, null for all of them, or an error. A number counts in the order of -D. */
function pickDevice(proc: Proc, name: string | null): Link | null | string {
  const devices = captureDevices(proc.netns);
  let wanted = name ?? (devices[0]?.name as string);
  if (/^\d+$/.test(wanted)) {
    const device = devices[Number(wanted) - 1];
    if (!device) return 'Invalid adapter index';
    wanted = device.name;
  }
  if (wanted === 'any') return null;
  for (const link of proc.netns.links.values()) if (link.name === wanted || link.altnames.includes(wanted)) return link;
  return `${wanted}: No such device exists\n(No such device exists)`;
}

function* capture(proc: Proc, options: Options, device: Link | null): Io<number> {
  const { world, netns } = proc;
  const source = options.filter.join(' ');
  const names = new Map<string, Ip[]>();
  for (const name of filterNames(source)) {
    const found = yield* resolveHost(proc, name);
    names.set(name, found.ok ? found.ips : []);
  }
  const explicitAny = device === null && options.device !== null;
  if (explicitAny) yield* printErr('tcpdump: data link type LINUX_SLL2\n');
  const filter = parseFilter(source, (name) => names.get(name) ?? []);
  if (!filter.ok) return yield* fail(filter.error);
  const seen: Capture = { id: world.next.capture++, dev: device?.ifindex ?? 0, frames: [] };
  netns.captures.set(seen.id, seen);
  const promiscuous = device && !options.noPromiscuous ? device : null;
  if (promiscuous) promiscuous.promisc++;
  proc.atExit.push(() => {
    netns.captures.delete(seen.id);
    if (promiscuous) promiscuous.promisc--;
  });
  let interrupted = false;
  proc.onInterrupt = proc.onTerminate = () => {
    interrupted = true;
  };
  yield* printErr(header(options, device, explicitAny));
  const context = newContext(options);
  const clock = { first: -1, last: 0 };
  let captured = 0;
  let received = 0;
  let gone = false;
  while (!interrupted && !gone && captured !== options.count) {
    yield* waitFor(() => interrupted || seen.frames.length > 0 || lost(proc, device));
    const batch = seen.frames.splice(0);
    for (const frame of batch) {
      if (
        !wanted(options, frame, proc) ||
        !filter.test({ packet: frame.packet, dir: frame.dir, ifindex: frame.dev, overrun: false })
      )
        continue;
      received++;
      if (captured === options.count) continue;
      captured++;
      if (!options.numeric) yield* lookUp(proc, context, frame);
      yield* print(`${lineOf(proc, context, options, frame, captured, clock, device === null && explicitAny)}\n`);
    }
    gone = lost(proc, device);
  }
  if (interrupted) yield* print('\n');
  if (gone) yield* printErr('tcpdump: pcap_loop: The interface disappeared\n');
  yield* printErr(`${count(captured)} captured\n${count(received)} received by filter\n0 packets dropped by kernel\n`);
  return gone ? 1 : 0;
}

const lost = (proc: Proc, device: Link | null): boolean =>
  device !== null && proc.netns.links.get(device.ifindex) !== device;

const count = (n: number): string => `${n} packet${n === 1 ? '' : 's'}`;

function header(options: Options, device: Link | null, explicitAny: boolean): string {
  const type = device ? linkType(device) : explicitAny ? 'LINUX_SLL2 (Linux cooked v2)' : 'LINUX_SLL (Linux cooked v1)';
  const listening = `listening on ${device?.name ?? 'any'}, link-type ${type}, snapshot length ${options.snaplen} bytes\n`;
  if (options.verbose > 0) return `tcpdump: ${listening}`;
  return `tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n${listening}`;
}

/** -Q, and the loopback's second copy of each packet, which libpcap leaves out. */
function wanted(options: Options, frame: FrameRecord, proc: Proc): boolean {
  const outgoing = frame.dir === 'out';
  if (options.direction === 'in') return !outgoing;
  if (options.direction === 'out') return outgoing;
  return !(outgoing && proc.netns.links.get(frame.dev)?.kind === 'loopback');
}

function* lookUp(proc: Proc, context: PrintContext, frame: FrameRecord): Io<void> {
  for (const ip of addressesOf(frame.packet)) {
    if (context.asked.has(ip)) continue;
    context.asked.add(ip);
    const name = yield* resolveAddress(proc, ip);
    if (name !== null) context.names.set(ip, name);
  }
}

function lineOf(
  proc: Proc,
  context: PrintContext,
  options: Options,
  frame: FrameRecord,
  number: number,
  clock: { first: number; last: number },
  cooked: boolean,
): string {
  const at = proc.world.epoch * 1e6 + frame.at;
  if (clock.first < 0) clock.first = clock.last = at;
  const { packet } = frame;
  const count = options.number ? `${String(number).padStart(5)}  ` : '';
  const stamp = timeStamp(options.time, at, options.time === 5 ? clock.first : clock.last, options.nano);
  clock.last = at;
  const name = proc.netns.links.get(frame.dev)?.name ?? String(frame.dev);
  const body = cooked
    ? printCooked(context, packet, name, frame.dev, frame.dir)
    : isCooked(proc.netns.links.get(frame.dev))
      ? printCooked1(context, packet, frame.dir)
      : printFrame(context, packet);
  let line = count + stamp + body;
  const dump = (link: boolean) =>
    packetBytes(packet, link).slice(0, options.snaplen - (link ? 0 : linkBytes(packet).length));
  if (options.ascii) line += asciiDump(dump(options.ascii > 1));
  else if (options.hexAscii) line += hexDump(dump(options.hexAscii > 1), true);
  else if (options.hex) line += hexDump(dump(options.hex > 1), false);
  return line;
}

const flag = (name: string, value?: string) => ({ flag: name, value, modelled: true });

export const command = defineCommand({
  name: 'tcpdump',
  dir: '/usr/bin',
  summary: 'dump traffic on a network',
  images: ['node', 'netshoot'],
  options: [
    flag('-i', 'interface'),
    flag('-n'),
    flag('-nn'),
    flag('-e'),
    flag('-v'),
    flag('-vv'),
    flag('-vvv'),
    flag('-c', 'count'),
    flag('-l'),
    flag('-q'),
    flag('-t'),
    flag('-tt'),
    flag('-ttt'),
    flag('-tttt'),
    flag('-A'),
    flag('-x'),
    flag('-X'),
    flag('-s', 'snaplen'),
    flag('-S'),
    flag('-D'),
    flag('-p'),
    flag('-Q', 'in|out|inout'),
    flag('-#'),
    flag('-K'),
    flag('-U'),
    flag('-Z', 'user'),
    flag('-B', 'size'),
    flag('--immediate-mode'),
    flag('--nano'),
    { flag: '-w', value: 'file', modelled: false },
    { flag: '-r', value: 'file', modelled: false },
  ],
  notModelled: ['capture files (-w, -r, -G, -C)'],
  run: main,
  complete: ({ proc, words }) =>
    words.at(-1) === '-i'
      ? captureDevices(proc.netns).map((d) => d.name)
      : ['icmp', 'tcp', 'udp', 'arp', 'host', 'port', 'net'],
});
