/** Addresses, prefixes and names as iproute2's get_prefix, get_addr and rt_names read them. */
import { bitsOf, type Ip, maskOf, type Prefix, parseIp4, parseIp6 } from '../../addr/ip.ts';
import { Exit, getUnsigned, matches } from '../../text/iproute.ts';

type Family = 0 | 4 | 6;

const familyName = (family: Family): string => (family === 4 ? 'inet' : family === 6 ? 'inet6' : 'any valid');

/** An IPv4 address with fewer than four parts: the rest is zero (get_addr_ipv4). */
function shortIp4(text: string): number | null {
  if (!/^\d{1,3}(\.\d{1,3}){0,3}$/.test(text)) return null;
  const parts = text.split('.').map(Number);
  if (parts.some((p) => p > 255)) return null;
  while (parts.length < 4) parts.push(0);
  return parts.reduce((value, part) => value * 256 + part, 0);
}

/** get_addr_1: an address; `default`, `all`, `any` stand for zero. Null when malformed. */
export function addressOf(text: string, family: Family): Ip | null {
  if (text === 'default' || text === 'all' || text === 'any') return family === 6 ? 0n : 0;
  if (text.includes(':')) return family === 4 ? null : parseIp6(text);
  return family === 6 ? null : (parseIp4(text) ?? shortIp4(text));
}

/** get_addr: an address, or the end of the program. */
export function getAddr(text: string, family: Family): Ip {
  const ip = addressOf(text, family);
  if (ip === null) throw new Exit(1, `Error: ${familyName(family)} address is expected rather than "${text}".\n`);
  return ip;
}

/** ll_addr_a2n: the bytes of a link-layer address, two hexadecimal digits or an IPv4 address's four. */
export function lladdrBytes(text: string): number[] {
  const invalid = (part: string) => new Exit(1, `"${part}" is invalid lladdr.\n`);
  if (text.includes('.')) {
    const ip = looseIp4(text);
    if (ip === null) throw invalid(text);
    return [ip >>> 24, (ip >>> 16) & 255, (ip >>> 8) & 255, ip & 255];
  }
  return text.split(':').map((part) => {
    const value = Number.parseInt(part, 16);
    if (!/^\s*(0x)?[0-9a-f]/i.test(part) || value > 255) throw invalid(part);
    return value;
  });
}

/** get_addr_ipv4: parts in any base strtoul takes. */
function looseIp4(text: string): number | null {
  const parts = text.split('.').map((part) => getUnsigned(part, 255));
  if (parts.length > 4 || parts.includes(null)) return null;
  while (parts.length < 4) parts.push(0);
  return (parts as number[]).reduce((value, part) => value * 256 + part, 0);
}

/** The first six bytes as an Ethernet address, null for fewer. */
export const macOfBytes = (bytes: readonly number[]): number | null =>
  bytes.length < 6 ? null : bytes.slice(0, 6).reduce((mac, byte) => mac * 256 + byte, 0);

export interface ParsedPrefix extends Prefix {
  /** Whether it was written without a length. */
  bare: boolean;
  /** `default`, `any`, `all`. */
  any: boolean;
}

/** A netmask as a length, when it is one. */
function maskLength(text: string): number | null {
  const mask = parseIp4(text);
  if (mask === null) return null;
  for (let len = 0; len <= 32; len++) if (maskOf(4, len) === mask) return len;
  return null;
}

/** get_prefix_1: `ADDR[/LEN]`, `default`. Null when malformed. */
export function prefixOf(text: string, family: Family): ParsedPrefix | null {
  if (text === 'default' || text === 'any' || text === 'all') {
    return { ip: family === 6 ? 0n : 0, len: 0, bare: true, any: true };
  }
  const slash = text.indexOf('/');
  const ip = addressOf(slash < 0 ? text : text.slice(0, slash), family);
  if (ip === null) return null;
  const bits = bitsOf(ip);
  if (slash < 0) return { ip, len: bits, bare: true, any: false };
  const tail = text.slice(slash + 1);
  const len = getUnsigned(tail) ?? (bits === 32 ? maskLength(tail) : null);
  if (len === null || len > bits) return null;
  return { ip, len, bare: false, any: false };
}

/** get_prefix: a prefix, or the end of the program. */
export function getPrefix(text: string, family: Family): ParsedPrefix {
  const prefix = prefixOf(text, family);
  if (!prefix) throw new Exit(1, `Error: ${familyName(family)} prefix is expected rather than "${text}".\n`);
  return prefix;
}

