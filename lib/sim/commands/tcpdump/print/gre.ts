/** GRE as print-gre.c prints it. RFC 2784, 2890. */
import { bits, type Dissector, hex, hex4 } from './dissector.ts';
import { printEthernet } from './ether.ts';
import { etherTypeName } from './ethertypes.ts';

type Printer = (d: Dissector, at: number, length: number) => undefined;

const FLAGS = [
  [0x8000, 'checksum present'],
  [0x4000, 'routing present'],
  [0x2000, 'key present'],
  [0x1000, 'sequence# present'],
  [0x0800, 'source routing present'],
  [0x0080, 'ack present'],
] as const;

/** A GRE packet of `length` bytes at `at`. */
export function printGre(
  d: Dissector,
  start: number,
  length: number,
  inner: { ip4: Printer; ip6: Printer },
): undefined {
  d.protocol = 'gre';
  let at = start;
  const flags = d.u16(at);
  const version = flags & 7;
  d.print(`GREv${version}`);
  if (version !== 0) return d.print(version === 1 ? ', flatnet: not modelled: GRE version 1' : ', unknown-version');
  if (d.options.verbose) d.print(`, Flags [${bits(FLAGS, flags, 'none')}]`);
  const proto = d.u16(at + 2);
  at += 4;
  if (flags & 0xc000) {
    if (d.options.verbose) d.print(`, sum ${hex(d.u16(at))}`);
    d.print(`, off ${hex(d.u16(at + 2))}`);
    at += 4;
  }
  if (flags & 0x2000) {
    d.print(`, key=${hex(d.u32(at))}`);
    at += 4;
  }
  if (flags & 0x1000) {
    d.print(`, seq ${d.u32(at)}`);
    at += 4;
  }
  if (d.options.link) d.print(`, proto ${etherTypeName(proto, 'unknown')} (${hex4(proto)})`);
  d.print(`, length ${length}${d.options.verbose ? '\n\t' : ': '}`);
  const left = length - (at - start);
  if (proto === 0x0800) inner.ip4(d, at, left);
  else if (proto === 0x86dd) inner.ip6(d, at, left);
  else if (proto === 0x6558) printEthernet(d, at, left);
  else if (proto !== 0) d.print(`gre-proto-${hex(proto)}`);
}
