/** Elements of IP sets as text: parsing (with ranges) and printing. */
import { bitsOf, formatIp, type Ip, network, parseIp } from '../../addr/ip.ts';
import { formatMac } from '../../addr/mac.ts';
import { portByName } from '../netfilter/services.ts';
import { type IpSet, isBitmap, type Part, SET_TYPES } from './types.ts';

/** Wrong input, in ipset's words. */
export class IpsetError extends Error {
  /** Said with -quiet: only the status tells. */
  quiet = false;

  constructor(
    message: string,
    readonly status: 1 | 2 = 1,
  ) {
    super(message);
  }
}

/** Most elements one add with a range may stand for. */
const MAX_EXPANSION = 65536;

const syntax = (message: string): never => {
  throw new IpsetError(`Syntax error: ${message}`);
};

/** A number between two bounds, in ipset's words. */
export function parseNumber(text: string, min: number, max: number): number {
  if (!/^-?(0x[0-9a-fA-F]+|\d+)$/.test(text)) syntax(`'${text}' is invalid as number`);
  const value = Number(text);
  if (value < min || value > max) syntax(`'${text}' is out of range ${min}-${max}`);
  return value;
}

function parseAddress(text: string, family: 4 | 6): Ip {
  const ip = parseIp(text);
  if (ip === null || (typeof ip === 'bigint') !== (family === 6)) {
    throw new IpsetError(`Syntax error: cannot parse ${text}: resolving to IPv${family} address failed`);
  }
  return ip;
}

const plus = (ip: Ip, n: number): Ip => (typeof ip === 'bigint' ? ip + BigInt(n) : ip + n);

/** Addresses or networks a word stands for. */
function parseIps(text: string, family: 4 | 6, nets: boolean, netmask: number | null): Part[] {
  const bits = family === 4 ? 32 : 128;
  const slash = text.indexOf('/');
  const dash = text.indexOf('-');
  if (slash >= 0) {
    const len = parseNumber(text.slice(slash + 1), 0, bits);
    const ip = network(parseAddress(text.slice(0, slash), family), len);
    if (nets) return [{ kind: 'ip', ip, len }];
    if (ip === 0 && len === 0) throw new IpsetError('Null-valued element, cannot be stored in a hash type of set');
    return expand(ip, bits - len > 16 ? MAX_EXPANSION : 2 ** (bits - len), netmask);
  }
  if (dash >= 0 && family === 4) {
    let from = parseAddress(text.slice(0, dash), family) as number;
    let to = parseAddress(text.slice(dash + 1), family) as number;
    if (from > to) [from, to] = [to, from];
    return nets ? cover(from, to) : expand(from, Math.min(to - from + 1, MAX_EXPANSION), netmask);
  }
  const ip = parseAddress(text, family);
  if (nets) return [{ kind: 'ip', ip, len: bits }];
  return expand(ip, 1, netmask);
}

function expand(from: Ip, count: number, netmask: number | null): Part[] {
  const out: Part[] = [];
  for (let i = 0; i < count; i++) {
    const ip = plus(from, i);
    out.push({ kind: 'ip', ip: netmask === null ? ip : network(ip, netmask), len: bitsOf(ip) });
  }
  return out;
}

/** The fewest networks that cover a range. */
function cover(from: number, to: number): Part[] {
  const out: Part[] = [];
  let at = from;
  while (at <= to && out.length < 64) {
    let len = 32;
    while (len > 0 && network(at, len - 1) === at && at + 2 ** (32 - len + 1) - 1 <= to) len--;
    out.push({ kind: 'ip', ip: at, len });
    at += 2 ** (32 - len);
  }
  return out;
}

