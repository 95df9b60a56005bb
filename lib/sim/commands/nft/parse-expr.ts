/** Expressions as nft's grammar has them. */
import type { Base } from '../../linux/netfilter/nft/headers.ts';
import type { BinOp, Raw, RawElem } from './ast.ts';
import { type Cursor, numberOf, unquote } from './cursor.ts';
import { isKeyword } from './keywords.ts';
import { nearest } from './missing.ts';
import { parseElementStmts } from './parse-state.ts';
import { parseSelector } from './selectors.ts';
import { parseTime } from './time.ts';

const BASES: Readonly<Record<string, Base>> = { ll: 'll', nh: 'nh', th: 'th', ih: 'ih' };

/** `@BASE,OFFSET,LENGTH`, or `@NAME`. */
function at(c: Cursor): Raw {
  const start = c.next().start;
  if (c.token.kind !== 'word') c.unexpected();
  if (c.isKeyword && !BASES[c.token.text]) c.unexpected('string');
  const name = c.next();
  if (BASES[name.text] && BASES[name.text] !== 'ih' && !c.is(',')) c.unexpected('comma');
  if (BASES[name.text] && BASES[name.text] !== 'ih' && c.peek().kind !== 'number') {
    c.next();
    c.unexpected('number');
  }
  if (!c.is(',') || c.peek().kind !== 'number') {
    return { k: 'ref', name: name.text, nameSpan: name, span: c.since(start) };
  }
  if (!BASES[name.text]) c.fail('unknown raw payload base', name);
  c.next();
  const off = c.number();
  c.expect(',', 'comma');
  const bits = c.number('number');
  return { k: 'raw', base: BASES[name.text] as Base, off, bits, span: c.since(start) };
}

function generator(c: Cursor): Raw | null {
  const { start, text } = c.token;
  if (text === 'numgen') {
    c.next();
    return c.scoped('numgen', () => {
      if (!c.oneOf('inc', 'random')) c.unexpected('random or inc');
      const mode = c.next().text as 'inc' | 'random';
      c.expect('mod', 'mod');
      const mod = c.number('number');
      const offset = c.eat('offset') ? c.number('number') : 0;
      return { k: 'numgen', mode, mod, offset, span: c.since(start) };
    });
  }
  if (text !== 'jhash' && text !== 'symhash') return null;
  c.next();
  return c.scoped('hash', () => {
    const of = text === 'jhash' ? parseConcat(c) : null;
    c.expect('mod', 'mod');
    const mod = c.number('number');
    const seed = of && c.eat('seed') ? c.number('number') : null;
    const offset = c.eat('offset') ? c.number('number') : 0;
    return { k: 'hash', of, mod, seed, offset, span: c.since(start) };
  });
}

/** `$NAME`. */
export function parseVariable(c: Cursor): Raw {
  c.expect('$');
  const name = c.name('string');
  const found = c.define(name.text);
  if (!found) {
    const near = nearest(
      name.text,
      [...c.defines].reverse().flatMap((scope) => [...scope.keys()].map((known) => [known, known] as const)),
    );
    c.fail(`unknown identifier '${name.text}'${near ? `; did you mean identifier ‘${near}’?` : ''}`, name);
  }
  return found;
}

/** Where an expression stands: left of a comparison, right of it (values only), or in a statement (both). */
export type Side = 'left' | 'right' | 'stmt';

/** Words of the grammar that stand for values on the right-hand side. */
const VALUE_WORDS = new Set(
  'tcp udp udplite esp ah icmp igmp icmpv6 comp dccp sctp redirect ether ip ip6 vlan arp dnat snat ecn reset original reply label exists missing'.split(
    ' ',
  ),
);

/** Of these, the ones that are numbers of protocols by themselves. */
const PROTOCOLS = new Set('tcp udp udplite esp ah icmp igmp icmpv6 comp dccp sctp'.split(' '));

