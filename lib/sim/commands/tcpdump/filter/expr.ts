/** What a parsed filter is: tests over one captured frame. Semantics as gencode.c of libpcap 1.10. */
import type { Frame } from './frame.ts';

export type { Frame } from './frame.ts';

/** A kind of packet, for telling that a filter can never match: EtherType class and IP protocol (-1: any other). */
export interface PacketClass {
  ether: 'ip' | 'ip6' | 'arp' | 'rarp' | 'other';
  proto: number;
}

/** What is known of a test for a whole class of packets. */
export type Verdict = boolean | null;

export interface Expr {
  test(frame: Frame): boolean;
  verdict(kind: PacketClass): Verdict;
}

export interface Arith {
  /** Unsigned 32-bit value; null when the bytes are not there or a divisor is 0. */
  value(frame: Frame): number | null;
  /** Whether a packet of this class has the header the value is read from. */
  reads(kind: PacketClass): boolean;
  /** Its value, where it does not depend on the packet. */
  constant?: number;
}

export const and = (a: Expr, b: Expr): Expr => ({
  test: (f) => a.test(f) && b.test(f),
  verdict: (k) => {
    const x = a.verdict(k);
    const y = b.verdict(k);
    return x === false || y === false ? false : x === null || y === null ? null : true;
  },
});

export const or = (a: Expr, b: Expr): Expr => ({
  test: (f) => a.test(f) || b.test(f),
  verdict: (k) => {
    const x = a.verdict(k);
    const y = b.verdict(k);
    return x === true || y === true ? true : x === null || y === null ? null : false;
  },
});

export const not = (a: Expr): Expr => ({
  test: (f) => !a.test(f),
  verdict: (k) => {
    const x = a.verdict(k);
    return x === null ? null : !x;
  },
});

/** Protocols with a class of their own. */
export const KNOWN_PROTOS = [1, 2, 4, 6, 17, 47, 50, 51, 58, 89, 103, 112, 132, -1];

/** Every class that tests tell apart. */
export const PACKET_CLASSES: PacketClass[] = [
  { ether: 'arp', proto: -1 },
  { ether: 'rarp', proto: -1 },
  { ether: 'other', proto: -1 },
  ...KNOWN_PROTOS.map((proto) => ({ ether: 'ip' as const, proto })),
  ...KNOWN_PROTOS.map((proto) => ({ ether: 'ip6' as const, proto })),
];

/** Whether no packet of any class can match: libpcap's "expression rejects all packets". */
export const rejectsAll = (e: Expr): boolean => PACKET_CLASSES.every((kind) => e.verdict(kind) === false);
