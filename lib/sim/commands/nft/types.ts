/** nft's data types: how their values are read and written. */
import { formatIp, type Ip, parseIp4, parseIp6 } from '../../addr/ip.ts';
import { CT_STATES, CT_STATUS, FIB_TYPES } from '../../linux/netfilter/nft/fields.ts';
import type { NftRange, NftScalar } from '../../linux/netfilter/nft/types.ts';
import { portByName } from '../../linux/netfilter/services.ts';
import type { NetNs } from '../../linux/types.ts';

const PROTOCOLS: Record<string, number> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  icmpv6: 58,
  sctp: 132,
};
const SHOWN_PROTOCOLS: Record<number, string> = {
  1: 'icmp',
  2: 'igmp',
  6: 'tcp',
  17: 'udp',
  50: 'esp',
  51: 'ah',
  58: 'ipv6-icmp',
  132: 'sctp',
};

const ICMP: Record<string, number> = {
  'echo-reply': 0,
  'destination-unreachable': 3,
  'source-quench': 4,
  redirect: 5,
  'echo-request': 8,
  'router-advertisement': 9,
  'router-solicitation': 10,
  'time-exceeded': 11,
  'parameter-problem': 12,
  'timestamp-request': 13,
  'timestamp-reply': 14,
  'info-request': 15,
  'info-reply': 16,
  'address-mask-request': 17,
  'address-mask-reply': 18,
};
const ICMP6: Record<string, number> = {
  'destination-unreachable': 1,
  'packet-too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  'echo-request': 128,
  'echo-reply': 129,
  'mld-listener-query': 130,
  'mld-listener-report': 131,
  'mld-listener-done': 132,
  'nd-router-solicit': 133,
  'nd-router-advert': 134,
  'nd-neighbor-solicit': 135,
  'nd-neighbor-advert': 136,
  'nd-redirect': 137,
};
const ICMP_CODES: Record<string, number> = {
  'net-unreachable': 0,
  'host-unreachable': 1,
  'prot-unreachable': 2,
  'port-unreachable': 3,
  'frag-needed': 4,
  'net-prohibited': 9,
  'host-prohibited': 10,
  'admin-prohibited': 13,
};
export const TCP_FLAGS: Record<string, number> = {
  fin: 1,
  syn: 2,
  rst: 4,
  psh: 8,
  ack: 16,
  urg: 32,
  ecn: 64,
  cwr: 128,
};

/** Symbol tables of the types that have one. */
const SYMBOLS: Record<string, Record<string, number>> = {
  icmp_type: ICMP,
  icmpv6_type: ICMP6,
  icmp_code: ICMP_CODES,
  ct_state: CT_STATES,
  ct_status: CT_STATUS,
  fib_addrtype: FIB_TYPES,
  tcp_flag: TCP_FLAGS,
  ct_dir: { original: 0, reply: 1 },
  nf_proto: { ipv4: 2, ipv6: 10 },
};
const MAX: Record<string, [number, string]> = {
  inet_service: [65535, 'Service out of range'],
  inet_proto: [255, 'Protocol out of range'],
};

/** The types a set's definition may name. */
export const SET_TYPES: readonly string[] = ['ipv4_addr', 'ipv6_addr', 'inet_service', 'inet_proto', 'mark', 'ifname'];

export const isBitmask = (type: string): boolean => type === 'ct_state' || type === 'ct_status' || type === 'tcp_flag';

export type Parsed = { value: NftScalar } | { error: string } | { unknown: true };

