/** The rule's own part: addresses, interfaces, protocol, fragments. How iptables parses and prints it. */
import { bitsOf, formatIp, type Ip, maskOf, parseIp } from '../../addr/ip.ts';
import { fail, type ParseContext } from './ext.ts';
import { hostAddress, hostName } from './hosts.ts';
import { protocolName, protocolNumber } from './services.ts';
import type { RuleHead } from './types.ts';
import { parseUint, scanUint } from './values.ts';

export const emptyHead = (): RuleHead => ({ src: null, dst: null, iif: null, oif: null, proto: null, frag: 0 });

/** xtables_chain_protos: names iptables knows without /etc/protocols. */
const PROTOS: [string, number][] = [
  ['tcp', 6],
  ['sctp', 132],
  ['udp', 17],
  ['udplite', 136],
  ['icmp', 1],
  ['icmpv6', 58],
  ['ipv6-icmp', 58],
  ['esp', 50],
  ['ah', 51],
  ['ipv6-mh', 135],
  ['mh', 135],
  ['all', 0],
];

/** `-p`: a number, or a name in any case. */
export function parseProtocol(text: string): number {
  const lower = text.toLowerCase();
  const value = parseUint(lower, 255) ?? protocolNumber(lower) ?? PROTOS.find(([name]) => name === lower)?.[1];
  if (value === undefined || value === null) fail(`unknown protocol "${lower}" specified`);
  return value;
}

/** The name iptables-save gives a protocol. */
export function protocolText(proto: number): string {
  return protocolName(proto) && proto !== 0
    ? (protocolName(proto) as string)
    : (PROTOS.find(([, n]) => n === proto)?.[0] ?? String(proto));
}

export interface Address {
  ip: Ip;
  mask: Ip;
}

/** A number of an address: decimal, 0x hex or 0 octal, up to `max`. */
function addressPart(text: string, max: number): number | null {
  const read = scanUint(text);
  return read && read.rest === '' && read.value <= max ? read.value : null;
}

/** xtables_numeric_to_ipaddr's short forms: `10` is 10.0.0.0, `10.1` is 10.1.0.0. */
function parseShort(text: string): Ip | null {
  const parts = text.split('.').map((p) => addressPart(p, 255));
  if (parts.length > 4 || parts.includes(null)) return null;
  while (parts.length < 4) parts.push(0);
  return (parts as number[]).reduce((value, p) => value * 256 + p, 0);
}

/** inet_aton(3), which name lookup tries first: the last number fills what the others leave. */
function inetAton(text: string): Ip | null {
  const words = text.split('.');
  if (words.length > 4 || /\s/.test(text)) return null;
  const last = addressPart(words.pop() as string, 256 ** (4 - words.length) - 1);
  const parts = words.map((p) => addressPart(p, 255));
  if (last === null || parts.includes(null)) return null;
  return (parts as number[]).reduce((value, p, i) => value + p * 256 ** (3 - i), last);
}

const and = (a: Ip, b: Ip): Ip => (typeof a === 'bigint' ? a & (b as bigint) : (a & (b as number)) >>> 0);

function parseMask(text: string, family: 4 | 6): Ip {
  const bits = family === 4 ? 32 : 128;
  const quad = parseIp(text);
  if (quad !== null && bitsOf(quad) === bits) return quad;
  const len = text === '' ? null : parseUint(text, bits);
  if (len === null) fail(`invalid mask \`${text}' specified`);
  return maskOf(family, len);
}

/** An IPv6 address may name its link: `fe80::1%eth0`. */
function withoutScope(text: string, ctx: ParseContext): string {
  const at = text.indexOf('%');
  const dev = text.slice(at + 1);
  const known = [...ctx.ns.links.values()].some((l) => l.name === dev || String(l.ifindex) === dev);
  return at >= 0 && known ? text.slice(0, at) : text;
}

