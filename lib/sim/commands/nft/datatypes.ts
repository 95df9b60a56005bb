/** nft's data types: what they are called, how their values are read and written. Source: nft(8), DATA TYPES. */
import { formatIp, type Ip, parseIp4, parseIp6 } from '../../addr/ip.ts';
import { formatMac, parseMac } from '../../addr/mac.ts';
import type { NftRange, NftScalar } from '../../linux/netfilter/nft/types.ts';
import { portByName, protocolName, protocolNumber, serviceName } from '../../linux/netfilter/services.ts';
import type { NetNs } from '../../linux/types.ts';
import { SYMBOLS, symbolName, symbolValue } from './symbols.ts';
import { parseClock, parseDate, parseSeconds, secondsText, timeText } from './time.ts';

export interface DataType {
  desc: string;
  bits: number;
  base: 'integer' | 'bitmask' | 'string' | 'lladdr' | 'none';
  /** Hex digits of values without a name; 0: as many as needed. */
  hex?: number;
  /** May be written as a prefix (`ADDRESS/LEN`). */
  prefix?: boolean;
  /** Kept in the machine's byte order: elements of plain sets then sort by their bytes from the last. */
  host?: boolean;
  quotes?: boolean;
}

const t = (desc: string, bits: number, more: Partial<DataType> = {}): DataType => ({
  desc,
  bits,
  base: 'integer',
  ...more,
});

export const TYPES: Readonly<Record<string, DataType>> = {
  verdict: t('netfilter verdict', 0, { base: 'none' }),
  nf_proto: t('netfilter protocol', 8),
  bitmask: t('bitmask', 0, { hex: 0, base: 'bitmask' }),
  integer: t('integer', 0),
  string: t('string', 0, { base: 'string' }),
  ll_addr: t('link layer address', 0, { base: 'lladdr' }),
  ipv4_addr: t('IPv4 address', 32, { prefix: true }),
  ipv6_addr: t('IPv6 address', 128, { prefix: true }),
  ether_addr: t('Ethernet address', 48, { base: 'lladdr' }),
  ether_type: t('Ethernet protocol', 16, { hex: 4 }),
  arp_op: t('ARP operation', 16, { hex: 4 }),
  inet_proto: t('Internet protocol', 8),
  inet_service: t('internet network service', 16),
  icmp_type: t('ICMP type', 8),
  tcp_flag: t('TCP flag', 8, { base: 'bitmask' }),
  dccp_pkttype: t('DCCP packet type', 4),
  mh_type: t('MH type', 8),
  time: t('relative time', 32, { host: true }),
  mark: t('packet mark', 32, { hex: 8, prefix: true, host: true }),
  iface_index: t('network interface index', 32, { host: true }),
  iface_type: t('network interface type', 16, { host: true }),
  ifname: t('network interface name', 128, { base: 'string' }),
  realm: t('routing realm', 32, { prefix: true, host: true, quotes: true }),
  classid: t('TC classid', 32, { host: true }),
  uid: t('user ID', 32, { host: true }),
  gid: t('group ID', 32, { host: true }),
  ct_state: t('conntrack state', 32, { base: 'bitmask', host: true }),
  ct_dir: t('conntrack direction', 8),
  ct_status: t('conntrack status', 32, { base: 'bitmask', host: true }),
  icmpv6_type: t('ICMPv6 type', 8),
  ct_label: t('conntrack label', 128, { base: 'bitmask', host: true }),
  pkt_type: t('packet type', 8),
  icmp_code: t('icmp code', 8),
  icmpv6_code: t('icmpv6 code', 8),
  icmpx_code: t('icmpx code', 8),
  devgroup: t('devgroup name', 32, { prefix: true, host: true, quotes: true }),
  dscp: t('Differentiated Services Code Point', 6, { hex: 2 }),
  ecn: t('Explicit Congestion Notification', 2, { hex: 1 }),
  fib_addrtype: t('fib address type', 32, { host: true }),
  boolean: t('boolean type', 1),
  ct_event: t('conntrack event bits', 32, { base: 'bitmask', host: true }),
  igmp_type: t('IGMP type', 8),
  date: t('Relative time of packet reception', 64, { host: true }),
  day: t('Day of week of packet reception', 8, { quotes: true }),
  hour: t('Hour of day of packet reception', 32, { host: true }),
  cgroupsv2: t('cgroupsv2 path', 64),
};

/** Types by the names a set's definition may use; `time` is the expiration's. */
export const typeByName = (name: string): string | null => (name !== 'date' && TYPES[name] !== undefined ? name : null);

export const typeOf = (name: string): DataType => TYPES[name] ?? (TYPES.integer as DataType);
export const isBitmask = (type: string): boolean => typeOf(type).base === 'bitmask';
export const isString = (type: string): boolean => typeOf(type).base === 'string';

