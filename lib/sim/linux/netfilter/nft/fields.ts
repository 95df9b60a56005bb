/** What nf_tables' fields read from a packet. */
import { IPPROTO, ipLength } from '../../../packet/packet.ts';
import { packetState } from '../../conntrack/state.ts';
import type { HookState } from '../ext.ts';
import { addressType } from '../match/addrtype.ts';
import type { NftScalar } from './types.ts';

/** Bits of `ct state` and `ct status`. */
export const CT_STATES: Readonly<Record<string, number>> = {
  invalid: 1,
  established: 2,
  related: 4,
  new: 8,
  untracked: 64,
};
export const CT_STATUS: Readonly<Record<string, number>> = {
  expected: 1,
  'seen-reply': 2,
  assured: 4,
  confirmed: 8,
  snat: 16,
  dnat: 32,
  dying: 512,
};
/** rtnetlink's address types, as `fib … type` gives them. */
export const FIB_TYPES: Readonly<Record<string, number>> = {
  unspec: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
};

type Read = (s: HookState) => NftScalar | undefined;

const ip4: (read: Read) => Read = (read) => (s) => (s.family === 'ip' ? read(s) : undefined);
const ip6: (read: Read) => Read = (read) => (s) => (s.family === 'ip6' ? read(s) : undefined);

function ctStatus(s: HookState): number | undefined {
  const status = s.ct?.status;
  if (!status) return undefined;
  return (
    (s.ct?.master ? 1 : 0) |
    (status.seenReply ? 2 : 0) |
    (status.assured ? 4 : 0) |
    (status.confirmed ? 8 : 0) |
    (status.srcNat ? 16 : 0) |
    (status.dstNat ? 32 : 0) |
    (status.dying ? 512 : 0)
  );
}

function fib(side: 'saddr' | 'daddr', dev: (s: HookState) => number): Read {
  return (s) => {
    const ip = s.packet.ip;
    if (!ip) return undefined;
    return FIB_TYPES[addressType(side === 'saddr' ? ip.src : ip.dst, s, dev(s)).toLowerCase()];
  };
}

const tcpFlags: Read = ({ packet: { tcp } }) =>
  tcp && (tcp.fin ? 1 : 0) | (tcp.syn ? 2 : 0) | (tcp.rst ? 4 : 0) | (tcp.psh ? 8 : 0) | (tcp.ackFlag ? 16 : 0);

const icmp6: Read = (s) => (s.packet.ip?.proto === IPPROTO.icmp6 ? s.packet.icmp?.type : undefined);
const icmp4 =
  (key: 'type' | 'code'): Read =>
  (s) =>
    s.packet.ip?.proto === IPPROTO.icmp ? s.packet.icmp?.[key] : undefined;

/** Every field by its name. */
export const FIELDS: Readonly<Record<string, Read>> = {
  'ip saddr': ip4((s) => s.packet.ip?.src),
  'ip daddr': ip4((s) => s.packet.ip?.dst),
  'ip protocol': ip4((s) => s.packet.ip?.proto),
  'ip ttl': ip4((s) => s.packet.ip?.ttl),
  'ip length': ip4((s) => ipLength(s.packet)),
  'ip6 saddr': ip6((s) => s.packet.ip?.src),
  'ip6 daddr': ip6((s) => s.packet.ip?.dst),
  'ip6 hoplimit': ip6((s) => s.packet.ip?.ttl),
  'tcp sport': (s) => s.packet.tcp?.sport,
  'tcp dport': (s) => s.packet.tcp?.dport,
  'tcp flags': tcpFlags,
  'udp sport': (s) => s.packet.udp?.sport,
  'udp dport': (s) => s.packet.udp?.dport,
  'th sport': (s) => (s.packet.tcp ?? s.packet.udp)?.sport,
  'th dport': (s) => (s.packet.tcp ?? s.packet.udp)?.dport,
  'icmp type': icmp4('type'),
  'icmp code': icmp4('code'),
  'icmpv6 type': icmp6,
  'meta mark': (s) => s.packet.mark,
  'meta l4proto': (s) => s.packet.ip?.proto,
  'meta nfproto': (s) => (s.family === 'ip' ? 2 : 10),
  'meta length': (s) => ipLength(s.packet),
  iifname: (s) => s.in?.name ?? '',
  oifname: (s) => s.out?.name ?? '',
  iif: (s) => s.in?.ifindex ?? 0,
  oif: (s) => s.out?.ifindex ?? 0,
  'ct state': (s) => CT_STATES[packetState(s.packet).toLowerCase()],
  'ct status': ctStatus,
  'ct mark': (s) => s.ct?.mark,
  'ct direction': (s) => (s.packet.ct && s.ct ? (s.packet.ct.reply ? 1 : 0) : undefined),
  'fib daddr type': fib('daddr', () => 0),
  'fib saddr type': fib('saddr', () => 0),
  'fib daddr . iif type': fib('daddr', (s) => s.in?.ifindex ?? 0),
  'fib saddr . iif type': fib('saddr', (s) => s.in?.ifindex ?? 0),
};
