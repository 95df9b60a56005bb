/** VRRP as print-vrrp.c prints it. RFC 3768, 5798. */
import type { Dissector } from './dissector.ts';
import { pseudoHeader, residue } from './sum.ts';

const AUTH: Record<number, string> = { 0: 'none', 1: 'simple', 2: 'ah' };

/** An advertisement of `length` bytes at `at`. */
export function printVrrp(d: Dissector, at: number, length: number, ip: number): undefined {
  d.protocol = 'vrrp';
  const version = d.u8(at) >> 4;
  const type = d.u8(at) & 15;
  const six = d.u8(ip) >> 4 === 6;
  d.print(`VRRPv${version}, ${type === 1 ? 'Advertisement' : `[type#${type}]`}`);
  const ttl = d.u8(six ? ip + 7 : ip + 8);
  if (ttl !== 255) d.print(`, (ttl ${ttl})`);
  const priority = d.u8(at + 2);
  d.print(`, vrid ${d.u8(at + 1)}, prio ${priority}`);
  if (version === 2) {
    const auth = d.u8(at + 4);
    d.print(`, authtype ${AUTH[auth] ?? `#${auth}`}`);
    d.print(`, intvl ${d.u8(at + 5)}s, length ${length}`);
  } else d.print(`, intvl ${d.u16(at + 4) & 0xfff}cs, length ${length}`);
  if (!d.options.verbose) return;
  if (d.has(at, length)) {
    const pseudo = version === 3 && !six ? pseudoHeader(d, ip, 112, length) : '';
    if (residue(pseudo + d.slice(at, length)) !== 0) d.print(`, (bad vrrp cksum ${d.u16(at + 6).toString(16)})`);
  }
  const count = d.u8(at + 3);
  d.print(`, addrs${count === 1 ? '' : `(${count})`}:`);
  for (let i = 0; i < count; i++)
    d.print(`${i ? ',' : ' '}${six ? d.addr6(at + 8 + 16 * i) : d.addr4(at + 8 + 4 * i)}`);
}
