/** Expressions and sets in place, as nft's grammar has them. */

import { bitsOf, type Ip, maskOf, network } from '../../addr/ip.ts';
import type {
  NftElem,
  NftExpr,
  NftField,
  NftRange,
  NftScalar,
  NftSetRef,
  NftVerdict,
} from '../../linux/netfilter/nft/types.ts';
import type { Span } from './lexer.ts';
import { type Cursor, seconds, Unmodelled } from './parser.ts';
import { parseValue } from './types.ts';

const FIELD_TYPES: Record<string, string> = {
  'ip saddr': 'ipv4_addr',
  'ip daddr': 'ipv4_addr',
  'ip protocol': 'inet_proto',
  'ip ttl': 'integer',
  'ip length': 'integer',
  'ip6 saddr': 'ipv6_addr',
  'ip6 daddr': 'ipv6_addr',
  'ip6 hoplimit': 'integer',
  'tcp sport': 'inet_service',
  'tcp dport': 'inet_service',
  'tcp flags': 'tcp_flag',
  'udp sport': 'inet_service',
  'udp dport': 'inet_service',
  'th sport': 'inet_service',
  'th dport': 'inet_service',
  'icmp type': 'icmp_type',
  'icmp code': 'icmp_code',
  'icmpv6 type': 'icmpv6_type',
  'meta mark': 'mark',
  'meta l4proto': 'inet_proto',
  'meta nfproto': 'nf_proto',
  'meta length': 'integer',
  'ct state': 'ct_state',
  'ct status': 'ct_status',
  'ct mark': 'mark',
  'ct direction': 'ct_dir',
};
const DEVICES: Record<string, string> = {
  iifname: 'ifname',
  oifname: 'ifname',
  iif: 'iface_index',
  oif: 'iface_index',
};
const HEADS = ['ip', 'ip6', 'tcp', 'udp', 'th', 'icmp', 'icmpv6', 'meta', 'ct'];
const L4 = ['tcp', 'udp', 'icmp', 'icmpv6'];

/** What the rule has said about its packets so far: two protocols at once are an error. */
export interface Context {
  l3: string | null;
  l4: string | null;
}

export const typesOf = (e: NftExpr): string[] =>
  e.kind === 'field'
    ? [e.field.type]
    : e.kind === 'value'
      ? [e.type]
      : e.kind === 'numgen'
        ? ['integer']
        : e.kind === 'bin'
          ? typesOf(e.left)
          : e.kind === 'concat'
            ? e.parts.flatMap(typesOf)
            : [];

function note(c: Cursor, ctx: Context, head: string, span: Span): void {
  const clash = (a: string, b: string) => c.defer(`conflicting protocols specified: ${a} vs. ${b}`, span);
  if (head === 'ip' || head === 'ip6') {
    const has = ctx.l3 ?? (c.family === 'ip' || c.family === 'ip6' ? c.family : null);
    if (has && has !== head) clash(has, head);
    ctx.l3 = head;
  } else if (L4.includes(head)) {
    if (ctx.l4 && ctx.l4 !== head) clash(ctx.l4, head);
    ctx.l4 = head;
  }
}

function field(c: Cursor, ctx: Context): NftField | null {
  const start = c.token.start;
  const { text, kind } = c.token;
  if (kind !== 'word') return null;
  if (DEVICES[text]) {
    c.next();
    return { name: text, type: DEVICES[text] as string };
  }
  if (text === 'mark') {
    c.next();
    return { name: 'meta mark', type: 'mark' };
  }
  if (text === 'fib') {
    const words = [];
    for (let i = 0; i < 8 && !c.atEnd; i++) {
      words.push(c.next().text);
      if (words[words.length - 1] === 'type') break;
    }
    const name = words.join(' ');
    if (!/^fib [sd]addr (?:\. iif )?type$/.test(name)) throw new Unmodelled(name);
    return { name, type: 'fib_addrtype' };
  }
  if (!HEADS.includes(text)) return null;
  c.next();
  const key = c.token.text;
  if (c.token.kind !== 'word') c.unexpected();
  if (text === 'meta' && DEVICES[key]) {
    c.next();
    return { name: key, type: DEVICES[key] as string };
  }
  const name = `${text} ${key}`;
  const type = FIELD_TYPES[name];
  if (!type) {
    if (text === 'tcp' && !KNOWN_TCP.includes(key)) c.unexpected();
    throw new Unmodelled(`nft ${name}`);
  }
  c.next();
  const span = { start, end: c.last.end };
  note(c, ctx, text, span);
  if (name === 'meta nfproto' && c.family !== 'inet') throw new Unmodelled('meta nfproto in this family');
  return { name, type };
}

const KNOWN_TCP = ['sequence', 'ackseq', 'doff', 'reserved', 'window', 'checksum', 'urgptr', 'option'];

const BIN: Record<string, '&' | '|' | '^'> = { '&': '&', and: '&', '|': '|', or: '|', '^': '^', xor: '^' };

function bitsValue(c: Cursor, type: string): number {
  const closed = c.eat('(');
  let bits = 0;
  do {
    const t = c.next();
    const v = parseValue(t.text, false, type, c.ns);
    if (!('value' in v) || typeof v.value !== 'number') throw new Unmodelled(`nft: the value ${t.text}`);
    bits |= v.value;
  } while ((closed || type === 'tcp_flag') && (c.eat('|') || c.eat(',')));
  if (closed) c.expect(')');
  return bits >>> 0;
}

export { bitsValue };

