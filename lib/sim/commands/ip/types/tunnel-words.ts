/** Words and lines that tunnels share: link_gre.c, link_iptnl.c, tunnel.c of iproute2 6.1.0. */
import { formatIp, type Ip4 } from '../../../addr/ip.ts';
import { findLink } from '../../../linux/link/find.ts';
import type { TunnelData } from '../../../linux/link/tunnel.ts';
import type { Link } from '../../../linux/types.ts';
import { type Args, Exit, getUnsigned, invarg, notModelledExit, type Printer } from '../../../text/iproute.ts';
import type { Ip } from '../context.ts';
import { dsfieldId } from '../dsfield.ts';
import { addressOf } from '../parse.ts';

/** get_addr32: four bytes, or the end of the program. */
export function address32(word: string): Ip4 {
  const ip = addressOf(word, 4);
  if (typeof ip !== 'number') throw new Exit(1, `Error: an IP address is expected rather than "${word}"\n`);
  return ip;
}

/** tnl_parse_key: a number, or four bytes with dots. */
export function tunnelKey(name: string, word: string): number {
  if (word.includes('.')) return address32(word);
  const value = getUnsigned(word);
  if (value === null) throw new Exit(255, `invalid value for "${name}": "${word}"; it should be an unsigned integer\n`);
  return value;
}

/** `dev NAME` among a kind's own words: exit(nodev()). */
export function lowerIndex(ip: Ip, name: string): number {
  const link = findLink(ip.ns, name);
  if (!link) throw new Exit(255, `Cannot find device "${name}"\n`);
  return link.ifindex;
}

/** `inherit` (0) or 1 to 255. */
export function ttlWord(word: string): number {
  const ttl = word === 'inherit' ? 0 : getUnsigned(word, 255);
  if (ttl === null) throw invarg('invalid TTL\n', word);
  return ttl;
}

/** `inherit` (1) or a value. */
export function tosWord(word: string): number {
  const tos = word === 'inherit' ? 1 : dsfieldId(word);
  if (tos === null) throw invarg('bad TOS value', word);
  return tos;
}

export function fwmarkWord(word: string): number {
  const mark = getUnsigned(word);
  if (mark === null) throw invarg('invalid fwmark\n', word);
  return mark;
}

/** Encapsulation in UDP (FOU, GUE): only its absence is modelled. True when the word was one of its. */
export function encapWord(args: Args, kind: string): boolean {
  const word = args.word;
  if (word === 'noencap') return true;
  if (word === 'encap') {
    const type = args.next();
    if (!['fou', 'gue', 'none'].includes(type)) throw invarg('Invalid encap type.', type);
    if (type !== 'none') throw notModelledExit(`${kind} encap ${type}`);
    return true;
  }
  if (word === 'encap-sport' || word === 'encap-dport') {
    const port = args.next();
    const source = word === 'encap-sport';
    if (!(source && port === 'auto') && getUnsigned(port, 65535) === null)
      throw invarg(source ? 'Invalid source port.' : 'Invalid destination port.', port);
    throw notModelledExit(`${kind} ${word}`);
  }
  if (/^(no)?encap-(csum|udp6-csum|remcsum)$/.test(word)) throw notModelledExit(`${kind} ${word}`);
  return false;
}

const end = (p: Printer, key: string, ip: Ip4): void => {
  const text = ip ? formatIp(ip) : 'any';
  p.any(key, text, `${key} ${text} `);
};

/** Both ends, the device, TTL and TOS. */
export function printEnds(ip: Ip, p: Printer, link: Link, data: TunnelData): void {
  end(p, 'remote', data.remote);
  end(p, 'local', data.local);
  if (link.lower) {
    const name = ip.ns.links.get(link.lower)?.name ?? `if${link.lower}`;
    p.any('link', name, `dev ${name} `);
  }
  if (p.json || data.ttl) p.any('ttl', data.ttl, `ttl ${data.ttl} `);
  else p.fp('ttl inherit ');
  if (!data.tos) return;
  if (p.json || data.tos !== 1) p.any('tos', `0x${data.tos.toString(16)}`, `tos 0x${data.tos.toString(16)} `);
  else p.fp('tos inherit ');
}