/** The names files of /etc/iproute2, as Debian ships them. */
const TABLES: Readonly<Record<number, string>> = { 0: 'unspec', 253: 'default', 254: 'main', 255: 'local' };
const SCOPES: Readonly<Record<number, string>> = { 0: 'global', 200: 'site', 253: 'link', 254: 'host', 255: 'nowhere' };
const PROTOS: Readonly<Record<number, string>> = {
  0: 'unspec',
  1: 'redirect',
  2: 'kernel',
  3: 'boot',
  4: 'static',
  8: 'gated',
  9: 'ra',
  10: 'mrt',
  11: 'zebra',
  12: 'bird',
  13: 'dnrouted',
  14: 'xorp',
  15: 'ntk',
  16: 'dhcp',
  18: 'keepalived',
  42: 'babel',
  99: 'openr',
  186: 'bgp',
  187: 'isis',
  188: 'ospf',
  189: 'rip',
  192: 'eigrp',
};
const GROUPS: Readonly<Record<number, string>> = { 0: 'default' };

const lookUp = (names: Readonly<Record<number, string>>, word: string): number | null => {
  for (const [id, name] of Object.entries(names)) if (name === word) return Number(id);
  return null;
};

export const tableName = (id: number, numeric = false): string => (numeric ? String(id) : (TABLES[id] ?? String(id)));
export const scopeName = (id: number, numeric = false): string => (numeric ? String(id) : (SCOPES[id] ?? String(id)));
export const protoName = (id: number, numeric = false): string => (numeric ? String(id) : (PROTOS[id] ?? String(id)));
export const groupName = (id: number, numeric = false): string => (numeric ? String(id) : (GROUPS[id] ?? String(id)));

export const tableId = (word: string): number | null => lookUp(TABLES, word) ?? getUnsigned(word);
export const protoId = (word: string): number | null => lookUp(PROTOS, word) ?? getUnsigned(word, 255);
export const groupId = (word: string): number | null => lookUp(GROUPS, word) ?? getUnsigned(word);
/** `universe` is an old name of `global`. */
export const scopeId = (word: string): number | null =>
  word === 'universe' ? 0 : (lookUp(SCOPES, word) ?? getUnsigned(word, 255));

export const ROUTE_TYPES = [
  'local',
  'nat',
  'broadcast',
  'anycast',
  'multicast',
  'prohibit',
  'unreachable',
  'blackhole',
  'unicast',
  'throw',
] as const;

const EXACT_TYPES: ReadonlySet<string> = new Set(['local', 'nat', 'throw']);

/** rtnl_rtntype_a2n: three by their whole name, the others by any beginning, in this order. */
export const routeType = (word: string): (typeof ROUTE_TYPES)[number] | null =>
  ROUTE_TYPES.find((t) => (EXACT_TYPES.has(t) ? t === word : matches(word, t))) ??
  (word === 'brd' ? 'broadcast' : null);

/** RTN_* by number, as rtnl_rtntype_a2n also takes them. */
const TYPE_NUMBERS: Readonly<Record<string, number>> = {
  none: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
};

/** A type given as its number. Null for any other word. */
export function routeTypeByWord(word: string): (typeof ROUTE_TYPES)[number] | null {
  const number = getUnsigned(word, 255);
  return ROUTE_TYPES.find((t) => TYPE_NUMBERS[t] === number) ?? null;
}

/** rtnl_rtntype_n2a: the name, or the number with -N. */
export const typeName = (type: string, numeric = false): string =>
  numeric ? String(TYPE_NUMBERS[type] ?? type) : type;

/** get_rt_realms_or_raw: `TO` or `FROM/TO`. Null when malformed. */
export function realmsId(word: string): number | null {
  const one = (text: string) => (text === 'cosmos' ? 0 : getUnsigned(text));
  const slash = word.indexOf('/');
  const from = slash < 0 ? 0 : one(word.slice(0, slash));
  const to = one(slash < 0 ? word : word.slice(slash + 1));
  return from === null || to === null ? null : (from << 16) | to;
}

const realmName = (n: number, numeric: boolean): string => (n === 0 && !numeric ? 'cosmos' : String(n));

/** `5` or `5/6`. */
export const realmsName = (realms: number, numeric = false): string =>
  realms >>> 16
    ? `${realmName(realms >>> 16, numeric)}/${realmName(realms & 0xffff, numeric)}`
    : realmName(realms & 0xffff, numeric);

/** ARPHRD_* of include/uapi/linux/if_arp.h. */
const LINK_TYPES: Readonly<Record<string, number>> = {
  ether: 1,
  tunnel6: 769,
  ipip: 768,
  loopback: 772,
  sit: 776,
  gre: 778,
  none: 65534,
};

/** ll_type_n2a: the name, or `[N]` with -N. */
export const linkTypeName = (type: string, numeric = false): string =>
  numeric ? `[${LINK_TYPES[type] ?? type}]` : type;

/** Whether a word asks for help. */
export const isHelp = (word: string): boolean => word !== '' && matches(word, 'help');
