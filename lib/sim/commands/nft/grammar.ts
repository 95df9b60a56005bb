/** nft's commands, as its grammar has them: on a command line, and as blocks in files. */
import type { NftSet } from '../../linux/netfilter/nft/types.ts';
import type { Family, Hook } from '../../linux/netfilter/types.ts';
import { elements, type PlacedElem } from './expr.ts';
import { type Span, tokenName } from './lexer.ts';
import { Cursor, NftError, seconds, Unmodelled } from './parser.ts';
import { type ParsedRule, parseRule } from './rule.ts';
import { SET_TYPES } from './types.ts';

export type Verb = 'add' | 'create' | 'insert' | 'replace' | 'delete' | 'flush' | 'list' | 'get';
const VERBS: Verb[] = ['add', 'create', 'insert', 'replace', 'delete', 'flush', 'list', 'get'];
const FAMILIES = ['ip', 'ip6', 'inet', 'arp', 'bridge'];
const PLURAL = ['tables', 'chains', 'sets', 'maps'];

export interface BaseSpec {
  type: 'filter' | 'nat' | 'route';
  hook: Hook;
  priority: number;
}
export interface ChainSpec {
  base: BaseSpec | null;
  policy: 'ACCEPT' | 'DROP' | null;
  comment: string;
  rules: ParsedRule[];
}
export type SetSpec = Omit<NftSet, 'name' | 'handle' | 'elems'>;

export interface Command {
  verb: Verb;
  object: string;
  family: Family;
  /** Whether the family was written, as a filter of lists. */
  familyGiven: boolean;
  table: string;
  name: string;
  tableSpan: Span;
  nameSpan: Span;
  span: Span;
  handle?: number;
  handleSpan?: Span;
  /** Where a rule is to stand: behind (add) or before (insert) this one. */
  position?: number;
  chain?: ChainSpec;
  set?: SetSpec;
  rule?: ParsedRule;
  /** Reads the elements once the set's types are known. */
  elemsAt?: number;
  elemsEnd?: number;
  comment?: string;
  error: NftError | null;
}

const PRIORITIES: Record<string, number> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
};

function chainBody(c: Cursor, spec: ChainSpec, errors: NftError[]): void {
  while (!c.eat('}')) {
    c.skipBlank();
    if (c.eat('}')) return;
    try {
      if (c.ended) c.unexpected();
      if (c.is('chain') || c.is('table') || c.is('set') || c.is('map')) c.unexpected();
      if (c.eat('type')) {
        const type = c.word();
        if (!['filter', 'nat', 'route'].includes(type.text)) c.deferred ??= new NftError('unknown chain type', type);
        c.expect('hook');
        const hook = c.word();
        const known = ['prerouting', 'input', 'forward', 'output', 'postrouting'].includes(hook.text);
        if (hook.text === 'ingress' || c.is('device')) throw new Unmodelled('nft: ingress hooks');
        if (!known) c.deferred ??= new NftError('unknown chain hook', hook);
        c.expect('priority');
        let priority = 0;
        if (c.token.kind === 'word') {
          const named = PRIORITIES[c.next().text];
          if (named === undefined) throw new Unmodelled('nft: this priority');
          priority = named;
          if (c.eat('+')) priority += c.number();
          else if (c.eat('-')) priority -= c.number();
        } else priority = c.eat('-') ? -c.number() : c.number();
        spec.base = { type: type.text as 'filter', hook: hook.text.toUpperCase() as Hook, priority };
      } else if (c.eat('policy')) {
        const word = c.word().text;
        if (word !== 'accept' && word !== 'drop') throw new Unmodelled('nft: this policy');
        spec.policy = word === 'drop' ? 'DROP' : 'ACCEPT';
      } else if (c.eat('comment')) spec.comment = c.quoted();
      else spec.rules.push(parseRule(c));
      c.separator();
    } catch (e) {
      recover(c, e, errors);
    }
  }
}

/** bison's `error stmt_separator`: words up to the next separator are passed over. */
function recover(c: Cursor, e: unknown, errors: NftError[]): void {
  if (!(e instanceof NftError) || !e.syntax) throw e;
  errors.push(e);
  if (errors.length >= 10) throw new Abort();
  while (c.token.kind !== 'newline' && !c.is(';')) {
    if (c.ended) throw new Abort();
    c.next();
  }
  c.next();
}
class Abort extends Error {}

function typeList(c: Cursor): string[] {
  const types: string[] = [];
  do {
    const t = c.word();
    if (!SET_TYPES.includes(t.text)) throw new Unmodelled(`nft: the type ${t.text}`);
    types.push(t.text);
  } while (c.eat('.'));
  return types;
}

