/** ICMP as print-icmp.c prints it, ICMPv6 as print-icmp6.c. */

import { formatMac } from '../../../addr/mac.ts';
import { packetBytes } from '../../../packet/bytes.ts';
import type { IcmpHeader, Packet } from '../../../packet/packet.ts';
import { l4Length } from '../../../packet/packet.ts';
import { addr, type PrintContext, portName } from './context.ts';

/** Prints a quoted IP packet under an error, with -v. Given by ip.ts, which this module cannot import. */
type Quote = (c: PrintContext, p: Packet) => string;

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

function unreachable(c: PrintContext, h: IcmpHeader): string {
  const q = h.quoted;
  if (!q?.ip) return `unreachable, code ${h.code}`;
  const dst = addr(c, q.ip.dst);
  if (h.code === 2) return `${dst} protocol ${q.ip.proto} unreachable`;
  if (h.code === 3) {
    if (q.tcp) return `${dst} tcp port ${portName(c, q.tcp.dport, 'tcp')} unreachable`;
    if (q.udp) return `${dst} udp port ${portName(c, q.udp.dport, 'udp')} unreachable`;
    return `${dst} protocol ${q.ip.proto} port ${bytePair(packetBytes(q, false), 22)} unreachable`;
  }
  if (h.code === 4) return `${dst} unreachable - need to frag${h.mtu ? ` (mtu ${h.mtu})` : ''}`;
  return UNREACHABLE[h.code]?.(dst) ?? `${dst} unreachable - #${h.code}`;
}

const bytePair = (bytes: string, at: number): number => (bytes.charCodeAt(at) << 8) | bytes.charCodeAt(at + 1);

function describe4(c: PrintContext, h: IcmpHeader): string {
  switch (h.type) {
    case 0:
      return `echo reply, id ${h.id ?? 0}, seq ${h.seq ?? 0}`;
    case 8:
      return `echo request, id ${h.id ?? 0}, seq ${h.seq ?? 0}`;
    case 3:
      return unreachable(c, h);
    case 5: {
      const to = h.gateway === undefined ? '0.0.0.0' : addr(c, h.gateway);
      return `redirect${h.code > 1 ? '-tos' : ''} ${h.quoted?.ip ? addr(c, h.quoted.ip.dst) : ''} to ${h.code % 2 ? 'host' : 'net'} ${to}`;
    }
    case 11:
      return h.code === 1 ? 'ip reassembly time exceeded' : 'time exceeded in-transit';
    case 12:
      return `parameter problem - octet 0`;
    default:
      return `type-#${h.type}`;
  }
}

/** Everything after `A > B: ` for ICMP. */
export function printIcmp(c: PrintContext, p: Packet, h: IcmpHeader, quote: Quote): string {
  let out = `ICMP ${describe4(c, h)}, length ${l4Length(p)}`;
  if (c.options.verbose && h.quoted) out += `\n\t${quote(c, h.quoted)}`;
  return out;
}

const ICMP6: Record<number, string> = {
  128: 'echo request',
  129: 'echo reply',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbor solicitation',
  136: 'neighbor advertisement',
  143: 'multicast listener report v2',
};

/** The message's name and its details. */
function describe6(c: PrintContext, h: IcmpHeader): [name: string, detail: string] {
  const dst = h.quoted?.ip ? addr(c, h.quoted.ip.dst) : '';
  const target = h.target === undefined ? '::' : addr(c, h.target);
  switch (h.type) {
    case 1:
      return ['destination unreachable', `, ${unreachable6(c, h, dst)}`];
    case 2:
      return ['packet too big', `, mtu ${h.mtu ?? 0}`];
    case 3:
      return ['time exceeded in-transit', ` for ${dst}`];
    case 128:
    case 129:
      return [ICMP6[h.type] as string, `, id ${h.id ?? 0}, seq ${h.seq ?? 0}`];
    case 135:
      return ['neighbor solicitation', `, who has ${target}`];
    case 136:
      return [
        'neighbor advertisement',
        `, tgt is ${target}${c.options.verbose ? ', Flags [solicited, override]' : ''}`,
      ];
    default:
      return [ICMP6[h.type] ?? `unknown icmp6 type (${h.type})`, ''];
  }
}

const UNREACHABLE6 = ['unreachable route', 'unreachable prohibited', 'beyond scope', 'unreachable address'];

function unreachable6(c: PrintContext, h: IcmpHeader, dst: string): string {
  if (h.code === 4) {
    const q = h.quoted;
    if (q?.tcp) return `unreachable port, ${dst} tcp port ${portName(c, q.tcp.dport, 'tcp')}`;
    if (q?.udp) return `unreachable port, ${dst} udp port ${portName(c, q.udp.dport, 'udp')}`;
  }
  return `${UNREACHABLE6[h.code] ?? `unknown code (${h.code})`} ${dst}`;
}

/** Everything after `A > B: ` for ICMPv6. */
export function printIcmp6(c: PrintContext, p: Packet, h: IcmpHeader): string {
  const { verbose } = c.options;
  const length = `, length ${l4Length(p)}`;
  // With -v only neighbour discovery tells its length, before its details.
  const [name, detail] = describe6(c, h);
  if (!verbose) return `ICMP6, ${name}${detail}${length}`;
  let out = `[icmp6 sum ok] ICMP6, ${name}${h.type >= 133 && h.type <= 137 ? length : ''}${detail}`;
  if (verbose && h.lladdr !== undefined && (h.type === 135 || h.type === 136)) {
    const name = h.type === 135 ? 'source' : 'destination';
    out += `\n\t  ${name} link-address option (${h.type === 135 ? 1 : 2}), length 8 (1): ${formatMac(h.lladdr)}`;
    if (verbose > 1)
      out += `\n\t    0x0000:  ${h.lladdr
        .toString(16)
        .padStart(12, '0')
        .replace(/(....)(....)(....)/, '$1 $2 $3')}`;
  }
  return out;
}
