/** Hop-by-hop and destination options of IPv6: print-ip6opts.c. RFC 8200, 2711. */
import { type Dissector, hex4 } from './dissector.ts';

/** One header of options at `at`; answers its length. */
export function printHopByHop(d: Dissector, at: number, name: string): number {
  d.protocol = 'hbhopt';
  d.check(at, 2);
  const length = (d.u8(at + 1) + 1) * 8;
  d.check(at, length);
  d.print(`${name} `);
  if (d.options.verbose) printOptions(d, at + 2, length - 2);
  return length;
}

function printOptions(d: Dissector, start: number, length: number): undefined {
  for (let at = start; at < start + length; ) {
    const type = d.u8(at);
    if (type === 0) {
      d.print('(pad1)');
      at++;
      continue;
    }
    const size = d.u8(at + 1);
    if (type === 1) d.print('(padn)');
    else if (type === 5) d.print(`(rtalert: ${hex4(d.u16(at + 2))}) `);
    else if (type === 194) d.print(`(jumbo: ${d.u32(at + 2)}) `);
    else d.print(`(opt_type ${`0x${type.toString(16).padStart(2, '0')}`}: len=${size})`);
    at += 2 + size;
  }
  d.print(' ');
}
