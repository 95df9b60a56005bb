/** What identifies a connection in one direction. */
import { formatIp, type Ip } from '../../addr/ip.ts';
import { IPPROTO, type Packet } from '../../packet/packet.ts';
import type { CtTuple } from '../netfilter/types.ts';

/** ICMP query types and what answers them. */
const ICMP_ANSWER: Record<number, number> = { 8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17 };
const ICMP6_ANSWER: Record<number, number> = { 128: 129, 129: 128, 139: 140, 140: 139 };
const ICMP_NEW = new Set([8, 13, 15, 17]);
const ICMP6_NEW = new Set([128, 139]);

export const isIcmp = (proto: number): boolean => proto === IPPROTO.icmp || proto === IPPROTO.icmp6;

/** The tuple of a packet. Null when it has no IP header. */
export function tupleOf(packet: Packet): CtTuple | null {
  const { ip, icmp } = packet;
  if (!ip) return null;
  const { src, dst, proto } = ip;
  if (icmp && isIcmp(proto)) {
    const id = icmp.id ?? 0;
    return { src, dst, proto, sport: id, dport: id, type: icmp.type, code: icmp.code };
  }
  const l4 = packet.tcp ?? packet.udp;
  return {
    src,
    dst,
    proto,
    sport: l4 ? l4.sport : 0,
    dport: l4 ? l4.dport : 0,
    type: undefined,
    code: undefined,
  };
}

/** The tuple of the answer. Null when an ICMP type has none. */
export function invertTuple(t: CtTuple): CtTuple | null {
  let { type } = t;
  if (type !== undefined) {
    type = (t.proto === IPPROTO.icmp ? ICMP_ANSWER : ICMP6_ANSWER)[type];
    if (type === undefined) return null;
  }
  return { src: t.dst, dst: t.src, proto: t.proto, sport: t.dport, dport: t.sport, type, code: t.code };
}

/** Whether an ICMP message may begin a connection. */
export const icmpBegins = (t: CtTuple): boolean => (t.proto === IPPROTO.icmp ? ICMP_NEW : ICMP6_NEW).has(t.type ?? -1);

const mix = (h: number, value: number): number => {
  const x = Math.imul(h ^ value, 0x85ebca6b);
  return x ^ (x >>> 15);
};

function mixIp(h: number, ip: Ip): number {
  if (typeof ip === 'number') return mix(h, ip);
  let x = h;
  for (let rest = ip; rest > 0n; rest >>= 32n) x = mix(x, Number(rest & 0xffffffffn));
  return x;
}

/** The hash of a tuple that Conntrack.index is kept by. */
export function tupleHash(t: CtTuple, zone: number): number {
  let h = mixIp(mixIp(mix(0x9e3779b9 | 0, t.proto + (zone << 8)), t.src), t.dst);
  h = mix(h, (t.sport << 16) ^ t.dport);
  return t.type === undefined ? h : mix(h, (t.type << 8) + (t.code ?? 0) + 0x10000);
}

/** Whether two tuples are the same. */
export const sameTuple = (a: CtTuple, b: CtTuple): boolean =>
  a.dport === b.dport &&
  a.sport === b.sport &&
  a.proto === b.proto &&
  a.src === b.src &&
  a.dst === b.dst &&
  a.type === b.type &&
  a.code === b.code;

/** `10.1.0.2:40001 -> 10.2.0.2:80`, for traces. */
export function tupleText(t: CtTuple): string {
  const port = (n: number) => (t.type === undefined && n ? `:${n}` : '');
  return `${formatIp(t.src)}${port(t.sport)} -> ${formatIp(t.dst)}${port(t.dport)}`;
}