/** One selector with bit operations behind it; null when no selector stands here. */
function term(c: Cursor, ctx: Context): NftExpr | null {
  if (c.is('numgen')) {
    c.next();
    const mode = c.next().text;
    if (mode !== 'inc' && mode !== 'random') throw new Unmodelled('this numgen');
    c.expect('mod');
    const mod = c.number();
    const offset = c.eat('offset') ? c.number() : 0;
    if (mod < 1) throw new Unmodelled('numgen mod 0');
    return { kind: 'numgen', mode, mod, offset, next: mod - 1 };
  }
  const f = field(c, ctx);
  if (!f) return null;
  let e: NftExpr = { kind: 'field', field: f };
  for (let op = BIN[c.token.text]; op; op = BIN[c.token.text]) {
    c.next();
    e = { kind: 'bin', op, left: e, right: bitsValue(c, f.type) };
  }
  return e;
}

/** A selector, or a concatenation of them. */
export function selector(c: Cursor, ctx: Context): NftExpr | null {
  const first = term(c, ctx);
  if (!first || !c.is('.')) return first;
  const parts = [first];
  while (c.eat('.')) {
    const more = term(c, ctx);
    if (!more) c.unexpected();
    parts.push(more as NftExpr);
  }
  return { kind: 'concat', parts };
}

export function verdict(c: Cursor): NftVerdict | null {
  const code = c.token.text;
  if (c.token.kind !== 'word') return null;
  if (code === 'jump' || code === 'goto') {
    c.next();
    return { code, chain: c.word().text };
  }
  if (code !== 'accept' && code !== 'drop' && code !== 'return' && code !== 'continue') return null;
  c.next();
  return { code };
}

/** A single value of a type. */
export function scalar(c: Cursor, type: string): NftScalar {
  const t = c.token;
  const quoted = t.kind === 'quoted';
  if (t.kind !== 'word' && t.kind !== 'number' && !quoted) c.unexpected();
  c.next();
  const parsed = parseValue(quoted ? t.text.replace(/"/g, '') : t.text, quoted, type, c.ns);
  if ('unknown' in parsed) throw new Unmodelled(`nft: the value ${t.text} as ${type}`);
  if ('error' in parsed) {
    c.defer(parsed.error, t);
    return 0;
  }
  return parsed.value;
}

/** A value, `A-B`, or `ADDRESS/LEN`. */
export function range(c: Cursor, type: string): NftRange {
  const lo = scalar(c, type);
  if (c.is('/') && typeof lo !== 'string') {
    c.next();
    const len = c.number();
    if (len > bitsOf(lo as Ip)) throw new Unmodelled('this prefix length');
    const base = network(lo, len);
    const mask = maskOf(typeof lo === 'bigint' ? 6 : 4, len);
    const hi =
      typeof base === 'bigint' ? base | (~(mask as bigint) & ((1n << 128n) - 1n)) : (base | ~(mask as number)) >>> 0;
    return { lo: base, hi };
  }
  if (!c.eat('-')) return { lo, hi: lo };
  const hi = scalar(c, type);
  if (hi < lo) throw new Unmodelled('a range with its ends exchanged');
  return { lo, hi };
}

/** The key of an element. */
export function elementKey(c: Cursor, types: readonly string[]): NftRange[] {
  return types.map((type, i) => {
    if (i > 0) c.expect('.');
    return range(c, type);
  });
}

export interface PlacedElem extends NftElem {
  span: Span;
}

/** `{ KEY [options] [: DATA], … }`. `data` is null for sets. */
export function elements(
  c: Cursor,
  types: readonly string[],
  data: readonly string[] | null,
  keysOnly = false,
): PlacedElem[] {
  c.expect('{');
  const found: PlacedElem[] = [];
  for (;;) {
    c.skipNewlines();
    if (c.eat('}')) break;
    const start = c.token.start;
    const elem: PlacedElem = { key: elementKey(c, types), span: { start, end: c.last.end } };
    for (;;) {
      if (c.eat('comment')) elem.comment = c.quoted();
      else if (c.is('timeout') || c.is('expires')) {
        const word = c.next().text;
        const n = seconds(c.next().text);
        if (n === null || word === 'expires') throw new Unmodelled(`nft: element ${word}`);
        elem.timeout = n;
      } else break;
    }
    elem.span.end = c.last.end;
    if (data && c.eat(':')) {
      if (data[0] === 'verdict') {
        const v = verdict(c);
        if (!v) c.unexpected();
        elem.data = v as NftVerdict;
      } else {
        elem.data = data.map((type, i) => {
          if (i > 0) c.expect('.');
          return scalar(c, type);
        });
      }
    } else if (data && !keysOnly) throw new Unmodelled('nft: a map element without data');
    found.push(elem);
    c.skipNewlines();
    if (!c.is('}') && !c.eat(',')) c.unexpected();
  }
  if (found.length === 0) throw new Unmodelled('nft: an empty set in place');
  return found;
}

const order = (a: NftElem, b: NftElem): number => {
  for (let i = 0; i < a.key.length; i++) {
    const x = a.key[i]?.lo ?? 0;
    const y = b.key[i]?.lo ?? 0;
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
};
/** Elements in the order in which nft lists them. */
export const sortElems = (elems: readonly NftElem[]): NftElem[] => [...elems].sort(order);

/** `@name` or a set in place. The type of a named one is checked when the rule is loaded. */
export function setRef(c: Cursor, types: string[], data: readonly string[] | null, refs: Map<string, Span>): NftSetRef {
  const start = c.token.start;
  if (c.eat('@')) {
    const name = c.word().text;
    refs.set(name, { start, end: c.last.end });
    return { name };
  }
  const elems = elements(c, types, data).map(({ span: _span, ...e }) => e);
  const key = (e: NftElem) => e.key.map((r) => `${r.lo}-${r.hi}`).join('.');
  if (new Set(elems.map(key)).size < elems.length) throw new Unmodelled('nft: the same element twice');
  return { types, elems: sortElems(elems) };
}
