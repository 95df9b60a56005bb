/** A rule's statements, as nft's grammar has them. */
import type { NftExpr, NftRange, NftStmt } from '../../linux/netfilter/nft/types.ts';
import { bitsValue, type Context, range, scalar, selector, setRef, typesOf, verdict } from './expr.ts';
import type { Span } from './lexer.ts';
import { type Cursor, NftError, Unmodelled } from './parser.ts';
import { isBitmask, parseValue } from './types.ts';

export interface ParsedRule {
  stmts: NftStmt[];
  comment?: string;
  /** Where sets and chains are named, for the kernel's answers. */
  sets: Map<string, Span>;
  jumps: Map<string, Span>;
  span: Span;
}

const OPS = ['==', '!=', '<', '>', '<=', '>='];

/** What follows a selector. */
function relation(c: Cursor, left: NftExpr, rule: ParsedRule): NftStmt {
  const types = typesOf(left);
  const type = types[0] as string;
  if (c.eat('vmap')) return { kind: 'vmap', key: left, set: setRef(c, types, ['verdict'], rule.sets) };
  const op = OPS.includes(c.token.text) && c.token.kind === 'symbol' ? c.next().text : '';
  if (c.is('@') || c.is('{')) {
    if (op !== '' && op !== '!=' && op !== '==') throw new Unmodelled('nft: this operator with a set');
    return { kind: 'lookup', left, not: op === '!=', set: setRef(c, types, null, rule.sets) };
  }
  if (left.kind === 'concat') throw new Unmodelled('nft: a concatenation without a set');
  if (isBitmask(type) && left.kind === 'field' && op !== '==') {
    if (c.token.kind !== 'word' && c.token.kind !== 'number') c.unexpected();
    let bits = 0;
    do {
      const t = c.token;
      const v = parseValue(t.text, false, type, c.ns);
      if (t.kind === 'word' && 'error' in v) {
        c.next();
        c.defer(v.error, t);
      } else bits |= bitsValueOne(c, type);
    } while (c.eat(','));
    if (op === '!=' && type !== 'ct_state') throw new Unmodelled('nft: != with flags');
    if (op !== '' && op !== '!=') throw new Unmodelled('nft: this operator with flags');
    return { kind: 'flags', left, not: op === '!=', bits: bits >>> 0 };
  }
  if (isBitmask(type)) {
    const bits = bitsValue(c, type);
    return { kind: 'match', left, op: op === '!=' ? '!=' : '==', right: { lo: bits, hi: bits } };
  }
  const right = range(c, type);
  return { kind: 'match', left, op: (op || '==') as '==', right };
}

function bitsValueOne(c: Cursor, type: string): number {
  const v = scalar(c, type);
  return typeof v === 'number' ? v : 0;
}

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];
const UNITS = ['second', 'minute', 'hour', 'day', 'week'];
const ICMP_CODES: Record<string, number> = {
  'net-unreachable': 0,
  'host-unreachable': 1,
  'prot-unreachable': 2,
  'port-unreachable': 3,
  'net-prohibited': 9,
  'host-prohibited': 10,
  'admin-prohibited': 13,
};
const ICMP6_CODES: Record<string, number> = {
  'no-route': 0,
  'admin-prohibited': 1,
  'addr-unreachable': 3,
  'port-unreachable': 4,
};

function reject(c: Cursor, ctx: Context): NftStmt {
  const plain = {
    type: c.family === 'ip6' ? 1 : 3,
    code: c.family === 'ip6' ? 4 : 3,
    icmpx: c.family === 'inet' && ctx.l3 === null,
  };
  if (c.family === 'inet' && ctx.l3 === 'ip6') Object.assign(plain, { type: 1, code: 4 });
  if (!c.eat('with')) return { kind: 'reject', ...plain, text: 'reject' };
  if (c.eat('tcp')) {
    c.expect('reset');
    return { kind: 'reject', type: -1, code: 0, icmpx: false, text: 'reject with tcp reset' };
  }
  const kind = c.next().text;
  c.eat('type');
  const word = c.next().text;
  const code = (kind === 'icmp' ? ICMP_CODES : kind === 'icmpv6' ? ICMP6_CODES : {})[word];
  if (code === undefined || c.family === 'inet') throw new Unmodelled('nft: this reject');
  const usual = (kind === 'icmp' && code === 3) || (kind === 'icmpv6' && code === 4);
  return {
    kind: 'reject',
    type: kind === 'icmp' ? 3 : 1,
    code,
    icmpx: false,
    text: usual ? 'reject' : `reject with ${kind} ${word}`,
  };
}