function setBody(c: Cursor, map: boolean): { spec: SetSpec; elemsAt?: number; elemsEnd?: number } {
  const spec: SetSpec = {
    types: [],
    data: null,
    interval: false,
    timed: false,
    constant: false,
    timeout: 0,
    size: 0,
    autoMerge: false,
    comment: '',
  };
  let elemsAt: number | undefined;
  let elemsEnd: number | undefined;
  for (;;) {
    c.skipBlank();
    if (c.eat('}')) break;
    if (c.eat('type')) {
      spec.types = typeList(c);
      if (map) {
        c.expect(':');
        if (c.eat('verdict')) spec.data = ['verdict'];
        else spec.data = typeList(c);
      }
    } else if (c.eat('flags')) {
      do {
        const flag = c.word().text;
        if (flag === 'interval') spec.interval = true;
        else if (flag === 'timeout') spec.timed = true;
        else if (flag === 'constant') spec.constant = true;
        else throw new Unmodelled(`nft: the flag ${flag}`);
      } while (c.eat(','));
    } else if (c.eat('timeout')) {
      spec.timeout = seconds(c.next().text) ?? 0;
      if (!spec.timeout) throw new Unmodelled('nft: this timeout');
      spec.timed = true;
    } else if (c.eat('size')) spec.size = c.number();
    else if (c.eat('comment')) spec.comment = c.quoted();
    else if (c.eat('auto-merge')) spec.autoMerge = true;
    else if (c.eat('elements')) {
      c.expect('=');
      elemsAt = c.at;
      let depth = 0;
      do {
        if (c.is('{')) depth++;
        if (c.is('}')) depth--;
        if (c.ended) c.unexpected();
        c.next();
      } while (depth > 0);
      elemsEnd = c.at;
    } else throw new Unmodelled(`nft: ${c.token.text} in a set`);
    c.separator();
  }
  if (spec.types.length === 0) throw new Unmodelled('nft: a set without a type');
  if (spec.autoMerge) throw new Unmodelled('nft: auto-merge');
  return { spec, ...(elemsAt === undefined ? {} : { elemsAt, elemsEnd: elemsEnd as number }) };
}

/** Everything one run of nft is to do. Throws Unmodelled. */
export function parseCommands(c: Cursor): { commands: Command[]; errors: NftError[] } {
  const commands: Command[] = [];
  const errors: NftError[] = [];
  try {
    for (;;) {
      c.skipBlank();
      if (c.ended) break;
      try {
        command(c, commands, errors);
        if (!c.ended) c.separator();
      } catch (e) {
        recover(c, e, errors);
      }
    }
  } catch (e) {
    if (!(e instanceof Abort)) throw e;
  }
  return { commands, errors };
}

function emptyChain(): ChainSpec {
  return { base: null, policy: null, comment: '', rules: [] };
}

/** A table's block: its chains are made first, then its sets, their elements, and the rules. */
function block(c: Cursor, head: Command, commands: Command[], errors: NftError[]): void {
  const inside: Command[] = [];
  blockBody(c, head, inside, errors);
  const chains = inside.filter((x) => x.chain);
  const sets = inside.filter((x) => x.set);
  const bare = (x: Command): Command => {
    const { elemsAt: _at, elemsEnd: _end, ...rest } = x;
    return { ...rest, ...(x.chain ? { chain: { ...x.chain, rules: [] } } : {}) };
  };
  commands.push(...chains.map(bare), ...sets.map(bare), ...sets, ...chains.map(rulesOnly));
}

const rulesOnly = (x: Command): Command => ({
  ...x,
  chain: { base: null, policy: null, comment: '', rules: x.chain?.rules ?? [] },
});

function blockBody(c: Cursor, head: Command, commands: Command[], errors: NftError[]): void {
  while (!c.eat('}')) {
    c.skipBlank();
    if (c.eat('}')) return;
    try {
      const kind = c.token.text;
      if (c.ended) c.unexpected();
      if (kind === 'comment') {
        c.next();
        head.comment = c.quoted();
      } else if (kind === 'chain' || kind === 'set' || kind === 'map') {
        const start = c.next().start;
        const name = c.word();
        const cmd: Command = { ...head, object: kind, name: name.text, nameSpan: name, error: null };
        delete cmd.comment;
        commands.push(cmd);
        c.expect('{');
        if (kind === 'chain') {
          cmd.chain = emptyChain();
          chainBody(c, cmd.chain, errors);
        } else {
          const { spec, ...at } = setBody(c, kind === 'map');
          Object.assign(cmd, { set: spec }, at);
        }
        cmd.span = { start, end: c.last.end };
        cmd.error = c.deferred;
        c.deferred = null;
      } else if (c.token.kind === 'word') throw new Unmodelled(`nft: ${kind} in a table`);
      else c.unexpected();
      c.separator();
    } catch (e) {
      recover(c, e, errors);
    }
  }
}

