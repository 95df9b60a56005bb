/** 802.2 and what bridges send in it: print-llc.c, print-stp.c. IEEE 802.1D. */
import { formatMac } from '../../../addr/mac.ts';
import { bits, type Dissector, hex, hex4 } from './dissector.ts';
import { defaultDump } from './dump.ts';

const SAPS: Record<number, string> = {
  0: 'Null',
  66: 'STP',
  6: 'IP',
  170: 'SNAP',
  224: 'IPX',
  240: 'NetBeui',
  254: 'OSI',
  255: 'Global',
};

const sap = (n: number): string => SAPS[n & 0xfe] ?? 'Unknown';

/** The LLC header of a frame whose length field said `length`; answers its size. */
export function printLlc(d: Dissector, at: number, length: number): number {
  d.protocol = 'llc';
  if (!d.has(at, 3)) {
    d.truncated();
    return 0;
  }
  const dsap = d.u8(at);
  const ssap = d.u8(at + 1);
  const control = d.u8(at + 2);
  const unnumbered = (control & 3) === 3;
  const size = unnumbered ? 3 : 4;
  if (d.options.link) {
    d.print(
      `LLC, dsap ${sap(dsap)} (${hex(dsap & 0xfe, 2)}) ${dsap & 1 ? 'Group' : 'Individual'}, ssap ${sap(ssap)} (${hex(ssap & 0xfe, 2)}) ${ssap & 1 ? 'Response' : 'Command'}, ctrl ${unnumbered ? hex(control, 2) : hex4(d.u16(at + 2))}: `,
    );
  }
  if (dsap === 0x42 && ssap === 0x42 && control === 3) {
    printStp(d, at + 3, length - 3);
    return size;
  }
  if (!d.options.link) {
    d.print(`${sap(dsap)} > ${sap(ssap)} `);
    d.print(
      unnumbered ? `Unnumbered, ui, Flags [${ssap & 1 ? 'Response' : 'Command'}], length ${length}` : 'Supervisory',
    );
  }
  defaultDump(d, at + size, d.end - at - size);
  return size;
}

const FLAGS = [
  [0x01, 'Topology change'],
  [0x02, 'Proposal'],
  [0x10, 'Learn'],
  [0x20, 'Forward'],
  [0x40, 'Agreement'],
  [0x80, 'Topology change ACK'],
] as const;

const bridgeId = (d: Dissector, at: number): string =>
  `${d.u16(at).toString(16).padStart(4, '0')}.${formatMac(d.u16(at + 2) * 2 ** 32 + d.u32(at + 4))}`;

/** 256ths of a second. */
const seconds = (d: Dissector, at: number): string => `${(d.u16(at) / 256).toFixed(2)}s`;

function printStp(d: Dissector, at: number, length: number): undefined {
  d.protocol = 'stp';
  if (length < 4) return d.truncated();
  if (d.u16(at) !== 0) return d.print(`STP unknown proto-id ${hex4(d.u16(at))}`);
  const version = d.u8(at + 2);
  const name =
    ['802.1d', 'Unknown', '802.1w', '802.1s', '802.1aq'][version] ?? `Unknown STP protocol (${hex(version, 2)})`;
  d.print(`STP ${name}`);
  d.check(at, 4);
  const type = d.u8(at + 3);
  const kinds: Record<number, string> = { 0: 'Config', 2: 'Rapid STP', 128: 'Topology Change' };
  d.print(`, ${kinds[type] ?? `Unknown STP BPDU Type (${hex(type, 2)})`}`);
  if (type === 0x80) return;
  const rapid = type === 2;
  const flags = d.u8(at + 4);
  d.print(
    `, Flags [${bits(FLAGS, flags, 'none')}], bridge-id ${bridgeId(d, at + 17)}.${d
      .u16(at + 25)
      .toString(16)
      .padStart(4, '0')}, length ${length}`,
  );
  if (!d.options.verbose) return;
  d.print(
    `\n\tmessage-age ${seconds(d, at + 27)}, max-age ${seconds(d, at + 29)}, hello-time ${seconds(d, at + 31)}, forwarding-delay ${seconds(d, at + 33)}`,
  );
  d.print(`\n\troot-id ${bridgeId(d, at + 5)}, root-pathcost ${d.u32(at + 13)}`);
  if (rapid) d.print(`, port-role ${['Unknown', 'Alternate', 'Root', 'Designated'][(flags >> 2) & 3]}`);
}
