/** What the printers need to know: tcpdump's options, names, and the TCP conversations seen so far. */
import type { Ip } from '../../../addr/ip.ts';
import { formatIp } from '../../../addr/ip.ts';
import { BROADCAST_MAC, formatMac, type Mac } from '../../../addr/mac.ts';
import { serviceName } from '../../../linux/resolve/services.ts';

export interface PrintOptions {
  /** -n: numbers only. */
  numeric: boolean;
  /** -e: link headers. */
  link: boolean;
  /** -v, -vv, -vvv. */
  verbose: number;
  /** -q: less protocol detail. */
  quiet: boolean;
  /** -S: absolute TCP sequence numbers. */
  absolute: boolean;
  /** -K: checksums unverified. */
  noChecksum: boolean;
}

export interface PrintContext {
  options: PrintOptions;
  /** Initial sequence numbers by conversation (its lower port first). */
  conversations: Map<string, { seq: number; ack: number }>;
  /** Reverse look-ups done so far. */
  names: Map<Ip, string>;
  /** Addresses looked up so far, named or not. */
  asked: Set<Ip>;
}

export const newContext = (options: PrintOptions): PrintContext => ({
  options,
  conversations: new Map(),
  names: new Map(),
  asked: new Set(),
});

/** An address as tcpdump shows it. */
export const addr = (c: PrintContext, ip: Ip): string => c.names.get(ip) ?? formatIp(ip);

/** A port as tcpdump shows it. */
export const portName = (c: PrintContext, port: number, proto: 'tcp' | 'udp' | 'sctp'): string =>
  (c.options.numeric ? null : serviceName(port, proto)) ?? String(port);

/** A hardware address; without -n its vendor follows, and the broadcast address has a name. */
export function macName(c: PrintContext, mac: Mac): string {
  if (c.options.numeric) return formatMac(mac);
  return mac === BROADCAST_MAC ? 'Broadcast' : `${formatMac(mac)} (oui Unknown)`;
}

/** Four hex digits after 0x. */
export const hex4 = (n: number): string => `0x${n.toString(16).padStart(4, '0')}`;
