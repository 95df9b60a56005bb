/** Multicast listener discovery version 2: print-icmp6.c. RFC 3810. */
import type { Dissector } from './dissector.ts';
import { RECORDS } from './igmp.ts';

/** The group records of a report. */
export function printMldReport(d: Dissector, at: number, length: number): undefined {
  if (length < 8) return d.invalid();
  const groups = d.u16(at + 6);
  d.print(`, ${groups} group record(s)`);
  if (!d.options.verbose) return;
  let from = at + 8;
  for (let i = 0; i < groups; i++) {
    if (length < from - at + 20) return d.print('[invalid number of groups]');
    d.print(` [gaddr ${d.addr6(from + 4)}`);
    const sources = d.u16(from + 2);
    const type = d.u8(from);
    d.print(` ${RECORDS[type] ?? `[v2-report-#${type}]`}`);
    if (length < from - at + 20 + sources * 16) return d.print(`[invalid number of sources ${sources}]`);
    printSources(d, from + 20, sources);
    from += 20 + sources * 16 + d.u8(from + 1) * 4;
    d.print(']');
  }
}

function printSources(d: Dissector, at: number, count: number): undefined {
  if (d.options.verbose === 1) return d.print(`, ${count} source(s)`);
  d.print(' {');
  for (let j = 0; j < count; j++) d.print(` ${d.addr6(at + 16 * j)}`);
  d.print(' }');
}

/** A version 2 query. */
export function printMldQuery(d: Dissector, at: number, length: number): undefined {
  if (length < 28) return d.invalid();
  d.print(' v2');
  const code = d.u16(at + 4);
  const delay = code < 32768 ? code : ((code & 0xfff) | 0x1000) << (((code >> 12) & 7) + 3);
  if (d.options.verbose) {
    d.print(` [max resp delay=${delay}]`);
  }
  d.print(` [gaddr ${d.addr6(at + 8)}`);
  if (d.options.verbose) {
    if (d.u8(at + 24) & 8) d.print(' sflag');
    const robustness = d.u8(at + 24) & 7;
    if (robustness) d.print(` robustness=${robustness}`);
    const interval = d.u8(at + 25);
    if (interval) d.print(` qqi=${interval < 128 ? interval : ((interval & 15) | 16) << (((interval >> 4) & 7) + 3)}`);
  }
  const sources = d.u16(at + 26);
  if (sources > 0) {
    if (length < 28 + sources * 16) d.print(`[invalid number of sources ${sources}]`);
    else if (d.options.verbose > 1) printSources(d, at + 28, sources);
    else d.print(`, ${sources} source(s)`);
  }
  d.print(']');
}
