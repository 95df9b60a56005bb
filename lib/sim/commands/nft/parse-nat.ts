/** Address translation and transparent proxying, as nft's grammar has them. */
import type { Raw, RawStmt } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { parseOperand, parseSetExpr } from './parse-expr.ts';

const FLAGS = ['random', 'fully-random', 'persistent'];

function flags(c: Cursor): string[] {
  const found: string[] = [];
  if (!c.oneOf(...FLAGS)) return found;
  do {
    if (!c.oneOf(...FLAGS)) c.unexpected('random or fully-random or persistent');
    found.push(c.next().text);
  } while (c.eat(','));
  return FLAGS.filter((f) => found.includes(f));
}

function value(c: Cursor): Raw {
  const { start } = c.token;
  const key = parseOperand(c);
  if (!c.eat('map')) return key;
  return { k: 'map', key, set: parseSetExpr(c, "@ or '{' or '$'"), span: c.since(start) };
}

/** `snat|dnat|masquerade|redirect|tproxy …`. */
export function parseNat(c: Cursor): RawStmt {
  const first = c.next();
  const what = first.text as 'dnat' | 'snat' | 'masquerade' | 'redirect' | 'tproxy';
  return c.scoped(what === 'tproxy' ? 'tproxy' : 'nat', () => {
    if (what === 'tproxy') {
      const family = c.oneOf('ip', 'ip6') ? (c.next().text as 'ip') : null;
      c.expect('to', family ? 'to' : 'to or ip or ip6');
      const addr = c.is(':') ? null : value(c);
      const port = c.eat(':') ? value(c) : null;
      return { s: 'tproxy', family, addr, port, span: c.since(first.start) };
    }
    const s: Extract<RawStmt, { s: 'nat' }> = {
      s: 'nat',
      what,
      family: null,
      addr: null,
      port: null,
      flags: [],
      prefix: false,
      concat: false,
      span: first,
    };
    if (what === 'masquerade' || what === 'redirect') {
      if (c.eat('to')) {
        if (what === 'masquerade' && !c.is(':')) c.unexpected('colon');
        c.eat(':');
        s.port = value(c);
      }
      s.flags = flags(c);
      return s;
    }
    if (c.oneOf('ip', 'ip6')) {
      s.family = c.next().text as 'ip';
      if (c.eat('addr')) {
        c.expect('.', '.');
        c.expect('port', 'port');
        s.concat = true;
      } else if (c.eat('interval')) s.concat = false;
      else if (c.eat('prefix')) s.prefix = true;
      c.expect('to', s.concat || s.prefix ? 'to' : '');
    } else if (c.eat('prefix')) {
      s.prefix = true;
      c.expect('to', 'to');
    } else c.eat('to');
    if (!c.is(':')) s.addr = value(c);
    if (c.eat(':')) s.port = value(c);
    s.flags = flags(c);
    return s;
  });
}
