/** Blocks of chains, flowtables and named objects, as nft's grammar has them. */
import type { Raw, RawChain } from './ast.ts';
import type { RawFlowtable, RawObject } from './command.ts';
import { type Cursor, NftError, unquote } from './cursor.ts';
import { parseCommonBlock } from './parse-define.ts';
import { parseTimeSpec, parseVariable } from './parse-expr.ts';
import { parseComment, unseparated } from './parse-set.ts';
import { parseCounts, parseQuotaWords, parseRate } from './parse-state.ts';
import { parseRule } from './parse-stmt.ts';

function priority(c: Cursor): { name: string | null; offset: number; span: { start: number; end: number } } {
  const start = c.expect('priority', 'priority').start;
  if (c.is('$')) {
    const v = parseVariable(c);
    const text = v.k === 'sym' ? v.text : '0';
    return /^-?\d+$/.test(text)
      ? { name: null, offset: Number(text), span: c.since(start) }
      : { name: text, offset: 0, span: c.since(start) };
  }
  if (c.token.kind === 'number') return { name: null, offset: c.number() | 0, span: c.since(start) };
  if (c.is('-')) {
    c.next();
    return { name: null, offset: -c.number('number') | 0, span: c.since(start) };
  }
  if (c.token.kind !== 'word') c.unexpected();
  const name = c.next().text;
  let offset = 0;
  if (c.eat('+')) offset = c.number('number');
  else if (c.eat('-')) offset = -c.number('number');
  return { name, offset, span: c.since(start) };
}

const HOOKS = ['ingress', 'egress', 'prerouting', 'input', 'forward', 'output', 'postrouting'];

function hookLine(c: Cursor, chain: RawChain): void {
  const start = c.next().start;
  c.scopes.push('type');
  const type = c.token;
  if (type.kind !== 'word' || c.isKeyword) c.unexpected('string');
  c.next();
  if (!['filter', 'nat', 'route'].includes(type.text)) c.fail('unknown chain type', type);
  c.expect('hook', 'hook');
  const hook = c.token;
  if (hook.kind !== 'word') c.unexpected('string');
  c.next();
  c.scopes.pop();
  let device: Raw | null = null;
  const devices: string[] = [];
  if (!HOOKS.includes(hook.text)) c.fail('unknown chain hook', hook);
  if (c.eat('device')) device = deviceName(c);
  else if (c.eat('devices')) {
    c.expect('=', "'='");
    devices.push(...deviceList(c).map((d) => d.name));
  }
  const prio = priority(c);
  chain.base = {
    type: type.text,
    hook: hook.text,
    device,
    devices,
    priority: prio,
    span: c.since(start),
    hookSpan: hook,
  };
  (chain.base as { typeSpan?: unknown }).typeSpan = type;
}

function deviceName(c: Cursor): Raw {
  const t = c.token;
  if (c.is('$')) return parseVariable(c);
  const text = c.string('string or quoted string or string with a trailing asterisk');
  return { k: 'sym', text, span: t };
}

function deviceList(c: Cursor): { name: string; span: { start: number; end: number } }[] {
  const found: { name: string; span: { start: number; end: number } }[] = [];
  if (c.is('$')) {
    const v = parseVariable(c);
    const items = v.k === 'set' ? v.elems.map((e) => e.key) : [v];
    for (const i of items) if (i?.k === 'sym') found.push({ name: i.text, span: i.span });
    return found;
  }
  c.expect('{', "'{' or '$'");
  for (;;) {
    c.skipNewlines();
    const t = c.token;
    if (t.kind !== 'quoted' && t.kind !== 'word') c.unexpected("string or quoted string or '$'");
    c.next();
    found.push({ name: unquote(t), span: t });
    c.skipNewlines();
    if (c.eat('}')) return found;
    c.expect(',', "comma or '}'");
    c.skipNewlines();
    if (c.eat('}')) return found;
  }
}

/** A chain's block, from its brace on. */
export function parseChainBlock(c: Cursor, inTable = false): RawChain {
  const open = c.expect('{');
  const chain: RawChain = { base: null, policy: null, policySpan: null, rules: [], span: open };
  c.defines.push(new Map());
  for (;;) {
    if (c.atSeparator) {
      c.next();
      continue;
    }
    if (c.is('}')) {
      if (inTable && unseparated(c)) continue;
      break;
    }
    try {
      if (c.token.kind === 'eof') c.unexpected();
      if (parseCommonBlock(c)) continue;
      if (c.is('type')) hookLine(c, chain);
      else if (c.is('policy')) {
        const start = c.next().start;
        if (!c.oneOf('accept', 'drop', '$')) c.unexpected("accept or drop or '$'");
        const word = c.is('$') ? parseVariable(c) : c.next();
        const policy = 'text' in word ? word.text : '';
        chain.policy = policy === 'drop' ? 'drop' : 'accept';
        chain.policySpan = c.since(start);
      } else if (c.is('comment')) chain.comment = parseComment(c, chain.comment);
      else if (c.is('flags')) {
        c.next();
        c.expect('offload', 'offload');
      } else {
        const rule = parseRule(c);
        if (c.atSeparator) chain.rules.push(rule);
      }
      c.separator();
    } catch (e) {
      if (e instanceof NftError && e.outer) throw e;
      c.recover(e);
    }
  }
  c.defines.pop();
  chain.span = c.since(open.start);
  c.next();
  return chain;
}

