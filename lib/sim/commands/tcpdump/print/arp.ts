/** ARP as print-arp.c prints it. RFC 826, 903. */
import { type Dissector, hex4 } from './dissector.ts';
import { hexDump } from './dump.ts';
import { etherTypeName } from './ethertypes.ts';

const OPERATIONS: Record<number, string> = {
  1: 'Request',
  2: 'Reply',
  3: 'Reverse Request',
  4: 'Reverse Reply',
  8: 'Inverse Request',
  9: 'Inverse Reply',
  10: 'NACK Reply',
};

/** An ARP packet; `length` includes the frame's padding. */
export function printArp(d: Dissector, at: number, length: number): undefined {
  d.protocol = 'arp';
  const proto = d.u16(at + 2);
  const hardwareLength = d.u8(at + 4);
  const protoLength = d.u8(at + 5);
  const op = d.u16(at + 6);
  d.check(at, 8 + 2 * (hardwareLength + protoLength));
  if (!d.options.link) d.print('ARP, ');
  const known = proto === 0x0800 && protoLength === 4 && hardwareLength !== 0;
  if (!known || d.options.verbose) {
    const kind = d.u16(at) === 1 ? 'Ethernet' : `Unknown Hardware (${d.u16(at)})`;
    d.print(
      `${kind} (len ${hardwareLength}), ${etherTypeName(proto, `Unknown Protocol (${hex4(proto)})`)} (len ${protoLength})`,
    );
    if (!known || hardwareLength !== 6) return d.print(`, length ${length}`);
    d.print(', ');
  }
  d.print(`${OPERATIONS[op] ?? `Unknown (${op})`} `);
  const sha = at + 8;
  const spa = sha + hardwareLength;
  const tha = spa + 4;
  const tpa = tha + hardwareLength;
  switch (op) {
    case 1:
      d.print(`who-has ${d.addr4(tpa)}${named(d, tha, hardwareLength)} tell ${d.addr4(spa)}`);
      break;
    case 2:
      d.print(`${d.addr4(spa)} is-at ${d.mac(sha)}`);
      break;
    case 3:
      d.print(`who-is ${d.mac(tha)} tell ${d.mac(sha)}`);
      break;
    case 4:
      d.print(`${d.mac(tha)} at ${d.addr4(tpa)}`);
      break;
    default:
      return d.print(hexDump(d.available(at, d.end - at), true));
  }
  d.print(`, length ${length}`);
}

/** The target's hardware address, when the request names one. */
const named = (d: Dissector, at: number, length: number): string => {
  const bytes = d.slice(at, length);
  return /^\0*$/.test(bytes) ? '' : ` (${d.mac(at)})`;
};
