/** ICMP as print-icmp.c prints it. RFC 792, 1191. */
import { type Dissector, hex } from './dissector.ts';
import { residue, shouldBe } from './sum.ts';

type IpPrinter = (d: Dissector, at: number, length: number) => undefined;

const UNREACHABLE: Record<number, (host: string) => string> = {
  0: (h) => `net ${h} unreachable`,
  1: (h) => `host ${h} unreachable`,
  5: (h) => `${h} unreachable - source route failed`,
  6: (h) => `net ${h} unreachable - unknown`,
  7: (h) => `host ${h} unreachable - unknown`,
  8: (h) => `${h} unreachable - source host isolated`,
  9: (h) => `net ${h} unreachable - admin prohibited`,
  10: (h) => `host ${h} unreachable - admin prohibited`,
  11: (h) => `net ${h} unreachable - tos prohibited`,
  12: (h) => `host ${h} unreachable - tos prohibited`,
  13: (h) => `host ${h} unreachable - admin prohibited filter`,
  14: (h) => `host ${h} unreachable - host precedence violation`,
  15: (h) => `host ${h} unreachable - precedence cutoff`,
};

const TYPES: Record<number, string> = {
  0: 'echo reply',
  4: 'source quench',
  8: 'echo request',
  10: 'router solicitation',
  13: 'time stamp request',
  15: 'information request',
  17: 'address mask request',
};

function unreachable(d: Dissector, at: number): string {
  const code = d.u8(at + 1);
  const quoted = at + 8;
  const dst = d.addr4(quoted + 16);
  if (code === 2) return `${dst} protocol ${d.u8(quoted + 9)} unreachable`;
  if (code === 3) {
    const port = d.u16(quoted + (d.u8(quoted) & 15) * 4 + 2);
    const proto = d.u8(quoted + 9);
    if (proto === 6) return `${dst} tcp port ${d.port(port, 'tcp')} unreachable`;
    if (proto === 17) return `${dst} udp port ${d.port(port, 'udp')} unreachable`;
    return `${dst} protocol ${proto} port ${port} unreachable`;
  }
  if (code === 4) {
    const mtu = d.u16(at + 6);
    return `${dst} unreachable - need to frag${mtu ? ` (mtu ${mtu})` : ''}`;
  }
  return UNREACHABLE[code]?.(dst) ?? `${dst} unreachable - #${code}`;
}

function redirect(d: Dissector, at: number): string {
  const code = d.u8(at + 1);
  const dst = d.addr4(at + 24);
  const gateway = d.addr4(at + 4);
  if (code > 3) return `redirect-#${code} ${dst} to ${gateway}`;
  return `redirect${code > 1 ? '-tos' : ''} ${dst} to ${code % 2 ? 'host' : 'net'} ${gateway}`;
}

/** Milliseconds since midnight as icmp_tstmp_print() has them. */
function stamp(ms: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const seconds = Math.floor(ms / 1000);
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}

function wordsOf(d: Dissector, at: number): string {
  const type = d.u8(at);
  const code = d.u8(at + 1);
  switch (type) {
    case 0:
    case 8:
      return `${TYPES[type]}, id ${d.u16(at + 4)}, seq ${d.u16(at + 6)}`;
    case 3:
      return unreachable(d, at);
    case 5:
      return redirect(d, at);
    case 11:
      d.check(at, 36);
      return ['time exceeded in-transit', 'ip reassembly time exceeded'][code] ?? `time exceeded-#${code}`;
    case 12:
      return code ? `parameter problem - code ${code}` : `parameter problem - octet ${d.u8(at + 4)}`;
    case 13:
      return `time stamp query id ${d.u16(at + 4)} seq ${d.u16(at + 6)}`;
    case 14:
      return `time stamp reply id ${d.u16(at + 4)} seq ${d.u16(at + 6)}: org ${stamp(d.u32(at + 8))}, recv ${stamp(d.u32(at + 12))}, xmit ${stamp(d.u32(at + 16))}`;
    case 18:
      return `address mask is ${hex(d.u32(at + 8), 8)}`;
    default:
      return TYPES[type] ?? `type-#${type}`;
  }
}

const QUOTING = [3, 4, 5, 11, 12];

/** A message of `length` bytes at `at`. `quote` prints the packet an error quotes, with -v. */
export function printIcmp(d: Dissector, at: number, length: number, fragmented: boolean, quote: IpPrinter): undefined {
  d.protocol = 'icmp';
  d.check(at, 2);
  d.print(`ICMP ${wordsOf(d, at)}, length ${length}`);
  if (!d.options.verbose) return;
  if (!fragmented && d.has(at, length)) {
    const rest = residue(d.slice(at, length));
    const there = d.u16(at + 2);
    if (rest !== 0) d.print(` (wrong icmp cksum ${there.toString(16)} (->${shouldBe(there, rest).toString(16)})!)`);
  }
  if (!QUOTING.includes(d.u8(at))) return;
  d.print('\n\t');
  const total = d.u16(at + 10);
  d.within(at + 8 + total, () => quote(d, at + 8, total));
}