/** Whether a value may begin with the token in hand. */
export const startsValue = (c: Cursor): boolean => {
  const { kind, text } = c.token;
  if (kind === 'symbol') return ['(', '$', '@', '*', '{'].includes(text);
  if (kind === 'word') return VALUE_WORDS.has(text) || !c.isKeyword;
  return kind === 'number' || kind === 'quoted' || kind === 'asterisk';
};

export function parsePrimary(c: Cursor, side: Side = 'left'): Raw {
  const t = c.token;
  if (c.eat('(')) {
    const inner = parseBasic(c, side);
    c.expect(')');
    return inner;
  }
  if (c.is('$')) return parseVariable(c);
  if (c.is('@')) return at(c);
  if (t.kind === 'number') {
    c.next();
    return {
      k: 'sym',
      text: /^0x/i.test(t.text) ? `${BigInt(t.text)}` : t.text.replace(/^0+(?=\d)/, ''),
      number: true,
      span: t,
    };
  }
  if (t.kind === 'quoted' || t.kind === 'asterisk') {
    c.next();
    return { k: 'sym', text: unquote(t), quoted: t.kind === 'quoted', span: t };
  }
  if (t.kind !== 'word') c.unexpected();
  const value =
    VALUE_WORDS.has(t.text) && (side === 'right' || (side === 'stmt' && !PROTOCOLS.has(t.text) && !startsField(c)));
  if (!value && side !== 'right') {
    const found = generator(c) ?? parseSelector(c);
    if (found) return found;
  }
  if (!value && c.isKeyword) c.unexpected();
  c.next();
  return { k: 'sym', text: t.text, span: t, ...(PROTOCOLS.has(t.text) ? { protocol: true } : {}) };
}

/** In a statement a header's name is a value, unless a field of that header follows. */
const startsField = (c: Cursor): boolean => {
  const next = c.peek();
  return next.kind === 'word' && isKeyword(next.text, [c.token.text]) && !isKeyword(next.text, []);
};

function binary(c: Cursor, ops: readonly BinOp[], side: Side, of: (side: Side) => Raw): Raw {
  const { start } = c.token;
  let left = of(side);
  while (c.token.kind === 'symbol' && (ops as readonly string[]).includes(c.token.text)) {
    const op = c.next().text as BinOp;
    left = { k: 'bin', op, left, right: of(side === 'left' ? 'right' : side), span: c.since(start) };
  }
  return left;
}

/** Bit operations, with the precedence of C. */
export function parseBasic(c: Cursor, side: Side = 'left'): Raw {
  const shift = (x: Side) => binary(c, ['<<', '>>'], x, (y) => parsePrimary(c, y));
  const and = (x: Side) => binary(c, ['&'], x, shift);
  const xor = (x: Side) => binary(c, ['^'], x, and);
  return binary(c, ['|'], side, xor);
}

export function parseConcat(c: Cursor, one: (c: Cursor) => Raw = (x) => parseBasic(x)): Raw {
  const { start } = c.token;
  const first = one(c);
  if (!c.is('.')) return first;
  const parts = [first];
  while (c.eat('.')) parts.push(one(c));
  return { k: 'concat', parts, span: c.since(start) };
}

/** A value, `A-B`, or `A/LEN`. */
export function parseMulti(c: Cursor, side: Side = 'right'): Raw {
  const { start } = c.token;
  if (c.is('*')) {
    const t = c.next();
    return { k: 'sym', text: '*', span: t };
  }
  const lo = parseBasic(c, side);
  if (c.is('/') && c.peek().kind === 'number') {
    c.next();
    return { k: 'prefix', of: lo, len: c.number(), span: c.since(start) };
  }
  if (c.is('-')) {
    c.next();
    const hi = parseBasic(c, side);
    return { k: 'range', lo, hi, span: c.since(start) };
  }
  return lo;
}

/** What stands right of a selector: values joined by dots. */
export const parseRight = (c: Cursor): Raw => parseConcat(c, (x) => parseMulti(x));