function nat(c: Cursor, what: 'dnat' | 'snat' | 'masquerade' | 'redirect', rule: ParsedRule, ctx: Context): NftStmt {
  const family = c.is('ip') || c.is('ip6') ? c.next().text : c.family;
  let types = [family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr'];
  if (c.eat('addr')) {
    c.expect('.');
    c.expect('port');
    types = [...types, 'inet_service'];
  }
  let addr: NftExpr | null = null;
  let port: NftRange | null = null;
  if (what === 'dnat' || what === 'snat') {
    if (family === 'inet') throw new Unmodelled('nft: dnat in the inet family without its family');
    c.expect('to');
    const key = selector(c, ctx);
    if (key) {
      c.expect('map');
      addr = { kind: 'map', key, set: setRef(c, typesOf(key), types, rule.sets) };
    } else if (types.length > 1) throw new Unmodelled('nft: a port behind an address, not from a map');
    else if (!c.is(':')) {
      c.eat('[');
      addr = { kind: 'value', value: scalar(c, types[0] as string), type: types[0] as string };
      if (c.is('-')) throw new Unmodelled('nft: a range of addresses');
    }
    if (c.eat(':')) port = range(c, 'inet_service');
  } else if (c.eat('to')) {
    c.expect(':');
    port = range(c, 'inet_service');
  }
  if ((port || types.length > 1) && !ctx.l4) throw new Unmodelled('nft: a port without a transport protocol match');
  const flags: string[] = [];
  do {
    if (['random', 'fully-random', 'persistent'].includes(c.token.text)) flags.push(c.next().text);
  } while (c.eat(','));
  return { kind: 'nat', what, addr, port, flags };
}

function setMark(c: Cursor, target: 'meta mark' | 'ct mark', ctx: Context): NftStmt {
  const e = selector(c, ctx);
  if (e && typesOf(e)[0] !== 'mark') throw new Unmodelled('nft: a mark from this');
  const value: NftExpr = e ?? { kind: 'value', value: scalar(c, 'mark'), type: 'mark' };
  return { kind: 'set', target, value };
}

function limit(c: Cursor): NftStmt {
  c.expect('rate');
  const over = c.eat('over');
  const rate = c.number();
  c.expect('/');
  const unit = c.next().text;
  if (!UNITS.includes(unit) || rate < 1) throw new Unmodelled('nft: this rate');
  let burst = 5;
  if (c.eat('burst')) {
    burst = c.number();
    c.expect('packets');
  }
  return { kind: 'limit', rate, unit, over, burst, tokens: 0, last: -1 };
}

function log(c: Cursor): NftStmt {
  let prefix = '';
  let level = 4;
  for (;;) {
    if (c.eat('prefix')) prefix = c.quoted();
    else if (c.eat('level')) {
      level = LEVELS.indexOf(c.next().text);
      if (level < 0) throw new Unmodelled('nft: this log level');
    } else if (c.is('flags') || c.is('group')) throw new Unmodelled(`nft log ${c.token.text}`);
    else return { kind: 'log', prefix, level };
  }
}

function counter(c: Cursor): NftStmt {
  let packets = 0;
  let bytes = 0;
  if (c.eat('packets')) {
    packets = c.number();
    c.expect('bytes');
    bytes = c.number();
  }
  return { kind: 'counter', packets, bytes };
}

function statement(c: Cursor, rule: ParsedRule, ctx: Context): NftStmt {
  const t = c.token;
  const jumpAt = c.tokens[c.at + 1];
  const v = verdict(c);
  if (v) {
    if (v.chain && jumpAt) rule.jumps.set(v.chain, jumpAt);
    return { kind: 'verdict', verdict: v };
  }
  switch (t.text) {
    case 'counter':
      c.next();
      return counter(c);
    case 'limit':
      c.next();
      return limit(c);
    case 'log':
      c.next();
      return log(c);
    case 'reject':
      c.next();
      return reject(c, ctx);
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      c.next();
      return nat(c, t.text, rule, ctx);
  }
  const [, second, third] = c.tokens.slice(c.at, c.at + 3);
  if ((t.text === 'meta' || t.text === 'ct') && second?.text === 'mark' && third?.text === 'set') {
    c.at += 3;
    return setMark(c, `${t.text} mark`, ctx);
  }
  const left = selector(c, ctx);
  if (left) {
    const s = relation(c, left, rule);
    if (s.kind === 'match' && left.kind === 'field' && s.op === '==' && s.right.lo === s.right.hi) {
      const names: Record<string, string> = { 6: 'tcp', 17: 'udp', 1: 'icmp', 58: 'icmpv6' };
      if (left.field.name === 'meta l4proto' || left.field.name === 'ip protocol')
        ctx.l4 = names[String(s.right.lo)] ?? 'other';
    }
    if (s.kind === 'lookup' && left.kind === 'field' && left.field.name === 'meta l4proto') ctx.l4 ??= null;
    return s;
  }
  if (t.kind === 'word') {
    // A bare word stands for a value, and has no type to be read by.
    c.next();
    if (c.atEnd) c.unexpected();
    c.defer('No symbol type information', t);
    c.next();
    return { kind: 'counter', packets: 0, bytes: 0 };
  }
  return c.unexpected();
}

/** A match that the next one implies: nft's listing leaves it out. */
function implied(s: NftStmt, next: NftStmt | undefined): boolean {
  if (s.kind !== 'match' || s.op !== '==' || s.left.kind !== 'field' || !next || !('left' in next)) return false;
  const { name } = s.left.field;
  if (name !== 'meta l4proto' && name !== 'ip protocol') return false;
  const e = next.left.kind === 'bin' ? next.left.left : next.left;
  const head = e.kind === 'field' ? e.field.name.split(' ')[0] : '';
  return { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 }[head as 'tcp'] === s.right.lo;
}

const terminal = (s: NftStmt): boolean =>
  s.kind === 'reject' || s.kind === 'nat' || (s.kind === 'verdict' && s.verdict.code !== 'continue');

/** A whole rule, up to its separator. */
export function parseRule(c: Cursor): ParsedRule {
  const rule: ParsedRule = { stmts: [], sets: new Map(), jumps: new Map(), span: { start: c.token.start, end: 0 } };
  const ctx: Context = { l3: null, l4: null };
  let before: Span | null = null;
  do {
    if (c.eat('comment')) {
      rule.comment = c.quoted();
      break;
    }
    const start = c.token.start;
    const s = statement(c, rule, ctx);
    const span = { start, end: c.last.end };
    if (before) c.deferred ??= new NftError('Statement after terminal statement has no effect', span, false, before);
    if (terminal(s)) before = span;
    rule.stmts.push(s);
  } while (!c.atEnd);
  rule.span.end = c.last.end;
  rule.stmts = rule.stmts.filter((s, i) => !implied(s, rule.stmts[i + 1]));
  return rule;
}
