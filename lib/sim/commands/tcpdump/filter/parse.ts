/**
 * Parses capture filters: the grammar of libpcap 1.10 (pcap-filter(7)). `and` and `or` have equal precedence and
 * associate left, `not` binds tighter, an identifier without qualifiers takes those of the one before.
 */
import type { Ip } from '../../../addr/ip.ts';
import { ETH_ARP, ETH_IP, ETH_IP6 } from '../../../packet/packet.ts';
import { LINK_NAMES } from '../devices.ts';
import { parseArith, startsRelation } from './arith.ts';
import { type Cursor, FilterError, syntax } from './cursor.ts';
import { and, type Expr, not, or, rejectsAll } from './expr.ts';
import { etherTypeOf, type Frame, type LinkType, load, networkOffset, tagOf } from './frame.ts';
import { identifier, type Qualifiers, unqualified } from './identifier.ts';
import { lexFilter } from './lex.ts';
import { type Dir, etherHost, etherType, IP_PROTOS, ipProto, opaque, ports } from './primitives.ts';

export type { Frame } from './frame.ts';

export type FilterResult = { ok: true; test: Expr['test'] } | { ok: false; error: string };

const MAX_DEPTH = 60;
/** LLC service access points and EtherTypes that stand alone. */
const ETHER_NAMES: Record<string, number> = {
  ip: ETH_IP,
  ip6: ETH_IP6,
  arp: ETH_ARP,
  rarp: 0x8035,
  aarp: 0x80f3,
  atalk: 0x809b,
  decnet: 0x6003,
  lat: 0x6004,
  stp: 0x42,
  ipx: 0xe0,
  netbeui: 0xf0,
  iso: 0xfe,
};

const PROTOCOLS = ['ether', ...Object.keys(ETHER_NAMES), ...Object.keys(IP_PROTOS)];
const ADDRESS_QUALIFIERS = ['host', 'net', 'port', 'portrange'];

/** What a filter is compiled for. */
export interface FilterContext {
  addresses: (name: string) => Ip[];
  link: LinkType;
  live: boolean;
  netmask: number;
}

const DEFAULTS: FilterContext = { addresses: () => [], link: 'EN10MB', live: true, netmask: 0 };

/** Compiles `source`; `addresses` knows the host names (see {@link filterNames}). Errors are pcap's own words. */
export function parseFilter(source: string, given: Partial<FilterContext> = {}): FilterResult {
  const tokens = lexFilter(source);
  if (!tokens) return { ok: false, error: SYNTAX };
  if (tokens.length === 1) return { ok: true, test: () => true };
  try {
    const cursor: Cursor = { ...DEFAULTS, ...given, tokens, at: 0, depth: 0, tags: 0 };
    const expr = parseExpr(cursor, unqualified);
    if (cursor.tokens[cursor.at]?.kind !== 'end') syntax();
    if (rejectsAll(expr.expr)) return { ok: false, error: 'expression rejects all packets' };
    return { ok: true, test: (frame) => expr.expr.test(frame) && !frame.overrun };
  } catch (error) {
    if (error instanceof FilterError) return { ok: false, error: error.message };
    throw error;
  }
}

const SYNTAX = "can't parse filter expression: syntax error";

/** Host names a filter mentions, to be resolved before {@link parseFilter}. Empty when its syntax is wrong. */
export function filterNames(source: string): string[] {
  const asked: string[] = [];
  const addresses = (name: string): Ip[] => {
    asked.push(name);
    return [0];
  };
  parseFilter(source, { addresses });
  return asked;
}

interface Parsed {
  expr: Expr;
  q: Qualifiers;
}

function parseExpr(c: Cursor, inherited: Qualifiers): Parsed {
  let left = parseTerm(c, inherited, false);
  for (;;) {
    const word = c.tokens[c.at];
    if (word?.kind !== 'word' || (word.text !== 'and' && word.text !== 'or')) return left;
    c.at++;
    const right = parseTerm(c, left.q, true);
    left = { expr: (word.text === 'and' ? and : or)(left.expr, right.expr), q: right.q };
  }
}

function parseTerm(c: Cursor, inherited: Qualifiers, bare: boolean): Parsed {
  const token = c.tokens[c.at]!;
  if (token.kind === 'word' && token.text === 'not') {
    c.at++;
    if (++c.depth > MAX_DEPTH) syntax();
    const inner = parseTerm(c, inherited, bare);
    c.depth--;
    return { expr: not(inner.expr), q: inner.q };
  }
  if (startsRelation(c)) return { expr: parseArith(c), q: unqualified };
  if (token.kind === 'sym' && token.text === '(') {
    c.at++;
    if (++c.depth > MAX_DEPTH) syntax();
    const inner = parseExprOrIds(c, inherited, bare);
    c.depth--;
    if (c.tokens[c.at]?.text !== ')') syntax();
    c.at++;
    return inner;
  }
  if (token.kind !== 'word') {
    if (!bare || inherited.type === '') syntax();
    return { expr: identifier(c, inherited), q: inherited };
  }
  return primitive(c);
}

