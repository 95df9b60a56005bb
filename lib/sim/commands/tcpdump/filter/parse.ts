/**
 * Parses capture filters: the grammar of libpcap 1.10 (pcap-filter(7)). `and` and `or` have equal precedence and
 * associate left, `not` binds tighter, an identifier without qualifiers takes those of the one before.
 */
import type { Ip } from '../../../addr/ip.ts';
import { ETH_ARP, ETH_IP, ETH_IP6, frameLength } from '../../../packet/packet.ts';
import { parseArith, startsRelation } from './arith.ts';
import { type Cursor, FilterError, syntax } from './cursor.ts';
import { and, type Expr, not, or, rejectsAll } from './expr.ts';
import { identifier, type Qualifiers, unqualified } from './identifier.ts';
import { lexFilter } from './lex.ts';
import { type Dir, etherHost, etherType, IP_PROTOS, ipProto, opaque } from './primitives.ts';

export type { Frame } from './expr.ts';

export type FilterResult = { ok: true; test: Expr['test'] } | { ok: false; error: string };

const MAX_DEPTH = 60;
const PROTOCOLS = ['ether', 'ip', 'ip6', 'arp', 'rarp', ...Object.keys(IP_PROTOS)];
const ADDRESS_QUALIFIERS = ['host', 'net', 'port', 'portrange'];

/** Compiles `source`; `addresses` knows the host names (see {@link filterNames}). Errors are pcap's own words. */
export function parseFilter(source: string, addresses: (name: string) => Ip[] = () => []): FilterResult {
  const tokens = lexFilter(source);
  if (!tokens) return { ok: false, error: SYNTAX };
  if (tokens.length === 1) return { ok: true, test: () => true };
  try {
    const cursor: Cursor = { tokens, at: 0, addresses, depth: 0, vlan: false };
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
  parseFilter(source, (name) => {
    asked.push(name);
    return [0];
  });
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
  return { expr: protocol(q.proto), q };
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

function protocol(name: string): Expr {
  if (name === 'ip') return etherType(ETH_IP);
  if (name === 'ip6') return etherType(ETH_IP6);
  if (name === 'arp') return etherType(ETH_ARP);
  if (name === 'rarp') return etherType(0x8035);
  if (name === 'ether') return syntax();
  const number = IP_PROTOS[name] as number;
  if (name === 'icmp6') return ipProto(number, [6]);
  return ipProto(number, ['icmp', 'igmp', 'igrp', 'vrrp', 'carp'].includes(name) ? [4] : [4, 6]);
}

function cast(c: Cursor, proto: string): Expr {
  const word = wordAt(c);
  c.at++;
  if (proto !== '' && proto !== 'ether' && proto !== 'ip' && !(proto === 'ip6' && word === 'multicast')) {
    throw new FilterError('only link-layer/IP broadcast filters supported');
  }
  if (proto === 'ip6') return opaque(({ packet: p }) => typeof p.ip?.dst === 'bigint' && p.ip.dst >> 120n === 0xffn);
  if (proto === 'ip' && word === 'multicast') {
    return opaque(({ packet: p }) => typeof p.ip?.dst === 'number' && p.ip.dst >>> 24 >= 224);
  }
  if (proto === 'ip') return opaque(({ packet: p }) => p.ip?.dst === 0xffffffff || p.ip?.dst === 0);
  if (word === 'broadcast') return etherHost(0xffffffffffff, 'dst');
  return opaque(({ packet: { eth } }) => eth !== undefined && Math.floor(eth.dst / 2 ** 40) % 2 === 1);
}

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
      return opaque((f) => (word === 'less' ? frameLength(f.packet) <= limit : frameLength(f.packet) >= limit));
    }
    case 'inbound':
    case 'outbound':
      c.at++;
      return opaque((f) => (f.dir === 'out') === (word === 'outbound'));
    case 'ifindex': {
      c.at++;
      const index = number();
      return opaque((f) => f.ifindex === index);
    }
    case 'vlan': {
      c.at++;
      const vid = c.tokens[c.at]?.kind === 'num' ? number() : null;
      if (vid !== null && vid > 4095) throw new FilterError(`VLAN tag ${vid} greater than maximum 4095`);
      const nested = c.vlan;
      c.vlan = true;
      return opaque(({ packet: { eth } }) => {
        if (nested || eth?.vlan === undefined) return false;
        return vid === null || (eth.vlan & 0xfff) === vid;
      });
    }
    case 'mpls':
    case 'pppoed':
    case 'pppoes':
    case 'geneve':
      c.at++;
      return opaque(() => false);
    default:
      return null;
  }
}
