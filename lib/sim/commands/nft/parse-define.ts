/** `include`, `define`, `redefine` and `undefine`. */
import type { Raw } from './ast.ts';
import { type Cursor, NftError, unquote } from './cursor.ts';
import { parseRight, parseSet } from './parse-expr.ts';

function value(c: Cursor): Raw {
  const { start } = c.token;
  if (c.is('{')) {
    if (c.peek().text === '}') {
      c.next();
      c.next();
      return { k: 'set', elems: [], span: c.since(start) };
    }
    return parseSet(c);
  }
  if (c.is('-') && c.peek().kind === 'number') {
    c.next();
    const n = c.next();
    return { k: 'sym', text: `-${n.text}`, number: true, span: c.since(start) };
  }
  const first = parseRight(c);
  if (!c.is(',')) return first;
  const items = [first];
  while (c.eat(',')) items.push(parseRight(c));
  return { k: 'list', items, span: c.since(start) };
}

/** Takes one of these lines; false when none stands here. Throws syntax errors. */
export function parseCommonBlock(c: Cursor): boolean {
  const { start } = c.token;
  if (c.is('include')) {
    c.next();
    if (c.token.kind !== 'quoted') c.unexpected('quoted string');
    const path = unquote(c.next());
    const end = c.last.end;
    c.separator();
    const tokens = c.include(path, false);
    if (!tokens) throw new NftError(`File not found: ${path}`, { start, end: end + 1 }, true);
    c.tokens = [...c.tokens.slice(0, c.at), ...tokens.slice(0, -1), ...c.tokens.slice(c.at)];
    return true;
  }
  if (c.is('define') || c.is('redefine')) {
    const again = c.next().text === 'redefine';
    const name = c.name('string');
    c.expect('=', "'='");
    const v = value(c);
    c.separator();
    const scope = c.defines[c.defines.length - 1] as Map<string, Raw>;
    if (!again && c.define(name.text)) c.fail(`redefinition of symbol '${name.text}'`, name);
    scope.set(name.text, v);
    return true;
  }
  if (!c.is('undefine')) return false;
  c.next();
  const name = c.name('string');
  c.separator();
  // What was never defined is no error.
  for (const scope of c.defines) scope.delete(name.text);
  return true;
}
