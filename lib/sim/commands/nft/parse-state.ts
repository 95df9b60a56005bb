/** Statements that keep a state: counter, limit, quota, ct count. They stand in rules, sets, elements and objects. */
import type { RawStmt } from './ast.ts';
import type { Cursor } from './cursor.ts';

const UNITS = ['second', 'minute', 'hour', 'day', 'week'];
const SIZES: Readonly<Record<string, number>> = { bytes: 1, kbytes: 1024, mbytes: 1024 * 1024 };

type Of<S extends RawStmt['s']> = Extract<RawStmt, { s: S }>;

/** `packets N bytes N`, each or none. */
export function parseCounts(c: Cursor): { packets: number; bytes: number } {
  let packets = 0;
  let bytes = 0;
  for (;;) {
    if (c.eat('packets')) packets = c.number('number');
    else if (c.eat('bytes')) bytes = c.number('number');
    else return { packets, bytes };
  }
}

export function parseCounter(c: Cursor): Of<'counter'> {
  const span = c.next();
  return c.scoped('counter', () => ({ s: 'counter', ...parseCounts(c), span }));
}

/** `/ UNIT`, or the unit alone behind a number that ends in it. */
function unit(c: Cursor): string {
  const t = c.token;
  if (!UNITS.includes(t.text) || t.kind !== 'word') c.unexpected();
  c.next();
  return t.text;
}

/** `bytes`, `kbytes`, `mbytes`. */
function size(c: Cursor, expecting: string): number {
  const t = c.token;
  if (t.kind !== 'word' || (c.isKeyword && t.text !== 'bytes')) c.unexpected(expecting);
  const n = SIZES[t.text];
  if (n === undefined) c.fail('Wrong unit format, expecting bytes, kbytes or mbytes', t);
  c.next();
  return n;
}

/** `kbytes/second`: one word, or two with a slash between. */
function byteRate(c: Cursor, start: number): [number, string] {
  const t = c.token;
  const at = { start, end: t.end };
  const parts = /^([a-z]+)\/([a-z]+)$/.exec(t.text);
  if (t.kind === 'word' && t.text.includes('/')) {
    const factor = SIZES[parts?.[1] ?? ''];
    if (factor === undefined || !UNITS.includes(parts?.[2] ?? '')) c.fail('Wrong rate format', at);
    c.next();
    return [factor, parts?.[2] as string];
  }
  if (t.kind === 'word' && SIZES[t.text] === undefined) c.fail('wrong rate format', at);
  const factor = size(c, '/ or string or bytes');
  if (!c.is('/')) c.fail('wrong rate format', at);
  c.next();
  return [factor, unit(c)];
}

/** What follows `rate`. */
export function parseRate(c: Cursor, start: number): Of<'limit'> {
  const over = c.eat('over');
  const rate = c.number('number');
  if (c.eat('/')) {
    const u = unit(c);
    let burst = 5;
    if (c.is('burst')) {
      const at = c.next().start;
      burst = c.number('number');
      c.expect('packets', 'packets');
      if (burst === 0) c.fail('packet limit burst must be > 0', { start: at, end: c.last.end });
    }
    return { s: 'limit', rate, unit: u, over, burst, bytes: false, span: c.since(start) };
  }
  const [factor, u] = byteRate(c, c.last.start);
  let burst = 0;
  if (c.eat('burst')) {
    const at = c.last.start;
    const n = c.number('number');
    if (c.token.kind === 'word' && SIZES[c.token.text] === undefined && !c.isKeyword)
      c.fail('Wrong rate format', { start: at, end: c.token.end });
    burst = n * size(c, 'string or bytes');
  }
  return { s: 'limit', rate: rate * factor, unit: u, over, burst, bytes: true, span: c.since(start) };
}

export function parseLimit(c: Cursor): Of<'limit'> {
  const { start } = c.next();
  return c.scoped('limit', () => {
    c.expect('rate', 'name or rate');
    return parseRate(c, start);
  });
}

/** What follows `quota`. */
export function parseQuotaWords(c: Cursor, start: number): Of<'quota'> {
  // Without a word the mode is empty, and begins where the token before it does.
  const at = c.last;
  const over = c.eat('over');
  if (!over) c.eat('until');
  const n = c.number('number');
  if (c.token.kind === 'word' && SIZES[c.token.text] === undefined && !c.isKeyword)
    c.fail('Wrong rate format', { start: over ? start : at.start, end: c.token.end });
  const limit = n * size(c, 'string or bytes');
  let used = 0;
  if (c.eat('used')) {
    const u = c.number('number');
    used = u * size(c, 'string or bytes');
  }
  return { s: 'quota', over, limit, used, span: c.since(start) };
}

export function parseQuota(c: Cursor): Of<'quota'> {
  const { start } = c.next();
  return c.scoped('quota', () => parseQuotaWords(c, start));
}

/** Behind `ct count`. */
export function parseConnlimit(c: Cursor, start: number): Of<'connlimit'> {
  const over = c.eat('over');
  return { s: 'connlimit', count: c.number(over ? 'number' : 'number or over'), over, span: c.since(start) };
}

/** Statements of an element or a set. */
export function parseElementStmts(c: Cursor): RawStmt[] {
  if (c.is('counter')) return [parseCounter(c)];
  if (c.is('limit')) return [parseLimit(c)];
  if (c.is('quota')) return [parseQuota(c)];
  const { start } = c.next();
  return c.scoped('ct', () => {
    c.expect('count');
    return [parseConnlimit(c, start)];
  });
}
