/** An identifier under its qualifiers: `host 10.0.0.1`, `net 10.0.0.0/8`, `port http`, `ip proto \icmp`. */
import { type Ip, network, parseIp6 } from '../../../addr/ip.ts';
import { parseMac } from '../../../addr/mac.ts';
import { servicePort } from '../../../linux/resolve/services.ts';
import { ETH_ARP, ETH_IP, ETH_IP6 } from '../../../packet/packet.ts';
import { type Cursor, FilterError, syntax } from './cursor.ts';
import { type Expr, or } from './expr.ts';
import type { Token } from './lex.ts';
import { address, type Dir, etherHost, etherType, ipProto, type Layer, masked, ports } from './primitives.ts';

export interface Qualifiers {
  proto: string;
  dir: Dir;
  type: '' | 'host' | 'net' | 'port' | 'portrange' | 'proto' | 'protochain' | 'gateway';
}

export const unqualified: Qualifiers = { proto: '', dir: 'either', type: '' };

const fail = (message: string): never => {
  throw new FilterError(message);
};

/** Reads one identifier and builds the test its qualifiers ask for. */
export function identifier(c: Cursor, q: Qualifiers): Expr {
  const token = c.tokens[c.at++]!;
  if (token.kind === 'word' || token.kind === 'sym' || token.kind === 'end') syntax();
  if (token.kind === 'num' && /^0\d*[89]/.test(token.text)) fail(`number ${token.text} contains non-octal digit`);
  switch (q.type) {
    case 'port':
      return portTest(c, token, q);
    case 'portrange':
      return portrangeTest(c, token, q);
    case 'proto':
    case 'protochain':
      return protoTest(c, token, q);
    case 'net':
      return netTest(c, token, q);
    case 'gateway':
      return fail(token.kind === 'id' ? "'gateway' not supported in this configuration" : "'gateway' requires a name");
    default:
      return hostTest(c, token, q);
  }
}

function layers(q: Qualifiers, family: 4 | 6, kind: 'host' | 'net'): Layer[] {
  const { proto } = q;
  if (family === 6) {
    if (proto !== '' && proto !== 'ip6') fail(`'${proto}' modifier applied to ip6 ${kind}`);
    return ['ip6'];
  }
  if (proto === 'ip6') fail(`'ip6' modifier applied to ip host`);
  if (proto === 'ether') fail('illegal link layer address');
  if (proto === '') return ['ip', 'arp'];
  if (proto === 'ip' || proto === 'arp' || proto === 'rarp') return [proto];
  return fail(`'${proto}' modifier applied to ${kind}`);
}

/** Missing parts of `10` or `10.1` count from the left, as pcap's __pcap_atoin does. Null when a part exceeds 255. */
function partialIp(text: string): { ip: number; len: number } | null {
  const parts = text.split('.').map(Number);
  if (parts.length > 4 || parts.some((n) => n > 255)) return null;
  let ip = 0;
  for (let i = 0; i < 4; i++) ip = ip * 256 + (parts[i] ?? 0);
  return { ip, len: parts.length * 8 };
}

function hostTest(c: Cursor, token: Token, q: Qualifiers): Expr {
  const slash = c.tokens[c.at];
  if (slash?.kind === 'sym' && slash.text === '/') {
    // libpcap looks at the bits before it finds that a host has no mask.
    const len = c.tokens[c.at + 1];
    const given = partialIp(token.text);
    if (token.kind === 'ip4' && given && len?.kind === 'num' && len.value <= 32) {
      if (network(given.ip, len.value) !== given.ip) fail(`non-network bits set in "${token.text}/${len.text}"`);
    }
    fail('Mask syntax for networks only');
  }
  if (token.kind === 'mac') {
    if (q.proto !== 'ether') fail('ethernet address used in non-ether expression');
    if (c.link !== 'EN10MB')
      fail('ethernet addresses supported only on ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel');
    return etherHost(parseMac(token.text.replaceAll('-', ':')) as number, q.dir);
  }
  if (token.kind === 'ip6') {
    const ip = parseIp6(token.text) ?? fail(`invalid ip6 address ${token.text}`);
    return address(c.tags, { ip, len: 128 }, q.dir, layers(q, 6, 'host'));
  }
  if (token.kind === 'id') return namedHost(c, token.text, q);
  if (token.kind === 'num') return address(c.tags, { ip: token.value >>> 0, len: 32 }, q.dir, layers(q, 4, 'host'));
  const base = partialIp(token.text) ?? fail(`invalid IPv4 address '${token.text}'`);
  return address(c.tags, base, q.dir, layers(q, 4, 'host'));
}

