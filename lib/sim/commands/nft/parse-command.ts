import type { Command, Verb } from './command.ts';
import { Abort, type Cursor, type NftError } from './cursor.ts';
import { blank, block, CT_OBJECTS, expand, FAMILIES, family, nameSpec, OBJECTS, tableSpec } from './parse-block.ts';
import { parseCommonBlock } from './parse-define.ts';
import { parsePrimary, parseSetExpr } from './parse-expr.ts';
import { parseChainBlock, parseFlowtableBlock, parseObject } from './parse-object.ts';
import { parseSetBlock } from './parse-set.ts';
import { parseRule } from './parse-stmt.ts';

const VERBS: readonly string[] = [
  'add',
  'replace',
  'create',
  'insert',
  'delete',
  'get',
  'list',
  'reset',
  'flush',
  'rename',
  'import',
  'export',
  'monitor',
  'describe',
];
/** What each verb takes, and what bison says where something else stands. */
const TAKES: Readonly<Record<string, { objects: readonly string[]; expecting: string }>> = {
  add: {
    objects: ['table', 'chain', 'rule', 'set', 'map', 'element', 'flowtable', 'ct', ...OBJECTS],
    expecting: 'string',
  },
  create: { objects: ['table', 'chain', 'set', 'map', 'element', 'flowtable', 'ct', ...OBJECTS], expecting: '' },
  insert: { objects: ['rule'], expecting: 'rule' },
  replace: { objects: ['rule'], expecting: 'rule' },
  delete: {
    objects: ['table', 'chain', 'rule', 'set', 'map', 'element', 'flowtable', 'ct', ...OBJECTS],
    expecting: '',
  },
  get: { objects: ['element'], expecting: 'element' },
  flush: { objects: ['table', 'chain', 'set', 'map', 'flow', 'meter', 'ruleset'], expecting: '' },
  rename: { objects: ['chain'], expecting: 'chain' },
  reset: { objects: ['counters', 'counter', 'quotas', 'quota'], expecting: 'counter or counters or quotas or quota' },
  list: {
    objects: [
      'table',
      'tables',
      'chain',
      'chains',
      'sets',
      'set',
      'ruleset',
      'flow',
      'meters',
      'meter',
      'flowtables',
      'flowtable',
      'maps',
      'map',
      'ct',
      'hooks',
      'counters',
      'quotas',
      'limits',
      'secmarks',
      'synproxys',
      ...OBJECTS,
    ],
    expecting: '',
  },
};
const LISTS = [
  'tables',
  'chains',
  'sets',
  'ruleset',
  'meters',
  'flowtables',
  'maps',
  'hooks',
  'counters',
  'quotas',
  'limits',
  'secmarks',
  'synproxys',
];

function rulePosition(c: Cursor, cmd: Command): void {
  if (c.oneOf('position', 'handle')) {
    const word = c.next();
    const at = c.token;
    cmd.handle = c.number('number');
    cmd.handleSpan = word.text === 'position' ? c.since(word.start) : at;
  } else if (c.eat('index')) {
    cmd.indexSpan = c.token;
    cmd.index = c.number('number');
  }
}

function addition(c: Cursor, cmd: Command, inside: Command[]): void {
  const { object } = cmd;
  if (object === 'rule') {
    tableSpec(c, cmd);
    nameSpec(c, cmd);
    rulePosition(c, cmd);
    cmd.rule = parseRule(c);
    return;
  }
  tableSpec(c, cmd);
  if (object === 'table') {
    if (c.is('{')) block(c, cmd, inside);
    else if (!c.atSeparator && c.token.kind !== 'eof') c.unexpected('end of file or newline or semicolon');
    return;
  }
  nameSpec(c, cmd);
  if (object === 'chain') {
    if (c.is('{')) cmd.chain = parseChainBlock(c);
    else if (!c.atSeparator && c.token.kind !== 'eof')
      c.unexpected("end of file or newline or semicolon or '{'".replace(" or '{'", ''));
  } else if (object === 'set' || object === 'map') {
    if (!c.is('{')) c.unexpected("'{'");
    cmd.set = parseSetBlock(c, object === 'map');
  } else if (object === 'element') {
    if (!c.oneOf('{', '$')) c.unexpected("'{' or '$'");
    cmd.elems = parseSetExpr(c);
  } else if (object === 'flowtable') {
    if (!c.is('{')) c.unexpected("'{'");
    cmd.flowtable = parseFlowtableBlock(c);
  } else cmd.obj = parseObject(c, object);
}

function deletion(c: Cursor, cmd: Command): void {
  const { object } = cmd;
  tableSpec(c, cmd, object === 'table');
  if (object === 'table') return;
  if (object === 'rule') {
    nameSpec(c, cmd);
    c.expect('handle', 'handle');
    cmd.handleSpan = c.token;
    cmd.handle = c.number('number');
    return;
  }
  nameSpec(c, cmd, object !== 'element' && object !== 'map' && !object.startsWith('ct'));
  if (object === 'element') {
    if (!c.oneOf('{', '$')) c.unexpected("'{' or '$'");
    cmd.elems = parseSetExpr(c);
  } else if (object === 'flowtable' && c.is('{')) cmd.flowtable = parseFlowtableBlock(c);
}

