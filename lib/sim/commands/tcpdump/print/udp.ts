/** UDP as print-udp.c prints it: the port tells the decoder. RFC 768, 7348, 8926. */
import { printBootp } from './bootp.ts';
import { bits, type Dissector, hex, hex4 } from './dissector.ts';
import { printDomain } from './domain.ts';
import { printEthernet, printEtherType } from './ether.ts';
import { etherTypeName } from './ethertypes.ts';
import { pseudoHeader, residue, shouldBe } from './sum.ts';
import { printEnds } from './tcp.ts';

/** Ports whose protocols tcpdump decodes and the model does not. */
const UNDECODED = [
  69, 88, 123, 137, 138, 161, 162, 319, 320, 496, 500, 514, 520, 521, 525, 546, 547, 646, 654, 698, 701, 750, 921, 1589,
  1645, 1646, 1700, 1701, 1812, 1813, 1985, 2103, 2104, 3456, 3503, 3784, 3785, 3799, 4342, 4500, 4567, 4784, 4790,
  5060, 5359, 6343, 6635, 6696, 6697, 6784, 7000, 7001, 7002, 7003, 7004, 7005, 7006, 7007, 7008, 7009, 7500, 8231,
  8500, 12222, 12223, 17754, 30490,
];

/** A datagram at `at`, under the IP header at `ip`. */
export function printUdp(d: Dissector, at: number, total: number, ip: number, fragmented: boolean): undefined {
  d.protocol = 'udp';
  printEnds(d, at, ip, 'udp');
  if (total < 8) return d.print(`truncated-udp ${total}`);
  const told = d.u16(at + 4);
  if (told < 8 && told !== 0) return d.print(`truncated-udplength ${told}`);
  const whole = told === 0 ? total : told;
  const length = Math.min(whole, total) - 8;
  const six = d.u8(ip) >> 4 === 6;
  if (d.options.verbose > (six ? 0 : 1) && !d.options.noChecksum && !fragmented) {
    const there = d.u16(at + 6);
    if (there === 0 && !six) d.print('[no cksum] ');
    else if (d.has(at + 8, length)) {
      const rest = residue(pseudoHeader(d, ip, 17, length + 8) + d.slice(at, length + 8));
      if (rest === 0) d.print('[udp sum ok] ');
      else d.print(`[bad udp cksum ${hex4(there)} -> ${hex4(shouldBe(there, rest))}!] `);
    }
  }
  if (!d.options.quiet && printPayload(d, d.u16(at), d.u16(at + 2), at + 8, length)) return;
  const bad = whole - 8 > length && !fragmented;
  d.print(bad ? `UDP, bad length ${whole - 8} > ${length}` : `UDP, length ${whole - 8}`);
}

/** Prints what a well-known port announces. False when nothing does. */
function printPayload(d: Dissector, sport: number, dport: number, at: number, length: number): boolean {
  const on = (port: number) => sport === port || dport === port;
  if (on(53) || on(5353)) printDomain(d, at, length, false, on(5353));
  else if (on(67) || on(68)) printBootp(d, at, length);
  else if (dport === 4789) printVxlan(d, at, length);
  else if (on(8472)) printOtv(d, at, length);
  else if (dport === 6081) printGeneve(d, at, length);
  else {
    const decoder = UNDECODED.find(on);
    if (decoder === undefined) return false;
    d.print(`flatnet: not modelled: decoding of UDP port ${decoder}, length ${length}`);
  }
  return true;
}

const VXLAN_FLAGS = [[0x08, 'I']] as const;

function printVxlan(d: Dissector, at: number, length: number): undefined {
  d.protocol = 'vxlan';
  if (length < 8) return d.truncated();
  const flags = d.u8(at);
  d.print(`VXLAN, flags [${bits(VXLAN_FLAGS, flags, 'invalid')}] (${hex(flags, 2)}), `);
  d.print(`vni ${d.u32(at + 4) >>> 8}\n`);
  printEthernet(d, at + 8, length - 8);
}

/** The port that Linux gave VXLAN belongs to OTV in tcpdump. */
function printOtv(d: Dissector, at: number, length: number): undefined {
  d.protocol = 'otv';
  if (length < 8) return d.truncated();
  const flags = d.u8(at);
  d.print(`OTV, flags [${flags & 8 ? 'I' : '.'}] (${hex(flags, 2)}), `);
  d.print(`overlay ${d.u32(at) & 0xffffff}, `);
  d.print(`instance ${d.u32(at + 4) >>> 8}\n`);
  printEthernet(d, at + 8, length - 8);
}

function printGeneve(d: Dissector, at: number, length: number): undefined {
  d.protocol = 'geneve';
  if (length < 8) return d.truncated();
  const first = d.u8(at);
  d.print('Geneve');
  if (first >> 6 !== 0) return d.print(` ERROR: unknown-version ${first >> 6}`);
  const flags = (d.u8(at + 1) & 0x80 ? 'O' : '') + (d.u8(at + 1) & 0x40 ? 'C' : '');
  const type = d.u16(at + 2);
  d.print(`, Flags [${flags || 'none'}], vni ${hex(d.u32(at + 4) >>> 8)}`);
  if (d.options.link) d.print(`, proto ${etherTypeName(type, 'unknown')} (${hex4(type)})`);
  const options = (first & 0x3f) * 4;
  if (options > 0) d.print(`, options [${options} bytes]`);
  d.print(d.options.verbose ? '\n\t' : ': ');
  const from = at + 8 + options;
  const left = length - 8 - options;
  if (type === 0x6558) printEthernet(d, from, left);
  else if (!printEtherType(d, type, from, left)) d.print(`geneve-proto-${hex(type)}`);
}