/** Symbols that are shown in hexadecimal with `-n`. */
const HEX_SYMBOLS = new Set(['dscp', 'ecn', 'ether_type', 'tcp_flag', 'ct_state', 'ct_status', 'ct_event']);

export interface ValueContext {
  ns: NetNs;
  /** Names of hosts, users: answered by the files of the host. */
  hostAddress: (name: string, family: 4 | 6) => Ip | null;
  /** User and group ids by name. */
  account: (name: string, kind: 'uid' | 'gid') => number | null;
}

export type Parsed = { value: NftScalar } | { error: string };

const NUMBER = /^(?:0x[0-9a-fA-F]+|\d+)$/;

function address(text: string, family: 4 | 6, c: ValueContext): Parsed {
  const ip = family === 4 ? parseIp4(text) : parseIp6(text);
  if (ip !== null) return { value: ip };
  if (family === 4 && NUMBER.test(text) && Number(text) <= 0xffffffff) return { value: Number(text) };
  if ((family === 4 ? parseIp6(text) : parseIp4(text)) !== null)
    return { error: 'Could not resolve hostname: Address family for hostname not supported' };
  const known = c.hostAddress(text, family);
  return known === null ? { error: 'Could not resolve hostname: Name or service not known' } : { value: known };
}

/** Reads one value of a type. `error` is nft's own message. */
export function parseValue(text: string, type: string, c: ValueContext): Parsed {
  const number = NUMBER.test(text) ? (text.length > 15 ? BigInt(text) : Number(text)) : null;
  switch (type) {
    case 'ipv4_addr':
      return address(text, 4, c);
    case 'ipv6_addr':
      return address(text, 6, c);
    case 'ether_addr':
    case 'll_addr': {
      const mac = parseMac(text);
      return mac === null ? { error: 'Invalid LL address' } : { value: mac };
    }
    case 'ifname':
    case 'string':
      return { value: text };
    case 'iface_index': {
      for (const link of c.ns.links.values()) if (link.name === text) return { value: link.ifindex };
      return number === null ? { error: 'Interface does not exist' } : { value: Number(number) };
    }
    case 'inet_service': {
      if (number !== null) return number > 65535 ? { error: 'Service out of range' } : { value: Number(number) };
      const port = portByName(text, 6) ?? portByName(text, 17);
      return port === null
        ? { error: 'Could not resolve service: Servname not supported for ai_socktype' }
        : { value: port };
    }
    case 'inet_proto': {
      if (number !== null) return number > 255 ? { error: 'Protocol out of range' } : { value: Number(number) };
      const proto = text === 'icmpv6' ? 58 : protocolNumber(text);
      return proto === null ? { error: 'Could not resolve protocol name' } : { value: proto };
    }
    case 'uid':
    case 'gid': {
      const id = number === null ? c.account(text, type) : Number(number);
      return id === null ? { error: `${type === 'uid' ? 'User' : 'Group'} does not exist` } : { value: id };
    }
    case 'time': {
      const s = parseSeconds(text);
      return s === null ? { error: 'Could not parse time' } : { value: s };
    }
    case 'date': {
      const ns = parseDate(text);
      return ns === null ? { error: 'Cannot parse date' } : { value: ns };
    }
    case 'hour': {
      const s = parseClock(text);
      return s === null ? { error: `Can't parse hour input: "${text}"` } : { value: s };
    }
    case 'classid': {
      if (text === 'root') return { value: 0xffffffff };
      const parts = /^([0-9a-fA-F]{1,4}):([0-9a-fA-F]{1,4})$/.exec(text);
      if (parts) return { value: Number.parseInt(parts[1] ?? '', 16) * 65536 + Number.parseInt(parts[2] ?? '', 16) };
      return { value: number === null ? 0 : Number(number) };
    }
    case 'ct_label':
      return number === null
        ? { error: `/etc/connlabel.conf: could not parse conntrack label "${text}"` }
        : { value: Number(number) };
    case 'day': {
      const at = SYMBOLS.day?.find(([n]) => n.toLowerCase().startsWith(text.toLowerCase()) && text.length >= 3);
      if (at) return { value: at[1] };
      if (number !== null) return { value: number };
      return { error: 'Could not parse Day of week of packet reception' };
    }
    default: {
      const symbol = symbolValue(type, text);
      if (symbol !== null) return { value: symbol };
      return number === null ? { error: `Could not parse ${typeOf(type).desc}` } : { value: number };
    }
  }
}

/** How values are written: what the options -n, -S, -u, -p, -y, -T ask for. */
export interface ValueStyle {
  ns: NetNs;
  symbols: boolean;
  services: boolean;
  protocols: boolean;
  numericTime: boolean;
  accountName?: (id: number, kind: 'uid' | 'gid') => string | null;
}

