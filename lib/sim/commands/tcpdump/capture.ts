/** tcpdump on a device: packet sockets of the kernel, their filter, and what becomes of each packet. */
import type { Io, Proc } from '../../kernel/process.ts';
import type { Capture, Link } from '../../linux/types.ts';
import { print, printErr, waitFor } from '../io.ts';
import { LINK_NAMES } from './devices.ts';
import type { LinkType } from './filter/frame.ts';
import { framesOf, typeOf } from './frames.ts';
import { compile } from './names.ts';
import type { Options } from './options.ts';
import { openSave, type Save } from './save.ts';
import { lineOf, newPrinter } from './show.ts';

type Captured = Capture['frames'][number];

function* fail(message: string): Io<number> {
  yield* printErr(`tcpdump: ${message}\n`);
  return 1;
}

/** Captures on `device` (null: all) until -c, an interrupt, or the device's end. */
export function* capture(proc: Proc, options: Options, device: Link | null): Io<number> {
  const { netns } = proc;
  const explicitAny = device === null && options.device !== null;
  const type: LinkType = options.linkType ?? (device ? typeOf(device) : explicitAny ? 'LINUX_SLL2' : 'LINUX_SLL');
  if (device ? type !== typeOf(device) : !type.startsWith('LINUX_SLL'))
    return yield* fail(`${options.linkType} is not one of the DLTs supported by this device`);
  if (explicitAny || options.linkType) yield* printErr(`tcpdump: data link type ${type}\n`);
  const filter = yield* compile(proc, options, { link: type, live: true, netmask: netmaskOf(device) });
  if (!filter.ok) return yield* fail(filter.error);
  let save: Save | null = null;
  if (options.writeFile !== null) {
    const opened = yield* openSave(proc, options.writeFile, type, options.snaplen, options.nano);
    if (typeof opened === 'string') return yield* fail(opened);
    save = opened;
  }
  const seen = listen(proc, device, !options.noPromiscuous);
  let interrupted = false;
  proc.onInterrupt = proc.onTerminate = () => {
    interrupted = true;
  };
  yield* printErr(header(options, device, type));
  const nameOf = (index: number) => netns.links.get(index)?.name ?? String(index);
  const printer = newPrinter(options, type, nameOf);
  const printing = !options.countOnly && (!save || options.printToo);
  let captured = 0;
  let received = 0;
  let gone = false;
  while (!interrupted && !gone && captured !== options.count) {
    yield* waitFor(() => interrupted || seen.frames.length > 0 || lost(proc, device));
    for (const frame of seen.frames.splice(0)) {
      const { shown, filtered } = framesOf(frame, netns.links.get(frame.dev), type);
      if (!wanted(options, frame, proc) || !filter.test(filtered)) continue;
      received++;
      if (captured === options.count) continue;
      captured++;
      const at = proc.world.epoch * 1e6 + frame.at;
      const saved = { at, nano: 0, length: shown.length, bytes: shown.slice(0, options.snaplen) };
      if (save) yield* save.write(saved);
      if (printing) yield* print(yield* lineOf(proc, printer, saved));
    }
    gone = lost(proc, device);
  }
  if (interrupted && (!save || options.printToo)) yield* print('\n');
  if (gone) yield* printErr('tcpdump: pcap_loop: The interface disappeared\n');
  yield* printErr(`${count(captured)} captured\n${count(received)} received by filter\n0 packets dropped by kernel\n`);
  return gone ? 1 : 0;
}

/** Opens the packet socket; it closes with the process. */
function listen(proc: Proc, device: Link | null, promiscuous: boolean): Capture {
  const { world, netns } = proc;
  const seen: Capture = { id: world.next.capture++, dev: device?.ifindex ?? 0, frames: [] };
  netns.captures.set(seen.id, seen);
  if (device && promiscuous) device.promisc++;
  proc.atExit.push(() => {
    netns.captures.delete(seen.id);
    if (device && promiscuous) device.promisc--;
  });
  return seen;
}

/** What pcap_lookupnet() finds: the first IPv4 address's mask. */
function netmaskOf(device: Link | null): number {
  const first = device?.addrs.find((a) => typeof a.local === 'number');
  return first && first.len > 0 ? (0xffffffff << (32 - first.len)) >>> 0 : 0;
}

const lost = (proc: Proc, device: Link | null): boolean =>
  device !== null && proc.netns.links.get(device.ifindex) !== device;

const count = (n: number): string => `${n} packet${n === 1 ? '' : 's'}`;

function header(options: Options, device: Link | null, type: LinkType): string {
  const listening = `listening on ${device?.name ?? 'any'}, link-type ${type} (${LINK_NAMES[type]}), snapshot length ${options.snaplen} bytes\n`;
  if (options.verbose > 0 || options.writeFile !== null) return `tcpdump: ${listening}`;
  return `tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n${listening}`;
}

/** -Q, and the loopback's second copy of each packet, which libpcap leaves out. */
function wanted(options: Options, frame: Captured, proc: Proc): boolean {
  const outgoing = frame.dir === 'out';
  if (options.direction === 'in') return !outgoing;
  if (options.direction === 'out') return outgoing;
  return !(outgoing && proc.netns.links.get(frame.dev)?.kind === 'loopback');
}