function command(c: Cursor, commands: Command[], errors: NftError[]): void {
  const start = c.token.start;
  const first = c.token.text;
  let verb: Verb = 'add';
  if ((VERBS as string[]).includes(first)) {
    verb = first as Verb;
    c.next();
  } else if (first !== 'table') {
    if (c.token.kind !== 'word') c.unexpected();
    const next = c.tokens[c.at + 1];
    if (!next || tokenName(next) === 'string') throw new Unmodelled(`nft ${first}`);
    c.next();
    c.unexpected('string');
  }
  const objectToken = c.token;
  const object = objectToken.text;
  if (objectToken.kind === 'newline') c.unexpected(verb === 'add' ? 'string' : '');
  c.next();
  if (!['table', 'chain', 'rule', 'set', 'map', 'element', 'ruleset', ...PLURAL].includes(object)) {
    if (verb === 'add' && objectToken.kind === 'word' && c.atEnd) c.unexpected('string');
    throw new Unmodelled(`nft ${verb} ${object}`);
  }
  const familyGiven = FAMILIES.includes(c.token.text);
  c.family = familyGiven ? (c.next().text as Family) : 'ip';
  const cmd: Command = {
    verb,
    object,
    family: c.family,
    familyGiven,
    table: '',
    name: '',
    tableSpan: c.token,
    nameSpan: c.token,
    span: { start, end: 0 },
    error: null,
  };
  commands.push(cmd);
  const lists = object === 'ruleset' || PLURAL.includes(object);
  if (lists && verb !== 'list' && !(verb === 'flush' && object === 'ruleset'))
    throw new Unmodelled(`nft ${verb} ${object}`);
  if (!lists) {
    const t = c.is('handle') ? c.unexpected() : c.word();
    cmd.table = t.text;
    cmd.tableSpan = t;
    if (object !== 'table') {
      const n = c.is('handle') ? c.unexpected() : c.word();
      cmd.name = n.text;
      cmd.nameSpan = n;
    }
  }
  const adds = verb === 'add' || verb === 'create';
  if (object === 'rule') {
    if (c.is('handle') || c.is('position') || c.is('index')) {
      if (c.next().text === 'index') throw new Unmodelled('nft: index');
      cmd.handleSpan = c.token;
      cmd.handle = c.number();
    }
    if (verb === 'add' || verb === 'insert' || verb === 'replace') cmd.rule = parseRule(c);
    else if (verb !== 'delete') throw new Unmodelled(`nft ${verb} rule`);
    if (cmd.handle === undefined && verb !== 'add' && verb !== 'insert') c.unexpected();
  } else if (object === 'element') {
    cmd.elemsAt = c.at;
    while (!c.ended && c.token.kind !== 'newline') c.next();
    cmd.elemsEnd = c.at;
  } else if (adds && c.eat('{')) {
    if (object === 'table') block(c, cmd, commands, errors);
    else if (object === 'chain') {
      cmd.chain = emptyChain();
      chainBody(c, cmd.chain, errors);
    } else if (object === 'set' || object === 'map') Object.assign(cmd, rename(setBody(c, object === 'map')));
  } else if (adds && (object === 'set' || object === 'map')) c.unexpected();
  else if (adds && object === 'chain') cmd.chain = emptyChain();
  cmd.span.end = c.last.end;
  if (object !== 'table' || !adds) {
    cmd.error = c.deferred;
    c.deferred = null;
  }
}

const rename = ({ spec, ...rest }: ReturnType<typeof setBody>) => ({ set: spec, ...rest });

/** The elements of a command, read by the types of their set. */
export function readElements(c: Cursor, cmd: Command, set: SetSpec, keysOnly: boolean): PlacedElem[] {
  const sub = new Cursor(c.tokens, c.ns, cmd.family);
  sub.at = cmd.elemsAt ?? 0;
  const found = elements(sub, set.types, set.data, keysOnly);
  if (sub.deferred) throw sub.deferred;
  if (sub.at < (cmd.elemsEnd ?? sub.at)) sub.unexpected();
  return found;
}