/** Inside parentheses after a qualifier, identifiers may stand alone: `port (80 or 443)`. */
const parseExprOrIds = (c: Cursor, inherited: Qualifiers, bare: boolean): Parsed => {
  let left = parseTerm(c, inherited, bare);
  for (;;) {
    const word = c.tokens[c.at];
    if (word?.kind !== 'word' || (word.text !== 'and' && word.text !== 'or')) return left;
    c.at++;
    const right = parseTerm(c, left.q, true);
    left = { expr: (word.text === 'and' ? and : or)(left.expr, right.expr), q: right.q };
  }
};

const wordAt = (c: Cursor, at = c.at): string => (c.tokens[at]?.kind === 'word' ? c.tokens[at]!.text : '');

/** Qualifiers and what they qualify, or one of the primitives that stand alone. */
function primitive(c: Cursor): Parsed {
  const alone = standalone(c);
  if (alone) return { expr: alone, q: unqualified };
  const q: Qualifiers = { proto: '', dir: 'either', type: '' };
  let qualified = false;
  if (PROTOCOLS.includes(wordAt(c))) {
    q.proto = wordAt(c);
    c.at++;
    if (['broadcast', 'multicast'].includes(wordAt(c))) return { expr: cast(c, q.proto), q };
  }
  const dir = direction(c);
  if (dir) {
    q.dir = dir;
    q.type = 'host';
    qualified = true;
  }
  const type = wordAt(c);
  if (
    ADDRESS_QUALIFIERS.includes(type) ||
    (!dir && (type === 'proto' || type === 'protochain' || type === 'gateway'))
  ) {
    c.at++;
    q.type = type as Qualifiers['type'];
    qualified = true;
  }
  if (qualified) return { expr: identifierList(c, q), q };
  if (q.proto === '') syntax();
  return { expr: protocol(c, q.proto), q };
}

function identifierList(c: Cursor, q: Qualifiers): Expr {
  const token = c.tokens[c.at]!;
  if (token.kind === 'sym' && token.text === '(') return parseTerm(c, q, true).expr;
  if (token.kind === 'word' && token.text === 'not') return parseTerm(c, q, true).expr;
  return identifier(c, q);
}

function direction(c: Cursor): Dir | null {
  const first = wordAt(c);
  if (first !== 'src' && first !== 'dst') return null;
  const joint = wordAt(c, c.at + 1);
  const second = wordAt(c, c.at + 2);
  if ((joint === 'or' || joint === 'and') && (second === 'src' || second === 'dst') && second !== first) {
    c.at += 3;
    return joint === 'or' ? 'either' : 'both';
  }
  c.at++;
  return first;
}

function protocol(c: Cursor, name: string): Expr {
  if (ETHER_NAMES[name] !== undefined) return etherType(c.tags, ETHER_NAMES[name]);
  if (name === 'ether') return syntax();
  const number = IP_PROTOS[name] as number;
  if (name === 'icmp6') return ipProto(c.tags, number, [6]);
  return ipProto(c.tags, number, ['icmp', 'igmp', 'igrp', 'vrrp', 'carp'].includes(name) ? [4] : [4, 6]);
}

function cast(c: Cursor, proto: string): Expr {
  const word = wordAt(c);
  const { tags, netmask } = c;
  c.at++;
  if (proto !== '' && proto !== 'ether' && proto !== 'ip' && !(proto === 'ip6' && word === 'multicast')) {
    throw new FilterError(
      `only link-layer/${word === 'multicast' ? 'IP multicast' : 'IP broadcast'} filters supported`,
    );
  }
  const dst = (f: Frame, type: number, at: number, size: 1 | 4) =>
    etherTypeOf(f, tags) === type ? load(f, networkOffset(f, tags) + at, size) : null;
  if (proto === 'ip6') return opaque((f) => dst(f, ETH_IP6, 24, 1) === 0xff);
  if (proto === 'ip' && word === 'multicast') return opaque((f) => (dst(f, ETH_IP, 16, 1) ?? 0) >= 224);
  if (proto === 'ip') {
    const host = ~netmask >>> 0;
    return opaque((f) => {
      const there = dst(f, ETH_IP, 16, 4);
      if (there === null) return false;
      const part = (there & host) >>> 0;
      return part === 0 || part === host;
    });
  }
  if (c.link !== 'EN10MB')
    throw new FilterError(
      word === 'broadcast'
        ? 'not a broadcast link'
        : 'link-layer multicast filters supported only on ethernet/FDDI/token ring/ARCNET/802.11/ATM LANE/Fibre Channel',
    );
  if (word === 'broadcast') return etherHost(0xffffffffffff, 'dst');
  return opaque((f) => ((load(f, 0, 1) ?? 0) & 1) === 1);
}

