/** tcpdump 4.99.3 with libpcap 1.10.3. */
import type { Io, Proc, Program } from '../../kernel/process.ts';
import type { Link } from '../../linux/types.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr } from '../io.ts';
import { capture } from './capture.ts';
import { captureDevices, listDevices, listLinkTypes } from './devices.ts';
import { parseOptions, USAGE, VERSION } from './options.ts';
import { readSaved } from './read.ts';

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
  yield* printErr(options.notes);
  if (options.listDevices) {
    yield* print(listDevices(proc.netns));
    return 0;
  }
  if (options.readFile !== null) return yield* readSaved(proc, options, options.readFile);
  const device = pickDevice(proc, options.device);
  if (typeof device === 'string') return yield* fail(device);
  const name = device?.name ?? 'any';
  if (options.listStampTypes) {
    yield* printErr(`Time stamp types for ${name} (use option -j to set):\n  host (Host)\n`);
    return 0;
  }
  if (device && !device.up) return yield* fail(`${device.name}: That device is not up`);
  if (options.listLinkTypes) {
    yield* printErr(listLinkTypes(device, name));
    return 0;
  }
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

const flag = (name: string, value?: string) => ({ flag: name, value, modelled: true });
const missing = (name: string, value?: string) => ({ flag: name, value, modelled: false });

export const command = defineCommand({
  name: 'tcpdump',
  dir: '/usr/bin',
  summary: 'dump traffic on a network',
  images: ['node', 'netshoot'],
  options: [
    flag('-i', 'interface'),
    flag('-n'),
    flag('-nn'),
    flag('-N'),
    flag('-e'),
    flag('-v'),
    flag('-vv'),
    flag('-vvv'),
    flag('-c', 'count'),
    flag('--count'),
    flag('-l'),
    flag('-q'),
    flag('-t'),
    flag('-tt'),
    flag('-ttt'),
    flag('-tttt'),
    flag('-ttttt'),
    flag('-A'),
    flag('-x'),
    flag('-X'),
    flag('-s', 'snaplen'),
    flag('-S'),
    flag('-D'),
    flag('-L'),
    flag('-J'),
    flag('-F', 'file'),
    flag('-r', 'file'),
    flag('-w', 'file'),
    flag('--print'),
    flag('-y', 'datalinktype'),
    flag('-p'),
    flag('-Q', 'in|out|inout'),
    flag('-#'),
    flag('-K'),
    flag('-U'),
    flag('-Z', 'user'),
    flag('-B', 'size'),
    flag('-O'),
    flag('--immediate-mode'),
    flag('--nano'),
    flag('--micro'),
    flag('--time-stamp-precision', 'precision'),
    missing('-C', 'file_size'),
    missing('-d'),
    missing('-G', 'seconds'),
    missing('-T', 'type'),
    missing('-V', 'file'),
    missing('-W', 'filecount'),
    missing('-z', 'command'),
  ],
  notModelled: [
    'rotating capture files (-G, -C, -W)',
    'pcapng files',
    'bodies of BGP updates and capabilities, DHCP options, LLDP, OSPF, SCTP and other rare protocols',
  ],
  run: main,
  complete: ({ proc, words }) =>
    words.at(-1) === '-i'
      ? captureDevices(proc.netns).map((d) => d.name)
      : ['icmp', 'tcp', 'udp', 'arp', 'host', 'port', 'net'],
});