/** What a statement takes: values or selectors, joined by dots. */
export const parseOperand = (c: Cursor): Raw => parseConcat(c, (x) => parseMulti(x, 'stmt'));

/** `{ … }`, `@name` or `$variable`. */
export function parseSetExpr(c: Cursor, expecting = '', verdicts = false): Raw {
  if (c.is('{')) return parseSet(c, verdicts);
  if (c.is('@')) return at(c);
  if (c.is('$')) return parseVariable(c);
  return c.unexpected(expecting);
}

/** The elements' own words: timeout, expires, comment, counter and the like. */
function elementOptions(c: Cursor, e: RawElem): void {
  for (;;) {
    if (c.eat('comment')) {
      const t = c.token;
      e.comment = c.string('string or quoted string or string with a trailing asterisk');
      if (e.comment.length > 127) c.fail('comment too long, 128 characters maximum allowed', t);
    } else if (c.oneOf('timeout', 'expires')) {
      const word = c.next().text as 'timeout' | 'expires';
      e[word] = parseTimeSpec(c);
    } else if (c.oneOf('counter', 'limit', 'quota', 'last') || (c.is('ct') && c.peek().text === 'count'))
      e.stmts.push(...parseElementStmts(c));
    else return;
  }
}

export function parseTimeSpec(c: Cursor): number {
  const t = c.token;
  const text = t.kind === 'number' ? `${numberOf(t.text)}` : t.text;
  if (t.kind !== 'number' && (t.kind !== 'word' || c.isKeyword)) c.unexpected('string');
  const ms = parseTime(text);
  if (ms === null) c.fail('wrong time format', t);
  c.next();
  return ms;
}

export function parseElement(c: Cursor, withData = true, verdicts = false, side: Side = 'right'): RawElem {
  const { start } = c.token;
  const of = side === 'stmt' ? parseOperand : parseRight;
  const key = c.is('*') ? null : c.is('{') ? parseSet(c) : of(c);
  if (key === null) c.next();
  const e: RawElem = { key, data: null, stmts: [], span: c.since(start), keySpan: c.since(start) };
  if (key?.k !== 'set') elementOptions(c, e);
  e.span = c.since(start);
  if (verdicts && !c.is(':')) c.unexpected('colon');
  if (withData && c.eat(':')) {
    e.data = verdicts ? (parseVerdict(c) ?? c.unexpected()) : (parseVerdict(c) ?? of(c));
    e.span = c.since(start);
  }
  return e;
}

export function parseVerdict(c: Cursor): Raw | null {
  const t = c.token;
  if (t.kind !== 'word') return null;
  if (t.text === 'jump' || t.text === 'goto') {
    c.next();
    if (c.token.kind !== 'word' || c.isKeyword) {
      if (c.is('$')) {
        const v = parseVariable(c);
        if (v.k !== 'sym') c.unexpected();
        return { k: 'verdict', verdict: { code: t.text, chain: v.text }, chainSpan: v.span, span: c.since(t.start) };
      }
      c.unexpected("'{'");
    }
    const name = c.next();
    return { k: 'verdict', verdict: { code: t.text, chain: name.text }, chainSpan: name, span: c.since(t.start) };
  }
  const { text: code } = t;
  if (code !== 'accept' && code !== 'drop' && code !== 'continue' && code !== 'return') return null;
  c.next();
  return { k: 'verdict', verdict: { code }, span: t };
}

export function parseSet(c: Cursor, verdicts = false): Raw {
  const start = c.expect('{').start;
  const elems: RawElem[] = [];
  c.skipNewlines();
  if (c.is('}')) c.unexpected();
  for (;;) {
    elems.push(parseElement(c, true, verdicts));
    c.skipNewlines();
    if (c.eat('}')) break;
    if (!c.eat(',')) c.unexpected("comma or '}'");
    c.skipNewlines();
    if (c.eat('}')) break;
    if (!startsValue(c)) c.unexpected("comma or '}'");
  }
  return { k: 'set', elems, span: c.since(start) };
}