/** A flowtable's block. */
export function parseFlowtableBlock(c: Cursor): RawFlowtable {
  const open = c.expect('{');
  const ft: RawFlowtable = {
    hook: '',
    priority: { name: null, offset: 0, span: open },
    devices: [],
    counter: false,
    offload: false,
    span: open,
  };
  for (;;) {
    if (c.atSeparator) {
      c.next();
      continue;
    }
    if (c.is('}')) break;
    try {
      if (c.eat('hook')) {
        const t = c.token;
        if (t.kind !== 'word') c.unexpected('string');
        c.next();
        ft.hook = t.text;
        ft.priority = priority(c);
        c.separator();
        if (t.text !== 'ingress') c.failOuter('unknown chain hook', t);
      } else if (c.eat('devices')) {
        c.expect('=', "'='");
        ft.devices = deviceList(c);
        c.separator();
      } else if (c.eat('counter')) ft.counter = true;
      else if (c.eat('flags')) {
        c.expect('offload', 'offload');
        ft.offload = true;
        c.separator();
      } else c.unexpected();
    } catch (e) {
      if (e instanceof NftError && e.outer) throw e;
      c.recover(e);
    }
  }
  ft.span = c.since(open.start);
  c.next();
  return ft;
}

const POLICIES = new Set(
  'close close_wait established last_ack retrans syn_recv syn_sent time_wait fin_wait unack unreplied replied'.split(
    ' ',
  ),
);

/** One word of an object and its value. */
function objectLine(c: Cursor, o: RawObject): void {
  const word = c.token.text;
  const { start } = c.token;
  switch (o.type) {
    case 'counter':
      if (!c.oneOf('packets')) c.unexpected();
      Object.assign(o.stmt, parseCounts(c));
      return;
    case 'quota':
      o.stmt.quota = parseQuotaWords(c, start);
      return;
    case 'limit':
      c.expect('rate', '');
      o.stmt.limit = parseRate(c, start);
      return;
    case 'synproxy':
      if (c.oneOf('mss', 'wscale')) {
        c.next();
        o.words[word] = c.number('number');
      } else if (c.oneOf('timestamp')) {
        c.next();
        o.words[word] = true;
      } else c.unexpected();
      return;
    case 'secmark':
      o.words.context = c.string();
      return;
    default:
      ctLine(c, o);
  }
}

function ctLine(c: Cursor, o: RawObject): void {
  if (c.eat('type')) {
    if (c.token.kind !== 'quoted') c.unexpected('quoted string');
    o.words.type = unquote(c.next());
    c.scopes.push('type');
  }
  if (c.eat('protocol')) {
    if (!c.oneOf('tcp', 'udp')) c.unexpected('tcp or udp');
    o.words.protocol = c.next().text;
    if (c.last.text) c.scopes = c.scopes.filter((s) => s !== 'type');
  } else if (c.eat('l3proto')) {
    if (c.token.kind !== 'word') c.unexpected();
    o.words.l3proto = c.next().text;
  } else if (c.eat('dport')) o.words.dport = c.number('number');
  else if (c.eat('timeout')) o.words.timeout = parseTimeSpec(c);
  else if (c.eat('size')) o.words.size = c.number('number');
  else if (c.eat('policy')) {
    c.expect('=', "'='");
    c.expect('{', "'{'");
    for (;;) {
      c.skipNewlines();
      const state = c.next();
      if (!POLICIES.has(state.text)) c.fail('invalid state for this protocol', state);
      c.expect(':', 'colon');
      o.policy.push([state.text, Math.floor(parseTimeSpec(c) / 1000)]);
      c.skipNewlines();
      if (c.eat('}')) return;
      c.expect(',', "comma or '}'");
    }
  } else c.unexpected();
}

/** A named object's block, or its words in place. */
export function parseObject(c: Cursor, type: string): RawObject {
  const o: RawObject = { type, words: {}, policy: [], stmt: {} };
  return c.scoped(type.startsWith('ct') ? 'ct' : type, () => {
    if (!c.is('{')) {
      const none = c.atSeparator || c.token.kind === 'eof';
      if (none && type.startsWith('ct')) c.unexpected("'{'");
      if (none && type === 'limit') c.unexpected("rate or '{'");
      if (none && type === 'quota') c.unexpected('number');
      if (!none) objectLine(c, o);
      return o;
    }
    c.next();
    for (;;) {
      if (c.atSeparator) {
        c.next();
        continue;
      }
      if (c.is('}')) break;
      try {
        if (c.is('comment')) o.comment = parseComment(c, o.comment);
        else objectLine(c, o);
      } catch (e) {
        if (e instanceof NftError && e.outer) throw e;
        c.recover(e);
        c.scopes.push(type.startsWith('ct') ? 'ct' : type);
      }
    }
    c.next();
    return o;
  });
}
