/** What identifies a connection in one direction. */
import { formatIp } from '../../addr/ip.ts';
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
  const base = { src: ip.src, dst: ip.dst, proto: ip.proto };
  if (icmp && isIcmp(ip.proto))
    return { ...base, sport: icmp.id ?? 0, dport: icmp.id ?? 0, type: icmp.type, code: icmp.code };
  const l4 = packet.tcp ?? packet.udp;
  return { ...base, sport: l4?.sport ?? 0, dport: l4?.dport ?? 0 };
}

/** The tuple of the answer. Null when an ICMP type has none. */
export function invertTuple(t: CtTuple): CtTuple | null {
  const back: CtTuple = { src: t.dst, dst: t.src, proto: t.proto, sport: t.dport, dport: t.sport };
  if (t.type === undefined) return back;
  const type = (t.proto === IPPROTO.icmp ? ICMP_ANSWER : ICMP6_ANSWER)[t.type];
  return type === undefined ? null : { ...back, type, code: t.code };
}

/** Whether an ICMP message may begin a connection. */
export const icmpBegins = (t: CtTuple): boolean => (t.proto === IPPROTO.icmp ? ICMP_NEW : ICMP6_NEW).has(t.type ?? -1);

/** The key of a tuple in Conntrack.index. */
export const tupleKey = (t: CtTuple, zone: number): string =>
  `${zone} ${t.proto} ${t.src} ${t.sport} ${t.dst} ${t.dport}${t.type === undefined ? '' : ` ${t.type} ${t.code}`}`;

/** `10.1.0.2:40001 -> 10.2.0.2:80`, for traces. */
export function tupleText(t: CtTuple): string {
  const port = (n: number) => (t.type === undefined && n ? `:${n}` : '');
  return `${formatIp(t.src)}${port(t.sport)} -> ${formatIp(t.dst)}${port(t.dport)}`;
}
