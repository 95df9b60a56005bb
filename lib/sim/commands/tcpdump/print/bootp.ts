/** BOOTP and DHCP as print-bootp.c prints them, without the options. RFC 2131. */
import { formatMac } from '../../../addr/mac.ts';
import { type Dissector, hex } from './dissector.ts';

/** A message of `length` bytes at `at`. */
export function printBootp(d: Dissector, at: number, length: number): undefined {
  d.protocol = 'bootp';
  const op = d.u8(at);
  const kind = op === 1 ? 'Request' : op === 2 ? 'Reply' : `unknown (${op})`;
  d.print(`BOOTP/DHCP, ${kind}`);
  if (d.u8(at + 1) === 1 && d.u8(at + 2) === 6) {
    d.check(at + 28, 6);
    d.print(` from ${formatMac(d.u16(at + 28) * 2 ** 32 + d.u32(at + 30))}`);
  }
  d.print(`, length ${length}`);
  if (!d.options.verbose) return;
  d.print(`, xid ${hex(d.u32(at + 4))}, flatnet: not modelled: decoding of DHCP options`);
}
