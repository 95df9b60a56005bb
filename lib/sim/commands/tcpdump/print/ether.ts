/** A frame from its link header down: print-ether.c, print-sll.c, print-raw.c. */
import { printArp } from './arp.ts';
import { type Dissector, hex4 } from './dissector.ts';
import { defaultDump } from './dump.ts';
import { etherTypeName } from './ethertypes.ts';
import { printIp4, printIp6 } from './ip.ts';
import { printLlc } from './llc.ts';

const TAGGED = [0x8100, 0x88a8, 0x9100, 0x9200];

const typeText = (d: Dissector, type: number): string =>
  d.options.quiet
    ? etherTypeName(type, `Unknown Ethertype (${hex4(type)})`)
    : `ethertype ${etherTypeName(type, 'Unknown')} (${hex4(type)})`;

/** ieee8021q_tci_string(). */
const tagText = (tci: number): string => `vlan ${tci & 0xfff}, p ${tci >> 13}${tci & 0x1000 ? ', DEI' : ''}`;

/** What an EtherType announces. False when it is unknown. */
export function printEtherType(d: Dissector, type: number, at: number, length: number): boolean {
  if (type === 0x0800) printIp4(d, at, length);
  else if (type === 0x86dd) printIp6(d, at, length);
  else if (type === 0x0806 || type === 0x8035) printArp(d, at, length);
  else if (type === 0x88cc) printLldp(d, length);
  else return false;
  return true;
}

function printLldp(d: Dissector, length: number): undefined {
  d.protocol = 'lldp';
  d.print(`LLDP, length ${length}`);
  if (d.options.verbose) d.print(', flatnet: not modelled: decoding of LLDP');
}

/** An Ethernet frame of `length` bytes at `at`; answers the length of its header. */
export function printEthernet(d: Dissector, start: number, length: number): number {
  const saved = d.protocol;
  d.protocol = 'ether';
  if (d.end - start < 14) {
    d.truncated();
    return d.end - start;
  }
  const { link } = d.options;
  const addresses = () => d.print(`${d.mac(start + 6)} > ${d.mac(start)}, `);
  if (link) addresses();
  let type = d.u16(start + 12);
  let at = start + 14;
  let lengthSaid = false;
  const sayType = () => {
    d.print(`${typeText(d, type)}, ${lengthSaid ? '' : `length ${length}: `}`);
    lengthSaid = true;
  };
  while (TAGGED.includes(type)) {
    d.protocol = 'vlan';
    if (!d.has(at, 4)) {
      d.truncated();
      return at - start;
    }
    if (link) {
      sayType();
      d.print(`${tagText(d.u16(at))}, `);
    }
    type = d.u16(at + 2);
    at += 4;
  }
  d.protocol = saved;
  if (type <= 1500) {
    const payload = Math.min(type, length - (at - start));
    if (link) d.print(`802.3${lengthSaid ? '' : `, length ${payload}: `}`);
    let head = 0;
    d.within(at + payload, () => {
      head = printLlc(d, at, payload);
    });
    return at - start + head;
  }
  if (link) sayType();
  if (!printEtherType(d, type, at, length - (at - start))) {
    if (!link) {
      addresses();
      sayType();
    }
    defaultDump(d, at, d.end - at);
  }
  return at - start;
}

/** A packet without a link header: DLT_RAW. */
export function printRaw(d: Dissector, at: number, length: number): number {
  d.protocol = 'raw';
  if (d.options.link) d.print('ip: ');
  if (d.u8(at) >> 4 === 6) printIp6(d, at, length);
  else printIp4(d, at, length);
  return 0;
}

const SLL_DIRECTIONS = ['In', 'B', 'M', 'P', 'Out'];

/** A frame of the `any` device: LINUX_SLL2, whose 20 bytes name the interface and the direction. */
export function printCooked2(
  d: Dissector,
  start: number,
  length: number,
  interfaceName: (index: number) => string,
): number {
  d.protocol = 'sll2';
  d.check(start, 20);
  const type = d.u16(start);
  const index = d.u32(start + 4);
  const direction = d.u8(start + 10);
  d.print(`${interfaceName(index).padEnd(5)} ${(SLL_DIRECTIONS[direction] ?? `Unknown`).padEnd(3)} `);
  if (d.options.link) {
    d.print(`ifindex ${index} `);
    if (d.u16(start + 8) === 1 && d.u8(start + 11) === 6) d.print(`${d.mac(start + 12)} `);
    if (!d.options.quiet) d.print(`ethertype ${etherTypeName(type, 'Unknown')} (${hex4(type)}), `);
    d.print(`length ${length}: `);
  }
  printCookedBody(d, type, start + 20, length - 20);
  return 20;
}

/** LINUX_SLL, the older cooked header of 16 bytes. */
export function printCooked1(d: Dissector, start: number, length: number): number {
  d.protocol = 'sll';
  d.check(start, 16);
  const type = d.u16(start + 14);
  if (d.options.link) {
    d.print(`${(SLL_DIRECTIONS[d.u16(start)] ?? '?').padStart(3)} `);
    if (d.u16(start + 4) === 6) d.print(`${d.mac(start + 6)} `);
    if (!d.options.quiet) d.print(`ethertype ${etherTypeName(type, 'Unknown')} (${hex4(type)}), `);
    d.print(`length ${length}: `);
  }
  printCookedBody(d, type, start + 16, length - 16);
  return 16;
}

function printCookedBody(d: Dissector, first: number, start: number, length: number): undefined {
  let type = first;
  let at = start;
  while (type === 0x8100 && d.has(at, 4)) {
    if (d.options.link) d.print(`${tagText(d.u16(at))}, `);
    type = d.u16(at + 2);
    if (d.options.link && !d.options.quiet) d.print(`ethertype ${etherTypeName(type, 'Unknown')}, `);
    at += 4;
  }
  if (printEtherType(d, type, at, length - (at - start))) return;
  if (!d.options.link) d.print(`${typeText(d, type)}, length ${length + 20}: `);
  defaultDump(d, at, d.end - at);
}
