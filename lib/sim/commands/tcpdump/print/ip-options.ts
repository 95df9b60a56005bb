/** IPv4 options as print-ip.c prints them. RFC 791. */
import type { Dissector } from './dissector.ts';

const NAMES: Record<number, string> = {
  0: 'EOL',
  1: 'NOP',
  7: 'RR',
  68: 'timestamp',
  82: 'traceroute',
  130: 'security',
  131: 'LSRR',
  137: 'SSRR',
  148: 'RA',
};

/** The options in `length` bytes at `at`. False when one is cut off. */
export function printIp4Options(d: Dissector, start: number, total: number): boolean {
  let sep = '';
  let at = start;
  let length = total;
  while (length > 0) {
    if (!d.has(at, 1)) return false;
    const code = d.u8(at);
    d.print(`${sep}${NAMES[code] ?? `unknown ${code}`}`);
    sep = ',';
    let size = 1;
    if (code > 1) {
      if (!d.has(at, 2)) return false;
      size = d.u8(at + 1);
      if (size < 2) {
        d.print(' [bad length]');
        return true;
      }
      if (size > length || !d.has(at, size)) return false;
      if (code === 7 || code === 131 || code === 137) printRoute(d, at, size);
      else if (code === 68) printStamps(d, at, size);
      else if (code === 148) printAlert(d, at, size);
    }
    if (code === 0) return true;
    at += size;
    length -= size;
  }
  return true;
}

function printRoute(d: Dissector, at: number, size: number): undefined {
  if (size < 3) return d.print(` [bad length ${size}]`);
  if ((size + 1) & 3) d.print(` [bad length ${size}]`);
  const pointer = d.u8(at + 2) - 1;
  if (pointer < 3 || (pointer + 1) & 3) d.print(` [bad ptr ${d.u8(at + 2)}]`);
  let sep = ' ';
  for (let i = 3; i < size; i += 4) {
    d.print(`${sep}${d.addr4(at + i)}`);
    sep = pointer > i ? ', ' : ' ';
  }
}

function printAlert(d: Dissector, at: number, size: number): undefined {
  if (size !== 4) d.print(` [bad length ${size}]`);
  else if (d.u16(at + 2) !== 0) d.print(` value ${d.u16(at + 2)}`);
}

function printStamps(d: Dissector, at: number, size: number): undefined {
  if (size < 4) return d.print('[bad length]');
  const flags = d.u8(at + 3) & 15;
  d.print(' TS{');
  const hop = flags === 0 ? 4 : 8;
  const pointer = d.u8(at + 2) - 1;
  if (pointer < 4) d.print(`[bad ptr ${d.u8(at + 2)}]`);
  d.print(['TSONLY', 'TS+ADDR', '[bad ts type 2]', 'PRESPEC'][flags] ?? `[bad ts type ${flags}]`);
  let mark = ' ';
  for (let i = 4; i < size; i += hop) {
    if (pointer === i) mark = ' ^ ';
    const address = hop === 8 ? d.addr4(at + i) : '';
    d.print(`${mark}${d.u32(at + i + hop - 4)}@${address}`);
    mark = ' ';
  }
  if (pointer === size) d.print(' ^ ');
  if (d.u8(at + 3) >> 4) d.print(` [${d.u8(at + 3) >> 4} hops not recorded]} `);
  else d.print('}');
}