/** A number as a network: its bytes move up until the first one is not zero (gen_ncode). */
function numberedNet(value: number): { ip: number; len: number } {
  let ip = value >>> 0;
  let len = 32;
  while (ip !== 0 && ip >>> 24 === 0) {
    ip = (ip << 8) >>> 0;
    len -= 8;
  }
  return { ip, len };
}

function namedHost(c: Cursor, name: string, q: Qualifiers): Expr {
  if (q.proto === 'ether') fail(`unknown ether host '${name}'`);
  const found = c.addresses(name);
  if (found.length === 0) return fail(`unknown host '${name}'`);
  return found
    .map((ip) =>
      address(
        c.tags,
        { ip, len: typeof ip === 'bigint' ? 128 : 32 },
        q.dir,
        layers(q, typeof ip === 'bigint' ? 6 : 4, 'host'),
      ),
    )
    .reduce(or);
}

function netTest(c: Cursor, token: Token, q: Qualifiers): Expr {
  if (token.kind === 'id') return fail(`unknown network '${token.text}'`);
  if (token.kind === 'mac') return fail('ethernet address used in non-ether expression');
  if (token.kind === 'ip6') {
    const ip = parseIp6(token.text) ?? fail(`invalid ip6 address ${token.text}`);
    return prefixed(c, token.text, ip, 128, layers(q, 6, 'net'), q.dir);
  }
  // A bare number takes neither mask nor length in the grammar: `net 10/8` is a syntax error.
  if (token.kind === 'num') return address(c.tags, numberedNet(token.value), q.dir, layers(q, 4, 'net'));
  const base = partialIp(token.text) ?? fail(`invalid IPv4 address '${token.text}'`);
  const next = c.tokens[c.at];
  if (next?.kind === 'word' && next.text === 'mask') {
    c.at++;
    const maskToken = c.tokens[c.at++]!;
    if (maskToken.kind !== 'ip4') syntax();
    const mask = partialIp(maskToken.text) ?? fail(`invalid IPv4 address '${maskToken.text}'`);
    if ((base.ip & ~mask.ip) !== 0) fail(`non-network bits set in "${token.text} mask ${maskToken.text}"`);
    return masked(c.tags, base.ip, mask.ip, q.dir, layers(q, 4, 'net'));
  }
  return prefixed(c, token.text, base.ip, base.len, layers(q, 4, 'net'), q.dir);
}

function prefixed(c: Cursor, text: string, ip: Ip, whole: number, where: Layer[], dir: Dir): Expr {
  let len = whole;
  if (c.tokens[c.at]?.kind === 'sym' && c.tokens[c.at]!.text === '/') {
    c.at++;
    const token = c.tokens[c.at++]!;
    if (token.kind !== 'num') syntax();
    len = token.value;
    const most = typeof ip === 'bigint' ? 128 : 32;
    if (len > most) fail(`mask length must be <= ${most}`);
    if (network(ip, len) !== ip) fail(`non-network bits set in "${text}/${len}"`);
  }
  return address(c.tags, { ip, len }, dir, where);
}

const PORT_PROTOS: Record<string, number> = { tcp: 6, udp: 17, sctp: 132 };
const allProtos = [6, 17, 132];

