/**
 * IP addresses as values. IPv4 is an unsigned 32-bit `number`, IPv6 a `bigint`: `typeof` tells the family.
 * Sources: RFC 791, RFC 4291, RFC 5952 (text form), inet_pton(3).
 */
export type Ip4 = number;
export type Ip6 = bigint;
export type Ip = Ip4 | Ip6;

/** An address with a prefix length. `ip` keeps its host bits: use {@link network} for the prefix itself. */
export interface Prefix {
  readonly ip: Ip;
  readonly len: number;
}

/** AF_INET = 4, AF_INET6 = 6: the family of an address. */
export const familyOf = (ip: Ip): 4 | 6 => (typeof ip === 'bigint' ? 6 : 4);

/** Dotted quad, strictly four decimal parts as inet_pton takes them. Null when it is none. */
export function parseIp4(text: string): Ip4 | null {
  const m = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!m) return null;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const part = m[i] as string;
    if (part.length > 1 && part[0] === '0') return null;
    const n = Number(part);
    if (n > 255) return null;
    value = value * 256 + n;
  }
  return value;
}

/** RFC 4291 text, `::` and embedded IPv4 included. Null when it is none. */
export function parseIp6(text: string): Ip6 | null {
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(':')) return null;
  let source = text;
  const dot = source.indexOf('.');
  if (dot >= 0) {
    const at = source.lastIndexOf(':');
    const v4 = parseIp4(source.slice(at + 1));
    if (v4 === null) return null;
    source = `${source.slice(0, at + 1)}${(v4 >>> 16).toString(16)}:${(v4 & 0xffff).toString(16)}`;
  }
  const halves = source.split('::');
  if (halves.length > 2) return null;
  const words = (part: string) => (part === '' ? [] : part.split(':'));
  const head = words(halves[0] as string);
  const tail = halves.length === 2 ? words(halves[1] as string) : [];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const all = [...head, ...Array<string>(halves.length === 2 ? missing : 0).fill('0'), ...tail];
  let value = 0n;
  for (const word of all) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(word)) return null;
    value = (value << 16n) | BigInt(Number.parseInt(word, 16));
  }
  return value;
}

/** Either family. Null when the text is no address. */
export const parseIp = (text: string): Ip | null => parseIp4(text) ?? parseIp6(text);

/** `ADDR` or `ADDR/LEN`; the length defaults to the whole address. Null when malformed. */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf('/');
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (ip === null) return null;
  const bits = bitsOf(ip);
  if (slash < 0) return { ip, len: bits };
  const digits = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(digits) || Number(digits) > bits) return null;
  return { ip, len: Number(digits) };
}

/** 32 or 128. */
export const bitsOf = (ip: Ip): 32 | 128 => (typeof ip === 'bigint' ? 128 : 32);

/** The network mask of a prefix length, as an address of the given family. */
export function maskOf(family: 4 | 6, len: number): Ip {
  if (family === 4) return len === 0 ? 0 : (0xffffffff << (32 - len)) >>> 0;
  return len === 0 ? 0n : ((1n << BigInt(len)) - 1n) << BigInt(128 - len);
}

/** The address with its host bits cleared. */
export function network(ip: Ip, len: number): Ip {
  if (typeof ip === 'bigint') return ip & (maskOf(6, len) as bigint);
  return (ip & (maskOf(4, len) as number)) >>> 0;
}

/** The directed broadcast address of an IPv4 prefix. */
export const broadcast4 = (ip: Ip4, len: number): Ip4 => (ip | ~(maskOf(4, len) as number)) >>> 0;

/** Whether `ip` lies in `prefix` (families must agree). */
export const inPrefix = (ip: Ip, prefix: Prefix): boolean =>
  typeof ip === typeof prefix.ip && network(ip, prefix.len) === network(prefix.ip, prefix.len);

const formatIp4 = (ip: Ip4): string => `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`;

function formatIp6(ip: Ip6): string {
  const words: number[] = [];
  for (let i = 7; i >= 0; i--) words.push(Number((ip >> BigInt(i * 16)) & 0xffffn));
  let best = -1;
  let bestLen = 1;
  for (let i = 0; i < 8; ) {
    let j = i;
    while (j < 8 && words[j] === 0) j++;
    if (j - i > bestLen) {
      best = i;
      bestLen = j - i;
    }
    i = j === i ? i + 1 : j;
  }
  const hex = (part: number[]) => part.map((w) => w.toString(16)).join(':');
  // inet_ntop(3) writes the last four bytes of mapped and compatible addresses as IPv4.
  if (best === 0 && (bestLen === 6 || (bestLen === 5 && words[5] === 0xffff)))
    return `${bestLen === 6 ? '::' : '::ffff:'}${formatIp4(Number(ip & 0xffffffffn))}`;
  if (best < 0) return hex(words);
  // inet_ntop(3) writes the last 32 bits of IPv4-mapped and IPv4-compatible addresses with dots.
  if (best === 0 && (bestLen === 6 || (bestLen === 5 && words[5] === 0xffff)))
    return `::${bestLen === 5 ? 'ffff:' : ''}${formatIp4(Number(ip & 0xffffffffn))}`;
  return `${hex(words.slice(0, best))}::${hex(words.slice(best + bestLen))}`;
}

/** Canonical text (RFC 5952 for IPv6). */
export const formatIp = (ip: Ip): string => (typeof ip === 'bigint' ? formatIp6(ip) : formatIp4(ip));

/** `ADDR/LEN`. */
export const formatPrefix = (p: Prefix): string => `${formatIp(p.ip)}/${p.len}`;

/** 224.0.0.0/4 or ff00::/8. */
export const isMulticast = (ip: Ip): boolean => (typeof ip === 'bigint' ? ip >> 120n === 0xffn : ip >>> 28 === 0xe);

/** 127.0.0.0/8 or ::1. */
export const isLoopback = (ip: Ip): boolean => (typeof ip === 'bigint' ? ip === 1n : ip >>> 24 === 127);