/** Reads one value. `error` is nft's own message; `unknown` is what the model cannot answer as nft would. */
export function parseValue(text: string, quoted: boolean, type: string, ns: NetNs): Parsed {
  if (type === 'ifname') return { value: text };
  if (type === 'iface_index') {
    for (const link of ns.links.values()) if (link.name === text) return { value: link.ifindex };
    return /^\d+$/.test(text) ? { value: Number(text) } : { error: 'Interface does not exist' };
  }
  if (type === 'ipv4_addr' || type === 'ipv6_addr') {
    const ip = type === 'ipv4_addr' ? parseIp4(text) : parseIp6(text);
    if (ip !== null && (type === 'ipv6_addr' || text.split('.').length === 4)) return { value: ip };
    if (/^[A-Za-z][A-Za-z0-9.-]*$/.test(text) && !text.includes('.'))
      return { error: 'Could not resolve hostname: Temporary failure in name resolution' };
    return { unknown: true };
  }
  const number = !quoted && /^(?:0x[0-9a-fA-F]+|\d+)$/.test(text) ? Number(text) : null;
  if (number !== null) {
    const [max, words] = MAX[type] ?? [0xffffffff, ''];
    if (number <= max) return { value: number };
    return words === 'Service out of range' ? { error: words } : { unknown: true };
  }
  if (type === 'inet_service') {
    const port = portByName(text, 6) ?? portByName(text, 17);
    return port === null
      ? { error: 'Could not resolve service: Servname not supported for ai_socktype' }
      : { value: port };
  }
  if (type === 'inet_proto') {
    const p = PROTOCOLS[text];
    return p === undefined ? { error: 'Could not resolve protocol name' } : { value: p };
  }
  const found = SYMBOLS[type]?.[text];
  if (found !== undefined) return { value: found };
  if (type === 'ct_state') return { error: 'Could not parse conntrack state' };
  return { unknown: true };
}

export const hex8 = (n: number): string => `0x${n.toString(16).padStart(8, '0')}`;

function symbol(type: string, value: number): string | null {
  const table = SYMBOLS[type];
  if (!table) return null;
  for (const [name, n] of Object.entries(table)) if (n === value) return name;
  return null;
}

/** The names of the bits set, in the order nft prints them: that of its table. */
const ORDER: Record<string, string[]> = { ct_state: ['invalid', 'established', 'related', 'new', 'untracked'] };
export function bitNames(type: string, bits: number): string[] {
  const table = SYMBOLS[type] ?? {};
  return (ORDER[type] ?? Object.keys(table)).filter((name) => bits & (table[name] ?? 0));
}

/** Writes one value as nft does. `numeric` is -nn, with bare numbers for protocols and symbols. */
export function formatValue(value: NftScalar, type: string, ns: NetNs, numeric: boolean): string {
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value === 'bigint' || type === 'ipv4_addr') return formatIp(value as Ip);
  if (type === 'mark') return hex8(value);
  if (type === 'iface_index') {
    const name = ns.links.get(value)?.name;
    return name ? `"${name}"` : `${value}`;
  }
  if (isBitmask(type)) {
    const names = bitNames(type, value);
    if (names.length === 0) return `0x${value.toString(16)}`;
    return names.map((n) => (numeric ? `0x${(SYMBOLS[type]?.[n] ?? 0).toString(16)}` : n)).join(',');
  }
  if (numeric) return `${value}`;
  if (type === 'inet_proto') return SHOWN_PROTOCOLS[value] ?? `${value}`;
  return symbol(type, value) ?? `${value}`;
}

/** A prefix's length when a range is one, else null. */
export function prefixLength(r: NftRange): number | null {
  if (typeof r.lo === 'string' || typeof r.hi === 'string') return null;
  const bits = typeof r.lo === 'bigint' ? 128 : 32;
  const lo = BigInt(r.lo);
  const size = BigInt(r.hi) - lo + 1n;
  if (size < 1n || (size & (size - 1n)) !== 0n || lo % size !== 0n) return null;
  return bits - (size.toString(2).length - 1);
}

/** A value, a prefix, or a range. */
export function formatRange(r: NftRange, type: string, ns: NetNs, numeric: boolean): string {
  if (r.lo === r.hi) return formatValue(r.lo, type, ns, numeric);
  const len = type === 'ipv4_addr' || type === 'ipv6_addr' ? prefixLength(r) : null;
  if (len !== null) return `${formatValue(r.lo, type, ns, numeric)}/${len}`;
  return `${formatValue(r.lo, type, ns, numeric)}-${formatValue(r.hi, type, ns, numeric)}`;
}
