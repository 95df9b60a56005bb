/**
 * What the printers share: the captured bytes, how far they go, tcpdump's options, names, and the TCP conversations
 * seen so far (netdissect.h). A read beyond the snapshot ends the packet's line with `[|protocol]`.
 */
import type { Ip } from '../../../addr/ip.ts';
import { formatIp } from '../../../addr/ip.ts';
import { BROADCAST_MAC, formatMac } from '../../../addr/mac.ts';
import { serviceName } from '../../../linux/resolve/services.ts';

export interface PrintOptions {
  /** -n: numbers only. */
  numeric: boolean;
  /** -N: host names without their domain. */
  shortNames: boolean;
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
  /** A hex or text dump follows: bytes of unknown protocols are not dumped twice. */
  noDefaultDump: boolean;
}

/** What lasts from packet to packet. */
export interface PrintState {
  options: PrintOptions;
  /** Initial sequence numbers by conversation (its lower port first). */
  conversations: Map<string, { seq: number; ack: number }>;
  /** Reverse look-ups done so far; null where there is no name. */
  names: Map<Ip, string | null>;
}

export const newState = (options: PrintOptions): PrintState => ({
  options,
  conversations: new Map(),
  names: new Map(),
});

/** Thrown by reads beyond the snapshot; never leaves {@link dissect}. */
class Truncated extends Error {}

export class Dissector {
  readonly options: PrintOptions;
  readonly state: PrintState;
  readonly bytes: string;
  /** Where the captured part of what is being printed ends: nd_push_snapend(). */
  end: number;
  /** The protocol a truncation is blamed on. */
  protocol = '';
  out = '';
  /** Addresses shown whose names are not known yet. */
  readonly unknown = new Set<Ip>();
  /** Conversations this packet began: their keys, with what was known before. */
  readonly added = new Map<string, { seq: number; ack: number } | null>();

  constructor(state: PrintState, bytes: string) {
    this.state = state;
    this.options = state.options;
    this.bytes = bytes;
    this.end = bytes.length;
  }

  print(text: string): undefined {
    this.out += text;
  }

  has(at: number, length: number): boolean {
    return at + length <= this.end;
  }

  check(at: number, length: number): undefined {
    if (!this.has(at, length)) throw new Truncated();
  }

  u8(at: number): number {
    this.check(at, 1);
    return this.bytes.charCodeAt(at);
  }

  u16(at: number): number {
    this.check(at, 2);
    return this.bytes.charCodeAt(at) * 256 + this.bytes.charCodeAt(at + 1);
  }

  u32(at: number): number {
    return this.u16(at) * 65536 + this.u16(at + 2);
  }

  ip4(at: number): number {
    return this.u32(at);
  }

  ip6(at: number): bigint {
    this.check(at, 16);
    let ip = 0n;
    for (let i = 0; i < 16; i += 4) ip = (ip << 32n) | BigInt(this.u32(at + i));
    return ip;
  }

  slice(at: number, length: number): string {
    this.check(at, length);
    return this.bytes.slice(at, at + length);
  }

  /** What is left of `length` bytes at `at` in the snapshot. */
  available(at: number, length: number): string {
    return this.bytes.slice(at, Math.min(at + length, this.end));
  }

  /** An address as tcpdump shows it. */
  name(ip: Ip): string {
    if (this.options.numeric) return formatIp(ip);
    const known = this.state.names.get(ip);
    if (known === undefined) this.unknown.add(ip);
    if (!known) return formatIp(ip);
    return this.options.shortNames ? (known.split('.')[0] as string) : known;
  }

  addr4(at: number): string {
    return this.name(this.ip4(at));
  }

  addr6(at: number): string {
    return this.name(this.ip6(at));
  }

  port(port: number, proto: 'tcp' | 'udp'): string {
    return (this.options.numeric ? null : serviceName(port, proto)) ?? String(port);
  }

  /** A hardware address; without -n its vendor follows, and the broadcast address has a name. */
  mac(at: number): string {
    this.check(at, 6);
    const mac = this.u16(at) * 2 ** 32 + this.u32(at + 2);
    if (this.options.numeric) return formatMac(mac);
    return mac === BROADCAST_MAC ? 'Broadcast' : `${formatMac(mac)} (oui Unknown)`;
  }

  truncated(): undefined {
    this.print(` [|${this.protocol}]`);
  }

  invalid(): undefined {
    this.print(' (invalid)');
  }

  /** Runs `body` with the snapshot cut at `end`. */
  within(end: number, body: () => void): undefined {
    const saved = this.end;
    this.end = Math.min(end, saved);
    body();
    this.end = saved;
  }
}

/** Runs a printer over a packet's bytes and answers its line, truncated or whole. */
export function dissect(d: Dissector, printer: (d: Dissector) => void): string {
  try {
    printer(d);
  } catch (error) {
    if (!(error instanceof Truncated)) throw error;
    d.truncated();
  }
  return d.out;
}

/** Hex digits after 0x, at least `digits`. */
export const hex = (n: number, digits = 1): string => `0x${n.toString(16).padStart(digits, '0')}`;
export const hex4 = (n: number): string => hex(n, 4);

/** bittok2str(): names of the bits set, or `none`. */
export const bits = (names: readonly (readonly [number, string])[], value: number, none: string, sep = ', '): string =>
  names
    .filter(([bit]) => (value & bit) === bit)
    .map(([, name]) => name)
    .join(sep) || none;
