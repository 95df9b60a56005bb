/** Tables' blocks, and the names commands give: families, tables and what stands in them. */
import type { Family } from '../../linux/netfilter/types.ts';
import type { Command, Verb } from './command.ts';
import { type Cursor, NftError } from './cursor.ts';
import { parseCommonBlock } from './parse-define.ts';
import { parseChainBlock, parseFlowtableBlock, parseObject } from './parse-object.ts';
import { parseComment, parseSetBlock } from './parse-set.ts';

export const FAMILIES = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];
export const OBJECTS = ['counter', 'quota', 'limit', 'secmark', 'synproxy'];
export const CT_OBJECTS = ['helper', 'timeout', 'expectation'];

export function blank(c: Cursor, verb: Verb, object: string, start: number): Command {
  return {
    verb,
    object,
    family: 'ip',
    familyGiven: false,
    table: '',
    name: '',
    tableSpan: c.token,
    nameSpan: c.token,
    span: { start, end: 0 },
  };
}

export function family(c: Cursor, cmd: Command): void {
  if (!FAMILIES.includes(c.token.text) || c.token.kind !== 'word') return;
  cmd.family = c.next().text as Family;
  cmd.familyGiven = true;
}

/** `[FAMILY] TABLE`, or its handle. */
export function tableSpec(c: Cursor, cmd: Command, orHandle = false): void {
  family(c, cmd);
  if (orHandle && c.is('handle')) {
    c.next();
    cmd.handleSpan = c.token;
    cmd.handle = c.number('number');
    return;
  }
  const t = c.name(orHandle ? 'handle or string' : 'string');
  cmd.table = t.text;
  cmd.tableSpan = t;
}

export function nameSpec(c: Cursor, cmd: Command, orHandle = false): void {
  if (orHandle && c.is('handle')) {
    c.next();
    cmd.handleSpan = c.token;
    cmd.handle = c.number('number');
    return;
  }
  const t = c.name(orHandle ? 'handle or string' : 'string');
  cmd.name = t.text;
  cmd.nameSpan = t;
}

export function block(c: Cursor, head: Command, commands: Command[]): void {
  const start = c.expect('{').start;
  c.defines.push(new Map());
  for (;;) {
    if (c.atSeparator) {
      c.next();
      continue;
    }
    if (c.is('}')) break;
    try {
      if (c.token.kind === 'eof') c.unexpected();
      blockLine(c, head, commands);
    } catch (e) {
      if (e instanceof NftError && e.outer) throw e;
      c.recover(e);
    }
  }
  c.defines.pop();
  c.since(start);
  c.next();
}

function blockLine(c: Cursor, head: Command, commands: Command[]): void {
  if (parseCommonBlock(c)) return;
  const { start } = c.token;
  const kind = c.token.text;
  if (c.is('flags')) {
    c.next();
    const t = c.token;
    if (t.kind !== 'word' || c.isKeyword) c.unexpected('string');
    c.next();
    if (t.text !== 'dormant' && t.text !== 'owner') c.fail(`unknown table option ${t.text}`, t);
    head.flags = [...(head.flags ?? []), t.text];
    c.separator();
    return;
  }
  if (c.is('comment')) {
    head.comment = parseComment(c, head.comment);
    c.separator();
    return;
  }
  const cmd = blank(c, 'add', kind, start);
  cmd.family = head.family;
  cmd.table = head.table;
  cmd.tableSpan = head.tableSpan;
  cmd.inside = true;
  if (!c.oneOf('chain', 'set', 'map', 'flowtable', 'ct', ...OBJECTS)) c.unexpected();
  c.next();
  if (kind === 'ct') {
    if (!c.oneOf(...CT_OBJECTS)) c.scoped('ct', () => c.unexpected('expectation or helper or timeout'));
    cmd.object = `ct ${c.next().text}`;
  }
  nameSpec(c, cmd);
  if (!c.is('{')) c.unexpected("'{'");
  if (kind === 'chain') cmd.chain = parseChainBlock(c, true);
  else if (kind === 'set' || kind === 'map') cmd.set = parseSetBlock(c, kind === 'map', true);
  else if (kind === 'flowtable') cmd.flowtable = parseFlowtableBlock(c);
  else cmd.obj = parseObject(c, cmd.object);
  cmd.span = c.since(start);
  c.separator();
  commands.push(cmd);
}

/** A table's block: its chains are made first, then objects, sets, flowtables, their elements, and the rules. */
export function expand(inside: readonly Command[]): Command[] {
  const chains = inside.filter((x) => x.chain);
  const sets = inside.filter((x) => x.set);
  const bare = chains.map((x) => ({ ...x, chain: { ...(x.chain as NonNullable<Command['chain']>), rules: [] } }));
  const rules = chains.flatMap((x) =>
    (x.chain?.rules ?? []).map((rule): Command => {
      const { chain: _chain, ...rest } = x;
      return { ...rest, object: 'rule', rule, span: rule.span };
    }),
  );
  return [...bare, ...inside.filter((x) => x.obj), ...sets, ...inside.filter((x) => x.flowtable), ...rules];
}