const PROTOCOLS: Record<string, number> = {
  tcp: 6,
  udp: 17,
  sctp: 132,
  udplite: 136,
  icmp: 1,
  icmpv6: 58,
  'ipv6-icmp': 58,
};
const PROTO_NAMES: Record<number, string> = {
  6: 'tcp',
  17: 'udp',
  132: 'sctp',
  136: 'udplite',
  1: 'icmp',
  58: 'icmpv6',
};
const ICMP_NAMES: Record<string, number> = {
  'echo-reply': 0,
  pong: 0,
  'echo-request': 0x800,
  ping: 0x800,
  'network-unreachable': 0x300,
  'host-unreachable': 0x301,
  'protocol-unreachable': 0x302,
  'port-unreachable': 0x303,
  'fragmentation-needed': 0x304,
  'source-route-failed': 0x305,
  'network-unknown': 0x306,
  'host-unknown': 0x307,
  'network-prohibited': 0x309,
  'host-prohibited': 0x30a,
  'TOS-network-unreachable': 0x30b,
  'TOS-host-unreachable': 0x30c,
  'communication-prohibited': 0x30d,
  'host-precedence-violation': 0x30e,
  'precedence-cutoff': 0x30f,
  'source-quench': 0x400,
  'network-redirect': 0x500,
  'host-redirect': 0x501,
  'TOS-network-redirect': 0x502,
  'TOS-host-redirect': 0x503,
  'router-advertisement': 0x900,
  'router-solicitation': 0xa00,
  'ttl-zero-during-transit': 0xb00,
  'ttl-zero-during-reassembly': 0xb01,
  'ip-header-bad': 0xc00,
  'required-option-missing': 0xc01,
  'timestamp-request': 0xd00,
  'timestamp-reply': 0xe00,
  'address-mask-request': 0x1100,
  'address-mask-reply': 0x1200,
};

function parsePorts(text: string): Part[] {
  const colon = text.indexOf(':');
  const name = colon < 0 ? 'tcp' : text.slice(0, colon);
  const rest = colon < 0 ? text : text.slice(colon + 1);
  const proto =
    PROTOCOLS[name.toLowerCase()] ??
    (/^\d+$/.test(name) ? Number(name) : syntax(`cannot parse '${name}' as a protocol`));
  if (proto === 1 || proto === 58) {
    const code = ICMP_NAMES[rest];
    if (code !== undefined) return [{ kind: 'port', proto, port: code }];
    if (!/^\d/.test(rest)) throw new IpsetError(`Cannot parse ${rest} as an ICMP type/code.`);
    const [type = '', sub = '0'] = rest.split('/');
    return [{ kind: 'port', proto, port: parseNumber(type, 0, 255) * 256 + parseNumber(sub, 0, 255) }];
  }
  const port = (word: string): number => {
    const named = portByName(word, proto);
    if (named !== null) return named;
    const why = /^\d+$/.test(word)
      ? Number(word) > 65535
        ? `'${word}' is out of range 0-65535`
        : ''
      : `'${word}' is invalid as number`;
    if (why !== '')
      syntax(`${why}\nSyntax error: '${name}' is invalid as number\ncannot parse '${word}' as a ${name} port`);
    return Number(word);
  };
  const dash = rest.indexOf('-');
  if (dash < 0) return [{ kind: 'port', proto, port: port(rest) }];
  let from = port(rest.slice(0, dash));
  let to = port(rest.slice(dash + 1));
  if (from > to) [from, to] = [to, from];
  return Array.from({ length: to - from + 1 }, (_, i) => ({ kind: 'port', proto, port: from + i }));
}

const ORDINAL = ['', 'Second', 'Third'];
const COUNT = ['no', 'one', 'two'];
const SEPARATORS = ['', 'One', 'Two', 'Three'];

