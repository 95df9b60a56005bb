/** A rule's statements, as nft's grammar has them. */
import type { MatchOp } from '../../linux/netfilter/nft/types.ts';
import type { Raw, RawRule, RawStmt } from './ast.ts';
import { type Cursor, unquote } from './cursor.ts';
import { isKeyword } from './keywords.ts';
import {
  parseConcat,
  parseElement,
  parseOperand,
  parsePrimary,
  parseRight,
  parseSet,
  parseSetExpr,
  parseVerdict,
} from './parse-expr.ts';
import { parseNat } from './parse-nat.ts';
import { parseConnlimit, parseCounts, parseQuotaWords, parseRate } from './parse-state.ts';

const OPS = ['==', '!=', '<', '>', '<=', '>='];

/** Values behind a selector: one, a set, or a list of flags. */
function rightSide(c: Cursor): Raw {
  const { start } = c.token;
  if (c.is('{')) return parseSet(c);
  const first = parseRight(c);
  if (!c.is(',')) return first;
  const items = [first];
  while (c.eat(',')) items.push(parseRight(c));
  return { k: 'list', items, span: c.since(start) };
}

function relation(c: Cursor, left: Raw, start: number): RawStmt {
  let op: MatchOp | '!' | null = null;
  if (c.token.kind === 'symbol' && OPS.includes(c.token.text)) op = c.next().text as MatchOp;
  else if (c.eat('!')) op = '!';
  const right = rightSide(c);
  if (op !== '!' && c.eat('/')) {
    const mask = rightSide(c);
    return { s: 'match', left, op, right, mask, span: c.since(start) };
  }
  return { s: 'match', left, op, right, span: c.since(start) };
}

/** `SELECTOR set VALUE`, `SELECTOR vmap …`, or a comparison. */
function onSelector(c: Cursor): RawStmt {
  const { start } = c.token;
  if (c.is('{')) {
    // A set in front: only `{ … } vmap` would be grammar, and nothing means it.
    parseSet(c);
    c.unexpected();
  }
  const left = parseConcat(c);
  if (c.is('set') && (left.k === 'field' || left.k === 'raw')) {
    c.next();
    return { s: 'mangle', target: left, value: parseStmtExpr(c), span: c.since(start) };
  }
  if (c.eat('vmap')) {
    const set = parseSetExpr(c, "@ or '{' or '$'", true);
    return { s: 'vmap', key: left, set, span: c.since(start) };
  }
  return relation(c, left, start);
}

/** What statements take: values, selectors, and maps. */
export function parseStmtExpr(c: Cursor): Raw {
  const { start } = c.token;
  const key = parseOperand(c);
  if (c.eat('map')) {
    const set = parseSetExpr(c, "@ or '{' or '$'");
    return { k: 'map', key, set, span: c.since(start) };
  }
  if (!c.is(',')) return key;
  const items = [key];
  while (c.eat(',')) items.push(parseOperand(c));
  return { k: 'list', items, span: c.since(start) };
}

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug', 'audit'];

function log(c: Cursor): RawStmt {
  const span = c.next();
  return c.scoped('log', () => {
    const s: Extract<RawStmt, { s: 'log' }> = {
      s: 'log',
      prefix: null,
      level: null,
      group: null,
      snaplen: null,
      threshold: null,
      flags: 0,
      span,
    };
    for (;;) {
      if (c.eat('prefix'))
        s.prefix = c.is('$') ? variableText(c) : c.string('string or quoted string or string with a trailing asterisk');
      else if (c.eat('group')) s.group = c.number('number') % 65536;
      else if (c.eat('snaplen')) s.snaplen = c.number('number');
      else if (c.eat('queue-threshold')) s.threshold = c.number('number') % 65536;
      else if (c.eat('level')) {
        const t = c.token;
        const level = LEVELS.indexOf(c.string('string or quoted string or string with a trailing asterisk'));
        if (level < 0) c.fail('invalid log level', t);
        s.level = level;
      } else if (c.eat('flags')) s.flags |= logFlags(c);
      else return s;
    }
  });
}

function variableText(c: Cursor): string {
  const v = parsePrimary(c);
  return v.k === 'sym' ? v.text : c.unexpected();
}

function logFlags(c: Cursor): number {
  if (c.eat('all')) return 0x2f;
  if (c.eat('skuid')) return 8;
  if (c.eat('ether')) return 0x20;
  if (c.is('ip')) {
    c.next();
    return c.scoped('ip', () => c.expect('options', 'options') && 4);
  }
  if (!c.eat('tcp')) c.unexpected();
  return c.scoped('tcp', () => {
    let flags = 0;
    do {
      if (c.eat('sequence')) flags |= 1;
      else if (c.eat('options')) flags |= 2;
      else c.unexpected('options or sequence');
    } while (c.eat(','));
    return flags;
  });
}