/** `ADDR[/MASK][,…]`. Names are looked up in the host's /etc/hosts. */
export function parseAddresses(text: string, ctx: ParseContext): Address[] {
  const family = ctx.family === 'ip' ? 4 : 6;
  return text.split(',').map((part) => {
    const slash = part.lastIndexOf('/');
    const name = slash < 0 ? part : part.slice(0, slash);
    const mask = slash < 0 ? maskOf(family, family === 4 ? 32 : 128) : parseMask(part.slice(slash + 1), family);
    let ip = family === 4 ? (parseShort(name) ?? inetAton(name)) : parseIp(withoutScope(name, ctx));
    if (ip === null || bitsOf(ip) !== bitsOf(mask)) ip = name === '' ? null : hostAddress(ctx.host, name, family);
    if (ip === null) fail(`host/network \`${name}' not found`);
    return { ip: and(ip, mask), mask };
  });
}

/** Checks an interface name as xtables_parse_interface does. */
export function checkInterface(name: string, ctx: ParseContext): string {
  if (name === '') fail('Empty interface is likely to be undesired');
  if (name.length >= 16) fail(`interface name \`${name}' must be shorter than IFNAMSIZ (15)`);
  if (/[/ ]/.test(name))
    ctx.warnings.push(
      `Warning: weird character in interface \`${name}' ('/' and ' ' are not allowed by the kernel).\n`,
    );
  return name;
}

/** Whether an interface name fits a pattern; a trailing `+` fits any rest. */
export const interfaceFits = (pattern: string, name: string): boolean =>
  pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

/** The prefix length of a mask, or null when its bits are not contiguous. */
export function maskLength(mask: Ip): number | null {
  if (typeof mask === 'number') {
    const len = Math.clz32(~mask);
    return mask === maskOf(4, len) ? len : null;
  }
  const family = 6;
  const bits = bitsOf(mask);
  const text = mask.toString(2).padStart(bits, '0');
  const len = text.indexOf('0') < 0 ? bits : text.indexOf('0');
  return maskOf(family, len) === mask ? len : null;
}

const maskText = (mask: Ip): string => {
  const len = maskLength(mask);
  return len === null ? formatIp(mask) : String(len);
};

function saveAddress(letter: string, a: RuleHead['src']): string {
  if (!a) return '';
  return `${a.not ? ' !' : ''} -${letter} ${formatIp(a.ip)}/${maskText(a.mask)}`;
}

/** iptables-save form: ` -s 10.0.0.0/8 -d … -i … -o … -p tcp -f`. */
export function saveHead(head: RuleHead): string {
  let text = saveAddress('s', head.src) + saveAddress('d', head.dst);
  if (head.iif) text += `${head.iif.not ? ' !' : ''} -i ${head.iif.name}`;
  if (head.oif) text += `${head.oif.not ? ' !' : ''} -o ${head.oif.name}`;
  if (head.proto) text += `${head.proto.not ? ' !' : ''} -p ${protocolText(head.proto.number)}`;
  if (head.frag) text += `${head.frag < 0 ? ' !' : ''} -f`;
  return text;
}

/** An address as -L shows it, without its `!`. */
export function listAddress(
  a: RuleHead['src'],
  family: 'ip' | 'ip6',
  numeric: boolean,
  ctx: ParseContext['host'],
): string {
  if (!a) return numeric ? (family === 'ip' ? '0.0.0.0/0' : '::/0') : 'anywhere';
  if (!numeric && a.ip === 0n) return 'anywhere';
  const len = maskLength(a.mask);
  if (len === bitsOf(a.ip)) return (numeric ? null : hostName(ctx, a.ip)) ?? formatIp(a.ip);
  return `${formatIp(a.ip)}/${maskText(a.mask)}`;
}

/** The protocol column. */
export const listProtocol = (head: RuleHead, numeric: boolean): string => {
  const number = head.proto?.number ?? 0;
  if (numeric) return String(number);
  return number === 0 ? 'all' : protocolText(number);
};
