/** Options of neighbour discovery: icmp6_opt_print() of print-icmp6.c. RFC 4861, 8106. */
import { bits, type Dissector } from './dissector.ts';
import { hexDump } from './dump.ts';

const NAMES: Record<number, string> = {
  1: 'source link-address',
  2: 'destination link-address',
  3: 'prefix info',
  4: 'redirected header',
  5: 'mtu',
  7: 'advertisement interval',
  8: 'homeagent information',
  24: 'route info',
  25: 'rdnss',
  31: 'dnssl',
};

const PREFIX_FLAGS = [
  [0x80, 'onlink'],
  [0x40, 'auto'],
  [0x20, 'router'],
] as const;

const lifetime = (seconds: number): string => (seconds === 0xffffffff ? 'infinity' : `${seconds}s`);

/** The options in `length` bytes at `at`. */
export function printNdOptions(d: Dissector, start: number, length: number): undefined {
  for (let at = start; at < start + length && at < d.end; ) {
    d.check(at, 2);
    const type = d.u8(at);
    const units = d.u8(at + 1);
    if (units === 0) return d.truncated();
    d.check(at, units * 8);
    d.print(`\n\t  ${NAMES[type] ?? 'unknown'} option (${type}), length ${units * 8} (${units}): `);
    printOne(d, at, type, units);
    if (d.options.verbose > 1 && NAMES[type]) d.print(hexDump(d.slice(at + 2, units * 8 - 2), false, '\n\t    '));
    at += units * 8;
  }
}

function printOne(d: Dissector, at: number, type: number, units: number): undefined {
  switch (type) {
    case 1:
    case 2: {
      const bytes = [...d.slice(at + 2, units * 8 - 2)];
      return d.print(bytes.map((ch) => ch.charCodeAt(0).toString(16).padStart(2, '0')).join(':'));
    }
    case 3:
      return d.print(
        `${d.addr6(at + 16)}/${d.u8(at + 2)}${''}, Flags [${bits(PREFIX_FLAGS, d.u8(at + 3), 'none')}], valid time ${lifetime(d.u32(at + 4))}, pref. time ${lifetime(d.u32(at + 8))}`,
      );
    case 5:
      return d.print(` ${d.u32(at + 4)}${units !== 1 ? `, bad option length ${units}` : ''}`);
    case 25:
      d.print(` lifetime ${d.u32(at + 4)}s,`);
      for (let i = 8; i < units * 8; i += 16) d.print(` addr: ${d.addr6(at + i)}`);
      return;
    case 4:
      return;
    default:
      if (d.options.verbose <= 1 && !NAMES[type]) d.print(hexDump(d.slice(at + 2, units * 8 - 2), false, '\n\t  '));
  }
}