function reject(c: Cursor): RawStmt {
  const span = c.next();
  return c.scoped('reject', () => {
    if (!c.eat('with')) return { s: 'reject', type: null, code: null, span };
    const type = c.token.text;
    if (!c.oneOf('icmp', 'icmpv6', 'icmpx', 'tcp')) c.unexpected('icmp or icmpv6 or tcp or icmpx');
    c.next();
    if (type === 'tcp') {
      const at = c.expect('reset', 'reset');
      return { s: 'reject', type, code: { k: 'sym', text: 'reset', span: at }, span };
    }
    c.eat('type');
    if (c.token.kind === 'number' || c.token.kind === 'word' || c.token.kind === 'quoted' || c.is('$')) {
      if (isKeyword(c.token.text, [])) c.unexpected('number or string or type');
      const t = c.token;
      const code: Raw =
        c.is('$') || t.kind !== 'word' ? parsePrimary(c, 'right') : { k: 'sym', text: c.next().text, span: t };
      return { s: 'reject', type: type as 'icmp', code, span };
    }
    return c.unexpected('number or string or type');
  });
}

function queue(c: Cursor): RawStmt {
  const first = c.next();
  return c.scoped('queue', () => {
    const flags: string[] = [];
    const words = () => {
      do {
        if (!c.oneOf('bypass', 'fanout')) c.unexpected('bypass or fanout');
        flags.push(c.next().text);
      } while (c.eat(','));
    };
    if (c.eat('flags')) {
      words();
      c.expect('to', 'to');
      return { s: 'queue', from: parseStmtExpr(c), flags, compat: false, span: c.since(first.start) };
    }
    if (c.eat('to')) return { s: 'queue', from: parseStmtExpr(c), flags, compat: false, span: c.since(first.start) };
    let from: Raw | null = null;
    for (;;) {
      if (c.eat('num')) {
        const num = c.last.start;
        if (c.token.kind !== 'number' && !c.is('$')) c.unexpected("number or '$'");
        from = parseRight(c);
        from = { ...from, span: c.since(num) };
      } else if (c.oneOf('bypass', 'fanout')) words();
      else return { s: 'queue', from, flags, compat: true, span: first };
    }
  });
}

function dup(c: Cursor): RawStmt {
  const { start, text } = c.next();
  const what = text as 'dup' | 'fwd';
  return c.scoped(what, () => {
    c.expect('to', 'to');
    if (what === 'fwd') {
      if (c.oneOf('ip', 'ip6')) c.next();
      return { s: what, to: null, dev: parseStmtExpr(c), span: c.since(start) };
    }
    const to = parseStmtExpr(c);
    const dev = c.eat('device') ? parseStmtExpr(c) : null;
    return { s: what, to, dev, span: c.since(start) };
  });
}

function synproxy(c: Cursor): RawStmt {
  const { start } = c.next();
  return c.scoped('synproxy', () => {
    const s: Extract<RawStmt, { s: 'synproxy' }> = {
      s: 'synproxy',
      mss: null,
      wscale: null,
      timestamp: false,
      sack: false,
      span: c.last,
    };
    for (;;) {
      if (c.eat('mss') || c.eat('maxseg')) s.mss = c.number('number');
      else if (c.eat('wscale')) s.wscale = c.number('number');
      else if (c.eat('timestamp')) s.timestamp = true;
      else if (c.eat('sack-perm') || c.eat('sack-permitted')) s.sack = true;
      else return { ...s, span: c.since(start) };
    }
  });
}

/** `add @set { … }`, `set add … @set`, `meter name { … }`. */
function dynset(c: Cursor): RawStmt {
  const { start } = c.token;
  const setName = () => {
    const at = c.expect('@', "@ or '$'").start;
    const name = c.name('string');
    return { name: name.text, span: { start: at, end: name.end } };
  };
  if (c.eat('set')) {
    const op = c.token.text as 'add';
    if (!c.oneOf('add', 'update', 'delete')) c.unexpected('add or update or delete');
    c.next();
    const elem = parseElement(c, false, false, 'stmt');
    return { s: 'dynset', op, elem, set: setName(), span: c.since(start) };
  }
  if (c.eat('meter')) {
    const name = c.name('string');
    const size = c.eat('size') ? c.number('number') : undefined;
    c.expect('{', size === undefined ? "size or '{'" : "'{'");
    const elem = parseElement(c, false, false, 'stmt');
    c.expect('}');
    return {
      s: 'dynset',
      op: 'update',
      set: { name: name.text, span: name },
      elem,
      meter: name.text,
      ...(size === undefined ? {} : { size }),
      span: c.since(start),
    };
  }
  const op = c.next().text as 'add';
  const set = setName();
  c.expect('{', "'{'");
  const elem = parseElement(c, true, false, 'stmt');
  c.expect('}', "'}'");
  return { s: 'dynset', op, set, elem, span: c.since(start) };
}

