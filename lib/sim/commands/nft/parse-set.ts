/** Blocks of sets and maps, as nft's grammar has them. */
import type { RawSet, RawType } from './ast.ts';
import { type Cursor, NftError } from './cursor.ts';
import { typeByName } from './datatypes.ts';
import { parsePrimary, parseSet, parseTimeSpec, parseVariable } from './parse-expr.ts';
import { parseElementStmts } from './parse-state.ts';
import { parseSelector } from './selectors.ts';

function typeList(c: Cursor, expecting: string): RawType {
  const { start } = c.token;
  const types: string[] = [];
  do {
    const t = c.token;
    if (
      t.kind !== 'word' ||
      (c.isKeyword && !['dscp', 'ecn', 'mark', 'time', 'classid', 'hour', 'day', 'protocol'].includes(t.text))
    )
      c.unexpected(types.length ? '' : expecting);
    const type = typeByName(t.text === 'protocol' ? 'inet_proto' : t.text);
    if (!type || t.text === 'ct_label') c.fail(`unknown datatype ${t.text}`, t);
    c.next();
    types.push(type);
  } while (c.eat('.'));
  return { types, span: c.since(start) };
}

function typeofList(c: Cursor): RawType {
  const { start } = c.token;
  const one = () => {
    const t = c.token;
    const e = parseSelector(c) ?? parsePrimary(c);
    if (e.k === 'sym' && e.text !== 'verdict') c.fail(`primary expression type 'symbol' lacks typeof serialization`, t);
    return e;
  };
  const parts = [one()];
  while (c.eat('.')) parts.push(one());
  const span = c.since(start);
  return { of: parts.length === 1 ? (parts[0] as never) : { k: 'concat', parts, span }, span };
}

const OBJECTS = ['counter', 'quota', 'limit', 'secmark', 'synproxy'];

/** `type …` or `typeof …`: it counts when the whole line is right. */
function keyAndData(c: Cursor, set: RawSet): void {
  const of = c.next().text === 'typeof';
  const list = (): RawType => (of ? typeofList(c) : typeList(c, ''));
  if (!of) c.scopes.push('type');
  const key = list();
  const ends = 'newline or semicolon or .';
  const found: Partial<RawSet> = { key };
  if (set.map) {
    c.expect(':', 'colon or .');
    if (!of && c.oneOf(...OBJECTS)) found.object = c.next().text;
    else {
      if (c.eat('interval')) found.dataInterval = true;
      if (c.is('verdict')) {
        c.next();
        found.data = 'verdict';
      } else found.data = list();
    }
  }
  if (!c.atSeparator) c.unexpected(ends);
  if (!of) c.scopes.pop();
  Object.assign(set, found);
}

function line(c: Cursor, set: RawSet): void {
  if (c.oneOf('type', 'typeof')) keyAndData(c, set);
  else if (c.eat('flags')) {
    set.flags = set.map ? set.flags : [];
    do {
      if (!c.oneOf('constant', 'interval', 'timeout', 'dynamic'))
        c.unexpected('constant or interval or dynamic or timeout');
      set.flags.push(c.next().text);
    } while (c.eat(','));
  } else if (c.eat('timeout')) set.timeout = parseTimeSpec(c);
  else if (!set.map && c.eat('gc-interval')) set.gcInterval = parseTimeSpec(c);
  else if (c.eat('size')) set.size = c.number('number');
  else if (c.eat('policy')) {
    const t = c.token.text;
    if (t !== 'memory' && t !== 'performance') c.unexpected('memory or performance');
    c.next();
    set.policy = t;
  } else if (c.is('comment')) set.comment = parseComment(c, set.comment);
  else if (c.oneOf('counter', 'limit', 'quota') || (c.is('ct') && c.peek().text === 'count'))
    set.stmts.push(...parseElementStmts(c));
  else c.unexpected();
}

/** `comment STRING`. */
export function parseComment(c: Cursor, before?: string): string {
  const start = c.next().start;
  const t = c.token;
  const text = c.string('string or quoted string or string with a trailing asterisk');
  if (text.length > 127) c.fail('comment too long, 128 characters maximum allowed', t);
  if (before !== undefined)
    c.failOuter('You can only specify this once. This statement duplicates the first', c.since(start));
  return text;
}

/**
 * A block inside a table ends with a separator behind its brace. Where there is none the parser takes the brace back and
 * goes on inside the block, behind the next separator. Answers whether that happened.
 */
export function unseparated(c: Cursor): boolean {
  const next = c.peek();
  if (next.kind === 'newline' || (next.kind === 'symbol' && next.text === ';')) return false;
  c.next();
  try {
    c.separator();
  } catch (e) {
    c.recover(e);
  }
  return true;
}

/** The block of a set or map, from its brace on. Lines with errors are passed over. */
export function parseSetBlock(c: Cursor, map: boolean, inTable = false): RawSet {
  const open = c.expect('{');
  const set: RawSet = {
    map,
    key: null,
    data: null,
    object: null,
    dataInterval: false,
    flags: [],
    timeout: 0,
    gcInterval: 0,
    size: 0,
    autoMerge: false,
    stmts: [],
    elems: null,
    span: open,
  };
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
      if (c.is('elements')) {
        c.next();
        c.expect('=', "'='");
        if (c.is('$')) set.elems = parseVariable(c);
        else if (c.is('{')) set.elems = parseSet(c);
        else c.unexpected("'{' or '$'");
        continue;
      }
      if (c.is('auto-merge') && !map) {
        c.next();
        set.autoMerge = true;
        continue;
      }
      line(c, set);
      c.separator();
    } catch (e) {
      if (e instanceof NftError && e.outer) throw e;
      c.recover(e);
    }
  }
  set.span = c.since(open.start);
  c.next();
  return set;
}
