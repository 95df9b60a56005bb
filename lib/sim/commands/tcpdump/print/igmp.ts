/** IGMP as print-igmp.c prints it. RFC 1112, 2236, 3376. */
import type { Dissector } from './dissector.ts';
import { residue } from './sum.ts';

/** Kinds of group records, of IGMP version 3 and of MLD version 2: RFC 3376 §4.2.12, RFC 3810 §5.2.12. */
export const RECORDS: Record<number, string> = {
  1: 'is_in',
  2: 'is_ex',
  3: 'to_in',
  4: 'to_ex',
  5: 'allow',
  6: 'block',
};

const code = (value: number): number => (value < 128 ? value : ((value & 15) | 16) << (((value >> 4) & 7) + 3));

/** Tenths of a second. */
const duration = (tenths: number): string =>
  tenths < 600 ? `${(tenths / 10).toFixed(1)}s` : `${Math.floor(tenths / 10)}s`;

function query3(d: Dissector, at: number, length: number): undefined {
  d.print(' v3');
  const response = code(d.u8(at + 1));
  if (response !== 100) d.print(` [max resp time ${duration(response)}]`);
  if (d.u32(at + 4) === 0) return;
  d.print(` [gaddr ${d.addr4(at + 4)}`);
  const sources = d.u16(at + 10);
  if (sources > 0) {
    if (length < 12 + sources * 4) d.print(` [invalid number of sources ${sources}]`);
    else if (d.options.verbose > 1) printSources(d, at + 12, sources);
    else d.print(`, ${sources} source(s)`);
  }
  d.print(']');
}

function printSources(d: Dissector, at: number, count: number): undefined {
  d.print(' {');
  for (let j = 0; j < count; j++) d.print(` ${d.addr4(at + 4 * j)}`);
  d.print(' }');
}

function report3(d: Dissector, at: number, length: number): undefined {
  const groups = d.u16(at + 6);
  d.print(`, ${groups} group record(s)`);
  if (!d.options.verbose) return;
  let from = at + 8;
  for (let i = 0; i < groups; i++) {
    if (length < from - at + 8) return d.print('[invalid number of groups]');
    d.print(` [gaddr ${d.addr4(from + 4)}`);
    const type = d.u8(from);
    d.print(` ${RECORDS[type] ?? `[v3-report-#${type}]`}`);
    const sources = d.u16(from + 2);
    if (length < from - at + 8 + sources * 4) return d.print(`[invalid number of sources ${sources}]`);
    if (d.options.verbose > 1) printSources(d, from + 8, sources);
    else d.print(`, ${sources} source(s)`);
    from += 8 + sources * 4 + d.u8(from + 1) * 4;
    d.print(']');
  }
}

/** A message of `length` bytes at `at`. */
export function printIgmp(d: Dissector, at: number, length: number): undefined {
  d.protocol = 'igmp';
  if (d.options.quiet) return d.print('igmp');
  const type = d.u8(at);
  switch (type) {
    case 0x11:
      d.print('igmp query');
      if (length >= 12) query3(d, at, length);
      else {
        const response = d.u8(at + 1);
        if (response) {
          d.print(' v2');
          if (response !== 100) d.print(` [max resp time ${response}]`);
        } else d.print(' v1');
        if (d.u32(at + 4)) d.print(` [gaddr ${d.addr4(at + 4)}]`);
        if (length !== 8) d.print(` [len ${length}]`);
      }
      break;
    case 0x12:
    case 0x16:
      d.print(`igmp v${type === 0x12 ? 1 : 2} report ${d.addr4(at + 4)}`);
      if (length !== 8) d.print(` [len ${length}]`);
      break;
    case 0x22:
      d.print('igmp v3 report');
      report3(d, at, length);
      break;
    case 0x17:
      d.print(`igmp leave ${d.addr4(at + 4)}`);
      if (length !== 8) d.print(` [len ${length}]`);
      break;
    default:
      d.print(`igmp-${type}`);
  }
  if (d.options.verbose && d.has(at, length) && residue(d.slice(at, length)) !== 0)
    d.print(` bad igmp cksum ${d.u16(at + 2).toString(16)}!`);
}
