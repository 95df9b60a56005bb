/** tcpdump 4.99.3's command line, as its getopt_long reads it. */
import type { LinkType } from './filter/frame.ts';
import { linkTypeNamed } from './pcap.ts';
import type { PrintOptions } from './print/dissector.ts';

export interface Options extends PrintOptions {
  device: string | null;
  count: number;
  /** How many -t: 0 a clock, 1 none, 2 Unix time, 3 since the last packet, 4 with the date, 5 since the first. */
  time: number;
  nano: boolean;
  ascii: number;
  hex: number;
  hexAscii: number;
  direction: 'in' | 'out' | 'inout';
  listDevices: boolean;
  /** -p: the device is not put into promiscuous mode. */
  noPromiscuous: boolean;
  number: boolean;
  snaplen: number;
  filter: string[];
  /** -r, -w and -F: files. */
  readFile: string | null;
  writeFile: string | null;
  filterFile: string | null;
  /** --print: packets are printed although -w saves them. */
  printToo: boolean;
  /** --count: only their number. */
  countOnly: boolean;
  listLinkTypes: boolean;
  listStampTypes: boolean;
  linkType: LinkType | null;
  /** Lines before anything else. */
  notes: string;
}

export type ParsedOptions =
  | { ok: true; options: Options }
  | { ok: false; kind: 'usage' | 'help' | 'version' | 'error' | 'notModelled'; text: string };

const WITH_VALUE = 'BcCEFGijmMQrsTVwWyzZ';
const SIMPLE = 'AbdDefhHIJKlLnNOpqStuUvxX#';
/** Options that ask for what is not modelled. */
const NOT_MODELLED = 'CdGVWz';
const STAMP_TYPES = ['host', 'host_lowprec', 'host_hiprec', 'host_hiprec_unsynced', 'adapter', 'adapter_unsynced'];
/** What -T can force: print-*.c by name. */
const PACKET_TYPES =
  'vat wb rpc rtp rtcp snmp cnfp tftp aodv carp radius zmtp1 vxlan pgm pgm_zmtp1 lmp resp ptp someip domain'.split(' ');
const LONG: Record<string, string> = {
  'buffer-size:': 'B',
  'list-interfaces': 'D',
  help: 'help',
  'interface:': 'i',
  'monitor-mode': 'I',
  'time-stamp-type:': 'j',
  'list-time-stamp-types': 'J',
  'dont-verify-checksums': 'K',
  'list-data-link-types': 'L',
  'no-optimize': 'O',
  'no-promiscuous-mode': 'p',
  'direction:': 'Q',
  'snapshot-length:': 's',
  'absolute-tcp-sequence-numbers': 'S',
  'packet-buffered': 'U',
  'linktype:': 'y',
  'immediate-mode': 'immediate',
  'relinquish-privileges:': 'Z',
  count: 'count',
  number: '#',
  print: 'print',
  version: 'version',
  'time-stamp-precision:': 'precision',
  micro: 'micro',
  nano: 'nano',
  'debug-pcap': 'not',
};

const initial = (): Options => ({
  device: null,
  count: -1,
  time: 0,
  nano: false,
  ascii: 0,
  hex: 0,
  hexAscii: 0,
  direction: 'inout',
  listDevices: false,
  noPromiscuous: false,
  number: false,
  snaplen: 262144,
  filter: [],
  numeric: false,
  link: false,
  verbose: 0,
  quiet: false,
  absolute: false,
  noChecksum: false,
  shortNames: false,
  noDefaultDump: false,
  readFile: null,
  writeFile: null,
  filterFile: null,
  printToo: false,
  countOnly: false,
  listLinkTypes: false,
  listStampTypes: false,
  linkType: null,
  notes: '',
});

/** Reads the arguments (argv without the name). */
export function parseOptions(args: readonly string[]): ParsedOptions {
  const options = initial();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '--') {
      options.filter.push(...args.slice(i + 1));
      break;
    }
    if (arg.startsWith('--')) {
      const long = longOption(arg.slice(2), args[i + 1]);
      if (typeof long === 'string') return { ok: false, kind: 'usage', text: long };
      if (long.took) i++;
      const failed = apply(options, long.letter, long.value);
      if (failed) return failed;
      continue;
    }
    if (!arg.startsWith('-') || arg === '-') {
      options.filter.push(arg);
      continue;
    }
    for (let at = 1; at < arg.length; at++) {
      const letter = arg[at] as string;
      let value = '';
      if (WITH_VALUE.includes(letter)) {
        value = arg.slice(at + 1) || (args[++i] ?? '');
        if (value === '' && args[i] === undefined) return usage(`option requires an argument -- '${letter}'`);
        at = arg.length;
      } else if (!SIMPLE.includes(letter)) return usage(`invalid option -- '${letter}'`);
      const failed = apply(options, letter, value);
      if (failed) return failed;
    }
  }
  return { ok: true, options };
}

const usage = (text: string): ParsedOptions => ({ ok: false, kind: 'usage', text });

