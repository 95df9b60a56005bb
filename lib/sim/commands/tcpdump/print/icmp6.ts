/** ICMPv6 as print-icmp6.c prints it. RFC 4443, 4861, 2710, 3810. */
import { bits, type Dissector, hex4 } from './dissector.ts';
import { hexDump } from './dump.ts';
import { printMldQuery, printMldReport } from './mld.ts';
import { printNdOptions } from './nd-options.ts';
import { pseudoHeader, residue, shouldBe } from './sum.ts';

const TYPES: Record<number, string> = {
  1: 'destination unreachable',
  2: 'packet too big',
  3: 'time exceeded in-transit',
  4: 'parameter problem',
  128: 'echo request',
  129: 'echo reply',
  130: 'multicast listener query',
  131: 'multicast listener report',
  132: 'multicast listener done',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbor solicitation',
  136: 'neighbor advertisement',
  137: 'redirect',
  138: 'router renumbering',
  139: 'node information query',
  140: 'node information reply',
  143: 'multicast listener report v2',
  200: 'mtrace response',
  201: 'mtrace message',
};

const UNREACHABLE: Record<number, string> = {
  0: 'unreachable route',
  1: ' unreachable prohibited',
  2: 'beyond scope',
  3: 'unreachable address',
  4: 'unreachable port',
};

const NA_FLAGS = [
  [0x80, 'router'],
  [0x40, 'solicited'],
  [0x20, 'override'],
] as const;

const RA_FLAGS = [
  [0x80, 'managed'],
  [0x40, 'other stateful'],
  [0x20, 'home agent'],
] as const;
const PREFERENCES = ['medium', 'high', 'rsv', 'low'];

const dump = (d: Dissector, at: number, length: number, indent = '\n\t') =>
  d.print(hexDump(d.available(at, length), false, indent));

/** False when the line ends there, without its length. */
function unreachable(d: Dissector, at: number, length: number): boolean {
  const code = d.u8(at + 1);
  d.print(`, ${UNREACHABLE[code] ?? `unknown unreach code (${code})`}`);
  const dst = () => d.addr6(at + 8 + 24);
  if (code === 0 || code === 1 || code === 3) d.print(` ${dst()}`);
  else if (code === 2) d.print(` ${dst()}, source address ${d.addr6(at + 16)}`);
  else if (code === 4) {
    const proto = d.u8(at + 14);
    const port = d.u16(at + 50);
    if (proto === 6) d.print(`, ${dst()} tcp port ${d.port(port, 'tcp')}`);
    else if (proto === 17) d.print(`, ${dst()} udp port ${d.port(port, 'udp')}`);
    else {
      d.truncated();
      return false;
    }
  } else if (d.options.verbose <= 1) {
    dump(d, at, length);
    return false;
  }
  return true;
}

function problem(d: Dissector, at: number): undefined {
  const code = d.u8(at + 1);
  d.check(at + 32, 16);
  const what = ['erroneous', 'next header', 'option', 'incomplete header chain'][code];
  d.print(what ? `, ${what} - octet ${d.u32(at + 4)}` : `, code-#${code}`);
}

function advertisement(d: Dissector, at: number, length: number): undefined {
  const flags = d.u8(at + 5);
  d.check(at, 16);
  d.print(`\n\thop limit ${d.u8(at + 4)}, Flags [${bits(RA_FLAGS, flags, 'none')}]`);
  d.print(`, pref ${PREFERENCES[(flags >> 3) & 3]}, router lifetime ${d.u16(at + 6)}s`);
  d.print(`, reachable time ${d.u32(at + 8)}ms, retrans timer ${d.u32(at + 12)}ms`);
  printNdOptions(d, at + 16, length - 16);
}

function body(d: Dissector, at: number, length: number): boolean | undefined {
  const verbose = d.options.verbose > 0;
  switch (d.u8(at)) {
    case 1:
      return unreachable(d, at, length);
    case 2:
      return d.print(`, mtu ${d.u32(at + 4)}`);
    case 3: {
      const code = d.u8(at + 1);
      return d.print(
        code === 0 ? ` for ${d.addr6(at + 32)}` : code === 1 ? ' (reassembly)' : `, unknown code (${code})`,
      );
    }
    case 4:
      return problem(d, at);
    case 128:
    case 129:
      return d.print(`, id ${d.u16(at + 4)}, seq ${d.u16(at + 6)}`);
    case 130:
      return length === 24 ? listener(d, at) : printMldQuery(d, at, length);
    case 131:
    case 132:
      return listener(d, at);
    case 133:
      return verbose ? printNdOptions(d, at + 8, length - 8) : undefined;
    case 134:
      return verbose ? advertisement(d, at, length) : undefined;
    case 135:
      d.print(`, who has ${d.addr6(at + 8)}`);
      return verbose ? printNdOptions(d, at + 24, length - 24) : undefined;
    case 136:
      d.print(`, tgt is ${d.addr6(at + 8)}`);
      if (!verbose) return;
      d.print(`, Flags [${bits(NA_FLAGS, d.u8(at + 4), 'none')}]`);
      return printNdOptions(d, at + 24, length - 24);
    case 137:
      d.print(`, ${d.addr6(at + 24)} to ${d.addr6(at + 8)}`);
      return verbose ? printNdOptions(d, at + 40, length - 40) : undefined;
    case 143:
      return printMldReport(d, at, length);
    default:
      d.print(`, length ${length}`);
      if (d.options.verbose <= 1) dump(d, at, length);
      return false;
  }
}

function listener(d: Dissector, at: number): undefined {
  d.print(`max resp delay: ${d.u16(at + 4)} addr: ${d.addr6(at + 8)}`);
}

/** A message of `length` bytes at `at`, under the IPv6 header at `ip`. */
export function printIcmp6(d: Dissector, at: number, length: number, ip: number, fragmented: boolean): undefined {
  d.protocol = 'icmp6';
  const { verbose } = d.options;
  const type = d.u8(at);
  if (verbose && !fragmented && d.has(at, length)) {
    const rest = residue(pseudoHeader(d, ip, 58, length) + d.slice(at, length));
    const there = d.u16(at + 2);
    if (rest === 0) d.print('[icmp6 sum ok] ');
    else d.print(`[bad icmp6 cksum ${hex4(there)} -> ${hex4(shouldBe(there, rest))}!] `);
  }
  d.print(`ICMP6, ${TYPES[type] ?? `unknown icmp6 type (${type})`}`);
  if (verbose && type >= 133 && type <= 137) d.print(`, length ${length}`);
  if (body(d, at, length) === false) return;
  if (!verbose && TYPES[type]) d.print(`, length ${length}`);
}