/** Lists, resets and flushes: all of a kind, of a table, or one. */
function query(c: Cursor, cmd: Command): void {
  if (cmd.object === 'flow') {
    if (!c.oneOf('table', 'tables')) c.unexpected();
    cmd.object = c.next().text === 'table' ? 'meter' : 'meters';
  }
  if (LISTS.includes(cmd.object)) {
    if (cmd.object !== 'tables' && cmd.object !== 'ruleset' && c.is('table')) {
      c.next();
      cmd.ofTable = true;
      tableSpec(c, cmd);
      return;
    }
    family(c, cmd);
    if (cmd.object === 'hooks' && c.eat('device')) cmd.device = c.string('string');
    return;
  }
  if (cmd.object.startsWith('ct ') && cmd.object.endsWith('s')) {
    c.expect('table', 'table');
    cmd.ofTable = true;
    tableSpec(c, cmd);
    return;
  }
  if (cmd.object === 'ct helper' || cmd.object === 'ct timeout' || cmd.object === 'ct expectation') {
    if (c.is('table')) {
      c.next();
      cmd.ofTable = true;
      tableSpec(c, cmd);
      return;
    }
  }
  tableSpec(c, cmd);
  if (cmd.object !== 'table') nameSpec(c, cmd);
  if (cmd.verb === 'get') {
    if (!c.oneOf('{', '$')) c.unexpected("'{' or '$'");
    cmd.elems = parseSetExpr(c);
  }
}

function monitor(c: Cursor, cmd: Command): void {
  c.scopes.push('monitor');
  if (c.token.kind === 'word' && !c.isKeyword) {
    const t = c.next();
    cmd.event = t.text;
    cmd.nameSpan = t;
  }
  if (c.oneOf('tables', 'chains', 'sets', 'rules', 'elements', 'ruleset', 'trace')) cmd.name = c.next().text;
  if (c.oneOf('xml', 'json')) cmd.text = c.next().text;
  c.scopes.pop();
}

function command(c: Cursor): Command[] {
  const { start } = c.token;
  let verb: string = 'add';
  let bare = true;
  if (VERBS.includes(c.token.text) && c.token.kind === 'word') {
    verb = c.next().text;
    bare = false;
  }
  const scope = ['list', 'reset', 'export', 'import'].includes(verb) ? [verb] : [];
  c.scopes.push(...scope);
  if (verb === 'monitor' || verb === 'describe') {
    const cmd = blank(c, verb as Verb, verb, start);
    if (verb === 'monitor') monitor(c, cmd);
    else cmd.of = parsePrimary(c);
    return [cmd];
  }
  if (verb === 'import' || verb === 'export') {
    if (!c.oneOf('ruleset', 'xml', 'json', 'vm')) c.unexpected('ruleset or xml or json or vm');
    c.unexpected();
  }
  const { objects, expecting } = TAKES[verb] as { objects: readonly string[]; expecting: string };
  const object = c.token;
  if (object.kind !== 'word' || !objects.includes(object.text)) {
    if (verb !== 'add' || object.kind !== 'word' || (c.isKeyword && !FAMILIES.includes(object.text))) {
      if (bare) c.unexpected();
      c.unexpected(expecting);
    }
    // `add` without an object adds a rule.
    const cmd = blank(c, 'add', 'rule', start);
    addition(c, cmd, []);
    return [cmd];
  }
  c.next();
  const cmd = blank(c, verb as Verb, object.text, start);
  if (object.text === 'ct') {
    const kinds = verb === 'list' ? [...CT_OBJECTS, 'helpers'] : CT_OBJECTS;
    if (!c.oneOf(...kinds))
      c.scoped('ct', () =>
        c.unexpected(
          verb === 'list' ? 'timeout or expectation or helper or helpers' : 'timeout or expectation or helper',
        ),
      );
    cmd.object = `ct ${c.next().text}`;
  }
  const inside: Command[] = [];
  if (verb === 'add' || verb === 'create' || verb === 'insert') addition(c, cmd, inside);
  else if (verb === 'replace') {
    tableSpec(c, cmd);
    nameSpec(c, cmd);
    c.expect('handle', 'handle');
    cmd.handleSpan = c.token;
    cmd.handle = c.number('number');
    cmd.rule = parseRule(c);
  } else if (verb === 'delete') deletion(c, cmd);
  else if (verb === 'rename') {
    tableSpec(c, cmd);
    nameSpec(c, cmd);
    const t = c.name('string');
    cmd.newName = t.text;
    cmd.newNameSpan = t;
  } else query(c, cmd);
  return [cmd, ...expand(inside)];
}

/** Everything one run of nft is to do; errors of the grammar stand in the cursor. */
export function parseCommands(c: Cursor): Command[] {
  const commands: Command[] = [];
  try {
    while (!c.ended) {
      if (c.atSeparator) {
        c.next();
        continue;
      }
      try {
        c.scopes = [];
        if (parseCommonBlock(c)) continue;
        const found = command(c);
        if (!c.atSeparator && !c.ended) c.unexpected('end of file or newline or semicolon');
        c.scopes = [];
        const end = c.next().end;
        for (const cmd of found) if (!cmd.inside) cmd.span = { start: cmd.span.start, end };
        commands.push(...found);
      } catch (e) {
        c.recover(e);
      }
    }
  } catch (e) {
    if (!(e instanceof Abort)) throw e;
  }
  return commands;
}

export type { NftError };