/** The elements a word stands for, in the order they are added. Throws {@link IpsetError}. */
export function parseElements(set: IpSet, text: string): Part[][] {
  const { dims } = SET_TYPES.get(set.type) ?? { dims: [] };
  const words = set.type === 'list:set' ? [text] : text.split(',');
  if (words.length > dims.length) {
    const n = words.length - 1;
    if (dims.length === 1) syntax(`Elem separator in ${text}, but settype ${set.type} supports none.`);
    syntax(
      `${SEPARATORS[n] ?? n} elem separators in ${text}, but settype ${set.type} supports ${COUNT[dims.length - 1]}.`,
    );
  }
  const optional = set.type === 'bitmap:ip,mac' ? 1 : dims.length;
  if (words.length < Math.min(optional, dims.length))
    syntax(`${ORDINAL[words.length] ?? ''} element is missing from ${text}.`);
  let all: Part[][] = [[]];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const options = parsePart(set, dims[i] as string, word);
    if (all.length * options.length > MAX_EXPANSION) syntax(`too many elements in ${text}`);
    all = all.flatMap((head) => options.map((part) => [...head, part]));
  }
  return all;
}

function parsePart(set: IpSet, dim: string, word: string): Part[] {
  if (dim === 'ip' || dim === 'net') return parseIps(word, set.family, dim === 'net', set.netmask);
  if (dim === 'port') return parsePorts(word);
  if (dim === 'iface') {
    const phys = word.startsWith('physdev:');
    const name = phys ? word.slice(8) : word;
    if (name.length > 15) syntax(`interface name ${name} is longer than 15 characters`);
    return [{ kind: 'iface', name, phys }];
  }
  if (dim === 'mark') return [{ kind: 'mark', mark: (parseNumber(word, 0, 0xffffffff) & set.markmask) >>> 0 }];
  if (dim === 'mac') {
    if (!/^([0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}$/.test(word)) syntax(`cannot parse '${word}' as ethernet address`);
    return [{ kind: 'mac', mac: word.split(':').reduce((v, part) => v * 256 + Number.parseInt(part, 16), 0) }];
  }
  return [{ kind: 'set', name: word }];
}

const icmpName = (port: number): string =>
  Object.entries(ICMP_NAMES).find(([, code]) => code === port)?.[0] ?? `${port >> 8}/${port & 255}`;

function partText(set: IpSet, part: Part): string {
  switch (part.kind) {
    case 'ip':
      return part.len === bitsOf(part.ip) ? formatIp(part.ip) : `${formatIp(part.ip)}/${part.len}`;
    case 'port':
      if (isBitmap(set)) return String(part.port);
      return `${PROTO_NAMES[part.proto] ?? part.proto}:${part.proto === 1 ? icmpName(part.port) : part.port}`;
    case 'iface':
      return `${part.phys ? 'physdev:' : ''}${part.name}`;
    case 'mac':
      return part.mac === null ? '' : formatMac(part.mac).toUpperCase();
    case 'mark':
      return `0x${part.mark.toString(16).padStart(8, '0')}`;
    case 'set':
      return part.name;
  }
}

/** An element as ipset prints it. */
export const elementText = (set: IpSet, parts: readonly Part[]): string => parts.map((p) => partText(set, p)).join(',');

/** Elements in the order of `ipset -s`. */
export function compareParts(a: readonly Part[], b: readonly Part[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const rank = (p: Part): (Ip | number | string)[] =>
      p.kind === 'ip'
        ? [p.ip, -p.len]
        : p.kind === 'port'
          ? [PORT_ORDER.indexOf(p.proto), p.port]
          : p.kind === 'mac'
            ? [p.mac ?? 0]
            : p.kind === 'mark'
              ? [p.mark]
              : [p.name];
    const x = rank(a[i] as Part);
    const y = rank(b[i] as Part);
    for (let j = 0; j < x.length; j++) {
      const [l, r] = [x[j] as number, y[j] as number];
      if (l !== r) return l < r ? -1 : 1;
    }
  }
  return 0;
}

const PORT_ORDER = [6, 17, 1, 132];

/** Whether an address lies in a network part. */
export const partHolds = (part: Part & { kind: 'ip' }, ip: Ip): boolean =>
  typeof ip === typeof part.ip && network(ip, part.len) === part.ip;