const PF_WORDS: Record<string, string> = { on: 'ifname', rset: 'ruleset', srnr: 'srnr' };

/** less, greater, inbound, outbound, ifindex, vlan, broadcast, multicast. Null when the next word is none of them. */
function standalone(c: Cursor): Expr | null {
  const word = wordAt(c);
  const number = (): number => {
    const token = c.tokens[c.at++]!;
    return token.kind === 'num' ? token.value : syntax();
  };
  switch (word) {
    case 'broadcast':
    case 'multicast':
      return cast(c, '');
    case 'less':
    case 'greater': {
      c.at++;
      const limit = number();
      return opaque((f) => (word === 'less' ? f.length <= limit : f.length >= limit));
    }
    case 'inbound':
    case 'outbound':
      c.at++;
      if (!c.live)
        throw new FilterError(`inbound/outbound not supported on ${LINK_NAMES[c.link]} when reading savefiles`);
      return opaque((f) => (f.dir === 'out') === (word === 'outbound'));
    case 'ifindex': {
      c.at++;
      const index = number();
      if (!c.live && c.link !== 'LINUX_SLL2')
        throw new FilterError(`ifindex not supported on ${LINK_NAMES[c.link]} when reading savefiles`);
      return opaque((f) => (f.ifindex ?? load(f, 4, 4)) === index);
    }
    case 'vlan': {
      c.at++;
      const vid = c.tokens[c.at]?.kind === 'num' ? number() : null;
      if (vid !== null && vid > 4095) throw new FilterError(`VLAN tag ${vid} greater than maximum 4095`);
      if (c.link !== 'EN10MB') throw new FilterError(`no VLAN support for ${LINK_NAMES[c.link]}`);
      const index = c.tags++;
      return opaque((f) => {
        const tag = tagOf(f, index);
        return tag !== null && (vid === null || (tag & 0xfff) === vid);
      });
    }
    case 'mpls':
    case 'pppoed':
    case 'pppoes': {
      c.at++;
      const label = c.tokens[c.at]?.kind === 'num' ? number() : null;
      if (word === 'pppoed') return etherType(c.tags, 0x8863);
      if (label === null) return etherType(c.tags, word === 'mpls' ? 0x8847 : 0x8864);
      throw new FilterError(`flatnet: not modelled: ${word} with a number`);
    }
    case 'geneve': {
      c.at++;
      const vni = c.tokens[c.at]?.kind === 'num' ? number() : null;
      const port = ports(c.tags, 6081, 6081, 'dst', [17]);
      const { tags } = c;
      // What follows `geneve` looks inside the tunnel, which is not modelled.
      if (c.tokens[c.at]?.kind !== 'end') throw new FilterError('flatnet: not modelled: tests after geneve');
      const within = (f: Frame) => {
        const head = networkOffset(f, tags) + ((load(f, networkOffset(f, tags), 1) ?? 0) & 15) * 4 + 8;
        return vni === null ? (load(f, head, 1) ?? 255) >> 6 === 0 : (load(f, head + 4, 4) ?? 0) >>> 8 === vni;
      };
      return opaque((f) => port.test(f) && within(f));
    }
    case 'llc': {
      c.at++;
      const kind = /^[isu]$/.test(c.tokens[c.at]?.text ?? '') ? c.tokens[c.at++]!.text : '';
      const { tags } = c;
      return opaque((f) => {
        if ((etherTypeOf(f, tags) ?? 0xffff) > 1500) return false;
        const control = load(f, networkOffset(f, tags) + 2, 1) ?? 0;
        return (
          kind === '' || (kind === 'u' ? (control & 3) === 3 : kind === 's' ? (control & 3) === 1 : !(control & 1))
        );
      });
    }
    case 'type':
    case 'subtype':
      throw new FilterError('802.11 link-layer types supported only on 802.11');
    case 'on':
    case 'rset':
    case 'rnr':
    case 'srnr':
    case 'reason':
    case 'action':
      throw new FilterError(`${PF_WORDS[word] ?? word} supported only on PF linktype`);
    default:
      return null;
  }
}