const hex = (n: number | bigint, digits: number): string => `0x${n.toString(16).padStart(digits, '0')}`;

/** The names of the bits set, lowest first; bits without a name in hexadecimal. */
export function bitNames(type: string, bits: number, symbols = true): string[] {
  const names: string[] = [];
  for (let i = 0; i < 32; i++) {
    const bit = 2 ** i;
    if (!(Math.floor(bits / bit) % 2)) continue;
    names.push((symbols && symbolName(type, bit)) || hex(bit, 0));
  }
  return names;
}

/** inet_ntop() writes addresses that hold an IPv4 one with that in dots. */
function mapped(ip: bigint): string | null {
  const v4 = Number(ip & 0xffffffffn);
  if (ip >> 32n === 0xffffn) return `::ffff:${formatIp(v4)}`;
  return ip >> 32n === 0n && v4 > 0xffff ? `::${formatIp(v4)}` : null;
}

/** Writes one value as nft does. `bits` decides for raw payloads and wide integers. */
export function formatValue(value: NftScalar, type: string, o: ValueStyle): string {
  if (typeof value === 'string') return `"${value}"`;
  const spec = typeOf(type);
  switch (type) {
    case 'ipv4_addr':
      return formatIp(value as Ip);
    case 'ipv6_addr':
      return mapped(BigInt(value)) ?? formatIp(value as Ip);
    case 'ether_addr':
    case 'll_addr':
      return formatMac(Number(value));
    case 'iface_index': {
      const name = o.ns.links.get(Number(value))?.name;
      return name ? `"${name}"` : `${value}`;
    }
    case 'inet_proto':
      return (o.protocols && protocolName(Number(value))) || `${value}`;
    case 'inet_service': {
      const name = o.services ? (serviceName(Number(value), 6) ?? serviceName(Number(value), 17)) : null;
      return name ? `"${name}"` : `${value}`;
    }
    case 'uid':
    case 'gid':
      return o.accountName?.(Number(value), type) ?? `${value}`;
    case 'time':
      return timeText(Number(value) * 1000);
    case 'date':
      return o.numericTime ? `${value}` : secondsText(Number(value));
    case 'hour': {
      const s = Number(value);
      const two = (n: number) => String(n).padStart(2, '0');
      return `"${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}${s % 60 ? `:${two(s % 60)}` : ''}"`;
    }
    case 'classid': {
      const n = Number(value);
      if (n === 0xffffffff) return 'root';
      return n === 0 ? 'none' : `${Math.floor(n / 65536).toString(16)}:${(n % 65536).toString(16)}`;
    }
    case 'ct_label':
    case 'raw':
      return type === 'raw' ? hex(value, 0) : `${value}`;
  }
  const name = symbolName(type, Number(value));
  if (name !== null) {
    if (o.symbols) return spec.quotes ? `"${name}"` : name;
    return HEX_SYMBOLS.has(type) && spec.base !== 'bitmask'
      ? hex(value, spec.hex ?? 0)
      : spec.base === 'bitmask'
        ? hex(value, 0)
        : `${value}`;
  }
  if (spec.base === 'bitmask') return hex(value, 0);
  return spec.hex === undefined ? `${value}` : hex(value, spec.hex);
}

/** A prefix's length when a range is one, else null. */
export function prefixLength(r: NftRange, bits: number): number | null {
  if (typeof r.lo === 'string' || typeof r.hi === 'string' || bits === 0) return null;
  const lo = BigInt(r.lo);
  const size = BigInt(r.hi) - lo + 1n;
  if (size < 1n || (size & (size - 1n)) !== 0n || lo % size !== 0n) return null;
  return bits - (size.toString(2).length - 1);
}

/** A range's ends are always written as numbers. */
export const numericStyle = (o: ValueStyle): ValueStyle => ({
  ...o,
  symbols: false,
  services: false,
  protocols: false,
});

/** A value, a prefix (in sets: whenever the range is one), or a range. */
export function formatRange(r: NftRange, type: string, o: ValueStyle, inSet = false): string {
  if (r.len !== undefined && !inSet) return `${formatValue(r.lo, type, o)}/${r.len}`;
  if (r.lo === r.hi && (inSet || !r.range)) return formatValue(r.lo, type, o);
  const spec = typeOf(type);
  const len = inSet && spec.prefix ? prefixLength(r, spec.bits) : null;
  if (len !== null) return `${formatValue(r.lo, type, o)}/${len}`;
  const n = numericStyle(o);
  if (type === 'time') return `${r.lo}s-${r.hi}s`;
  return `${formatValue(r.lo, type, n)}-${formatValue(r.hi, type, n)}`;
}
