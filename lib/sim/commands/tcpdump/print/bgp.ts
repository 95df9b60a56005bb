/** BGP as print-bgp.c prints it: message headers; with -v OPEN, NOTIFICATION and an UPDATE's routes. RFC 4271. */
import { formatIp } from '../../../addr/ip.ts';
import type { Dissector } from './dissector.ts';

const MESSAGES: Record<number, string> = {
  1: 'Open',
  2: 'Update',
  3: 'Notification',
  4: 'Keepalive',
  5: 'Route Refresh',
};
const MARKER = '\xff'.repeat(16);

/** The messages in `length` bytes at `at`. */
export function printBgp(d: Dissector, start: number, length: number): undefined {
  d.protocol = 'bgp';
  d.print(': BGP');
  if (!d.options.verbose) return;
  const end = Math.min(start + length, d.end);
  for (let at = start; at < end; ) {
    if (d.available(at, 16) !== MARKER) {
      at++;
      continue;
    }
    const size = d.u16(at + 16);
    if (size < 19) return d.print('\n[BGP length < 19]');
    const type = d.u8(at + 18);
    d.print(`\n\t${MESSAGES[type] ?? `Unknown`} Message (${type}), length: ${size}`);
    d.check(at, size);
    if (type === 1) printOpen(d, at);
    else if (type === 3) printNotification(d, at);
    else if (type === 2) printUpdate(d, at, size);
    at += size;
  }
}

function printOpen(d: Dissector, at: number): undefined {
  d.print(
    `\n\t  Version ${d.u8(at + 19)}, my AS ${d.u16(at + 20)}, Holdtime ${d.u16(at + 22)}s, ID ${formatIp(d.ip4(at + 24))}`,
  );
  const options = d.u8(at + 28);
  d.print(`\n\t  Optional parameters, length: ${options}`);
  if (options > 0) d.print('\n\t    flatnet: not modelled: decoding of BGP capabilities');
}

const ERRORS: Record<number, string> = {
  1: 'Message Header Error',
  2: 'OPEN Message Error',
  3: 'UPDATE Message Error',
  4: 'Hold timer expired',
  5: 'Finite State Machine Error',
  6: 'Cease',
};

function printNotification(d: Dissector, at: number): undefined {
  const code = d.u8(at + 19);
  d.print(`, ${ERRORS[code] ?? `Unknown Error`} (${code}), subcode ${d.u8(at + 20)}`);
}

function printUpdate(d: Dissector, at: number, size: number): undefined {
  const withdrawn = d.u16(at + 19);
  const attributes = d.u16(at + 21 + withdrawn);
  if (withdrawn === 0 && attributes === 0 && size === 23) return d.print('\n\t  End-of-Rib Marker (empty NLRI)');
  d.print('\n\t  flatnet: not modelled: decoding of BGP path attributes');
}