/** A named object, or what stands in its place. */
function stateful(c: Cursor): RawStmt {
  const first = c.next();
  const what = first.text;
  return c.scoped(what, () => {
    if (c.eat('name')) {
      const name = parseStmtExpr(c);
      return { s: 'objref', object: what, name, span: c.since(first.start) };
    }
    if (what === 'counter') return { s: 'counter', ...parseCounts(c), span: first };
    if (what === 'quota') return parseQuotaWords(c, first.start);
    c.expect('rate', 'name or rate');
    return parseRate(c, first.start);
  });
}

/** `ct …`: a count, an object, or a selector. */
function ctStmt(c: Cursor): RawStmt {
  const { start } = c.token;
  const word = c.peek().text;
  if (word === 'count') {
    c.next();
    return c.scoped('ct', () => c.next() && parseConnlimit(c, start));
  }
  if (['helper', 'timeout', 'expectation'].includes(word) && c.peek(2).text === 'set') {
    c.next();
    c.next();
    c.next();
    const name = parseStmtExpr(c);
    return { s: 'objref', object: `ct ${word}`, name, span: c.since(start) };
  }
  return onSelector(c);
}

function statement(c: Cursor): RawStmt {
  const { start, text, kind } = c.token;
  if (kind !== 'word') return onSelector(c);
  switch (text) {
    case 'counter':
    case 'quota':
    case 'limit':
      return stateful(c);
    case 'log':
      return log(c);
    case 'reject':
      return reject(c);
    case 'snat':
    case 'dnat':
    case 'masquerade':
    case 'redirect':
    case 'tproxy':
      return parseNat(c);
    case 'queue':
      return queue(c);
    case 'dup':
    case 'fwd':
      return dup(c);
    case 'synproxy':
      return synproxy(c);
    case 'notrack':
      return { s: 'notrack', span: c.next() };
    case 'add':
    case 'update':
    case 'delete':
    case 'set':
    case 'meter':
      return dynset(c);
    case 'ct':
      return ctStmt(c);
    case 'flow': {
      c.next();
      if (!c.oneOf('add', 'offload')) c.unexpected(c.token.kind === 'newline' ? 'table' : 'add or offload');
      c.next();
      const at = c.expect('@', '@').start;
      const name = c.name('string');
      return { s: 'flow', name: name.text, nameSpan: { start: at, end: name.end }, span: c.since(start) };
    }
  }
  const v = parseVerdict(c);
  if (v?.k === 'verdict')
    return { s: 'verdict', verdict: v.verdict, ...(v.chainSpan ? { chainSpan: v.chainSpan } : {}), span: v.span };
  return onSelector(c);
}

/** Keywords that begin a statement. */
const STARTS = new Set(
  (
    'accept drop continue jump goto return counter limit quota log reject snat dnat masquerade redirect tproxy queue dup ' +
    'fwd synproxy notrack add update delete set meter flow ct meta mark iif iifname iiftype oif oifname oiftype skuid ' +
    'skgid nftrace rtclassid ibriport obriport ibrname obrname pkttype cpu iifgroup oifgroup cgroup time day hour fib ' +
    'socket rt exthdr osf hbh frag dst mh srh numgen jhash symhash ether vlan arp ip icmp igmp ip6 ah esp comp udp udplite ' +
    'tcp dccp sctp th icmpv6 rt0 rt2 ipsec exists missing comment xt'
  ).split(' '),
);

/** Whether the token in hand may begin a statement; else the rule is over, and what follows is wrong. */
function startsStatement(c: Cursor): boolean {
  const { kind, text } = c.token;
  if (kind === 'symbol') return ['(', '@', '$', '{'].includes(text);
  if (kind === 'word') return STARTS.has(text) || !c.isKeyword;
  return kind === 'number' || kind === 'quoted' || kind === 'asterisk';
}

/** A rule: at least one statement, and its comment. */
export function parseRule(c: Cursor): RawRule {
  const { start } = c.token;
  const stmts: RawStmt[] = [statement(c)];
  while (!c.atSeparator && c.token.kind !== 'eof' && !c.is('}')) {
    if (c.is('comment')) {
      c.next();
      const t = c.token;
      const comment = c.string('string or quoted string or string with a trailing asterisk');
      if (comment.length > 127) c.fail('comment too long, 128 characters maximum allowed', t);
      return { stmts, comment, span: c.since(start) };
    }
    if (!startsStatement(c)) break;
    stmts.push(statement(c));
  }
  return { stmts, span: c.since(start) };
}

export { unquote };