function longOption(text: string, next: string | undefined): string | { letter: string; value: string; took: boolean } {
  const [name = '', inline] = text.split(/=(.*)/s);
  const matches = Object.keys(LONG).filter((key) => key.replace(':', '') === name);
  const candidates = matches.length ? matches : Object.keys(LONG).filter((key) => key.startsWith(name));
  if (candidates.length > 1)
    return `option '--${name}' is ambiguous; possibilities:${candidates.map((k) => ` '--${k.replace(':', '')}'`).join('')}`;
  const key = candidates[0];
  if (!key) return `unrecognized option '--${name}'`;
  const letter = LONG[key] as string;
  if (!key.endsWith(':'))
    return inline === undefined ? { letter, value: '', took: false } : `option '--${key}' doesn't allow an argument`;
  if (inline !== undefined) return { letter, value: inline, took: false };
  if (next === undefined) return `option '--${key.slice(0, -1)}' requires an argument`;
  return { letter, value: next, took: true };
}

const error = (text: string): ParsedOptions => ({ ok: false, kind: 'error', text });

function apply(o: Options, letter: string, value: string): ParsedOptions | null {
  if (letter === 'help' || letter === 'h') return { ok: false, kind: 'help', text: '' };
  if (letter === 'version') return { ok: false, kind: 'version', text: '' };
  if (letter === 'not' || (letter.length === 1 && NOT_MODELLED.includes(letter))) {
    return { ok: false, kind: 'notModelled', text: `tcpdump ${letter.length === 1 ? `-${letter}` : `--${letter}`}` };
  }
  const flags = new Map<string, () => void>([
    ['A', () => o.ascii++],
    ['D', () => (o.listDevices = true)],
    ['e', () => (o.link = true)],
    ['K', () => (o.noChecksum = true)],
    ['n', () => (o.numeric = true)],
    ['p', () => (o.noPromiscuous = true)],
    ['q', () => (o.quiet = true)],
    ['S', () => (o.absolute = true)],
    ['t', () => o.time++],
    ['v', () => o.verbose++],
    ['x', () => o.hex++],
    ['X', () => o.hexAscii++],
    ['#', () => (o.number = true)],
    ['nano', () => (o.nano = true)],
    ['i', () => (o.device = value)],
    ['N', () => (o.shortNames = true)],
    ['r', () => (o.readFile = value)],
    ['w', () => (o.writeFile = value)],
    ['F', () => (o.filterFile = value)],
    ['L', () => (o.listLinkTypes = true)],
    ['J', () => (o.listStampTypes = true)],
    ['print', () => (o.printToo = true)],
    ['count', () => (o.countOnly = true)],
    ['m', () => (o.notes += `tcpdump: ignoring option \`-m ${value}' (no libsmi support)\n`)],
  ]);
  flags.get(letter)?.();
  o.noDefaultDump = o.quiet || o.hex + o.hexAscii > 0;
  if (letter === 'precision') {
    if (value !== 'micro' && value !== 'nano') return error('unsupported time stamp precision');
    o.nano = value === 'nano';
  }
  if (letter === 'B' && !(Number.parseInt(value, 10) > 0)) return error(`invalid packet buffer size ${value}`);
  if (letter === 'j' && value !== 'host') {
    if (!STAMP_TYPES.includes(value)) return error(`invalid time stamp type ${value}`);
    return { ok: false, kind: 'notModelled', text: `tcpdump -j ${value}` };
  }
  if (letter === 'T') {
    if (!PACKET_TYPES.includes(value)) return error(`unknown packet type \`${value}'`);
    return { ok: false, kind: 'notModelled', text: `tcpdump -T ${value}` };
  }
  if (letter === 'y') {
    o.linkType = linkTypeNamed(value);
    if (!o.linkType) return error(`invalid data link type ${value}`);
  }
  if (letter === 'Z' && !['root', 'tcpdump', 'nobody'].includes(value)) return error(`Couldn't find user '${value}'`);
  if (o.time > 5) return error('only -t, -tt, -ttt, -tttt and -ttttt are supported');
  if (letter === 'c') {
    o.count = Number(value);
    if (!/^\d+$/.test(value) || o.count <= 0) return error(`invalid packet count ${value}`);
  }
  if (letter === 's') {
    if (!/^\d+$/.test(value) || Number(value) > 262144)
      return error(`invalid snaplen ${value} (must be >= 0 and <= 262144)`);
    o.snaplen = Number(value) || 262144;
  }
  if (letter === 'Q') {
    if (value !== 'in' && value !== 'out' && value !== 'inout') return error(`unknown capture direction \`${value}'`);
    o.direction = value;
  }
  return null;
}

export const USAGE = `Usage: tcpdump [-AbdDefhHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count]
		[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]
		[ -i interface ] [ --immediate-mode ] [ -j tstamptype ]
		[ -M secret ] [ --number ] [ --print ] [ -Q in|out|inout ]
		[ -r file ] [ -s snaplen ] [ -T type ] [ --version ]
		[ -V file ] [ -w file ] [ -W filecount ] [ -y datalinktype ]
		[ --time-stamp-precision precision ] [ --micro ] [ --nano ]
		[ -z postrotate-command ] [ -Z user ] [ expression ]
`;

export const VERSION = `tcpdump version 4.99.3
libpcap version 1.10.3 (with TPACKET_V3)
OpenSSL 3.0.19 27 Jan 2026
`;