function portTest(c: Cursor, token: Token, q: Qualifiers): Expr {
  if (token.kind === 'ip4' || token.kind === 'ip6') fail(`'port' modifier applied to ip host`);
  const only = portProtos(q, 'port');
  if (token.kind === 'num') return ports(c.tags, checkPort(token.value), token.value, q.dir, only);
  const found = servicePort(token.text) ?? fail(`unknown port '${token.text}'`);
  const known = found.protos.map((proto) => PORT_PROTOS[proto] as number);
  if (q.proto !== '' && !known.includes(only[0] as number)) fail(`port '${token.text}' is ${found.protos[0]}`);
  return ports(c.tags, found.port, found.port, q.dir, q.proto === '' ? (known.length > 1 ? allProtos : known) : only);
}

function portProtos(q: Qualifiers, kind: string): number[] {
  if (q.proto === '') return allProtos;
  const proto = PORT_PROTOS[q.proto];
  return proto === undefined ? fail(`illegal qualifier of '${kind}'`) : [proto];
}

const checkPort = (port: number): number => (port > 65535 ? fail(`illegal port number ${port} > 65535`) : port);

function portrangeTest(c: Cursor, token: Token, q: Qualifiers): Expr {
  const protos = portProtos(q, 'portrange');
  if (token.kind === 'num') return ports(c.tags, checkPort(token.value), token.value, q.dir, protos);
  const dash = token.text.indexOf('-');
  const end = (text: string): number => {
    if (/^\d+$/.test(text)) return checkPort(Number(text));
    return servicePort(text)?.port ?? fail(`unknown port in range '${token.text}'`);
  };
  if (dash < 0) return fail(`unknown port in range '${token.text}'`);
  const a = end(token.text.slice(0, dash));
  const b = end(token.text.slice(dash + 1));
  return ports(c.tags, Math.min(a, b), Math.max(a, b), q.dir, protos);
}

const ETHER_PROTOS: Record<string, number> = {
  ip: ETH_IP,
  ip6: ETH_IP6,
  arp: ETH_ARP,
  rarp: 0x8035,
  aarp: 0x80f3,
  decnet: 0x6003,
  lat: 0x6004,
  loopback: 0x9000,
};
/** /etc/protocols. */
const PROTO_NAMES: Record<string, number> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  esp: 50,
  ah: 51,
  pim: 103,
  sctp: 132,
  ip: 0,
  ipencap: 4,
  st: 5,
  egp: 8,
  igp: 9,
  gre: 47,
  'ipv6-icmp': 58,
  ospf: 89,
  ipip: 94,
  encap: 98,
  l2tp: 115,
  ipv6: 41,
  udplite: 136,
  dccp: 33,
  eigrp: 88,
  rsvp: 46,
  isis: 124,
  vrrp: 112,
};

function protoTest(c: Cursor, token: Token, q: Qualifiers): Expr {
  if (token.kind === 'ip4' || token.kind === 'ip6') fail(`'proto' modifier applied to ip host`);
  if (q.proto === 'ether') {
    const type = token.kind === 'num' ? token.value : ETHER_PROTOS[token.text];
    return etherType(c.tags, type ?? fail(`unknown ether proto '${token.text}'`));
  }
  if (q.proto === 'arp' || q.proto === 'rarp') fail(`${q.proto} does not encapsulate another protocol`);
  if (!['', 'ip', 'ip6'].includes(q.proto)) fail(`'${q.proto} proto' is bogus`);
  const named = Object.hasOwn(PROTO_NAMES, token.text) ? PROTO_NAMES[token.text] : undefined;
  const number = token.kind === 'num' ? token.value : named;
  if (number === undefined) return fail(`unknown ip proto '${token.text}'`);
  return ipProto(c.tags, number, q.proto === 'ip' ? [4] : q.proto === 'ip6' ? [6] : [4, 6]);
}
