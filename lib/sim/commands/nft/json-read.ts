/**
 * Commands in nft's JSON, as commands of its language: both have one evaluation. Source: libnftables-json(5).
 * Errors found in the document name no place in it, except those of a missing member.
 */
import { Unmodelled } from './cursor.ts';
import { typeByName } from './datatypes.ts';
import { int, isObject, type Json, JsonError, need, text, typeName, within } from './json-fields.ts';
import { elements, name, quoted } from './json-read-expr.ts';
import { rate, statement } from './json-read-stmt.ts';

const FAMILIES = new Set(['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev']);
const HOOKS = new Set(['prerouting', 'input', 'forward', 'postrouting', 'output', 'ingress', 'egress']);
const SET_FLAGS = new Set(['constant', 'interval', 'timeout']);
const MAP_OBJECTS = new Set(['counter', 'quota', 'limit', 'secmark']);

function family(v: Json): string {
  if (!FAMILIES.has(v.family as string)) throw new JsonError(`Unknown family '${v.family}'.`);
  return v.family as string;
}

/** A name, or what stands for it where something is deleted. */
function nameOr(verb: string, v: unknown, what: string): string {
  if (verb !== 'delete') return name(need(v, 'name:s').name as string);
  const given = text(v, 'name');
  if (given !== null) return name(given);
  if (int(v, 'handle') === null) throw new JsonError(`Either name or handle required to delete ${what}.`);
  return `handle ${int(v, 'handle')}`;
}

const bare = (verb: string): boolean => verb === 'delete' || verb === 'list' || verb === 'flush';

function table(verb: string, v: unknown): string {
  const body = need(v, 'family:s');
  const which = nameOr(verb, v, 'a table');
  return `${verb} table ${family(body)} ${which}`;
}

function chain(verb: string, v: unknown): string {
  const body = need(v, 'family:s table:s');
  const which = nameOr(verb, v, 'a chain');
  const head = `${verb} chain ${family(body)} ${name(body.table as string)} ${which}`;
  const [type, hook, prio] = [text(v, 'type'), text(v, 'hook'), int(v, 'prio')];
  if (bare(verb) || type === null || hook === null || prio === null) return head;
  if (!HOOKS.has(hook)) throw new JsonError(`Invalid chain hook '${hook}'.`);
  const policy = text(v, 'policy');
  if (policy !== null && policy !== 'accept' && policy !== 'drop') throw new JsonError(`Unknown policy '${policy}'.`);
  if (!['filter', 'nat', 'route'].includes(type)) throw new Unmodelled(`chains of type ${type} in JSON`);
  const dev = text(v, 'dev');
  const device = dev === null ? '' : ` device ${quoted(dev)}`;
  return `${head} { type ${type} hook ${hook}${device} priority ${prio} ; ${policy ? `policy ${policy} ; ` : ''}}`;
}

function statements(v: Json): string {
  const { expr } = v;
  if (!Array.isArray(expr)) throw new JsonError('Value of property "expr" must be an array.');
  const words = expr.map((s, i) => {
    if (!isObject(s)) throw new JsonError(`Unexpected expr array element of type ${typeName(s)}, expected object.`);
    return within(`Parsing expr array at index ${i} failed.`, () => statement(s));
  });
  const comment = text(v, 'comment');
  if (words.length === 0) throw new Unmodelled('rules of nothing in JSON');
  return `${words.join(' ')}${comment === null ? '' : ` comment ${quoted(comment)}`}`;
}

function rule(verb: string, v: unknown): string {
  const body = need(v, 'family:s table:s chain:s');
  if (verb === 'delete') need(v, 'handle:i');
  else need(v, 'expr:o');
  const head = `${verb} rule ${family(body)} ${name(body.table as string)} ${name(body.chain as string)}`;
  if (verb === 'delete') return `${head} handle ${body.handle}`;
  const index = int(v, 'index');
  return `${head} ${index === null ? '' : `index ${index} `}${statements(body)}`;
}

/** `replace` and `insert`. */
function placed(verb: string, root: unknown): string {
  const { rule: v } = need(root, 'rule:o');
  const body = need(v, 'family:s table:s chain:s expr:o');
  const handle = int(v, 'handle');
  const index = int(v, 'index');
  if (verb === 'replace' && handle === null) throw new JsonError('Handle is required when replacing a rule.');
  const at = verb === 'replace' ? `handle ${handle} ` : handle ? `position ${handle} ` : '';
  const head = `${verb} rule ${family(body)} ${name(body.table as string)} ${name(body.chain as string)}`;
  return `${head} ${at}${index === null ? '' : `index ${index} `}${statements(body)}`;
}

function types(v: unknown): string {
  if (typeof v === 'string') {
    if (typeByName(v) === null) throw new JsonError(`Invalid datatype '${v}'.`);
    return v;
  }
  if (!Array.isArray(v)) throw new JsonError('Invalid set datatype.');
  return v.map((x, i) => within(`Invalid datatype at index ${i}.`, () => types(x))).join(' . ');
}

/** Elements; an empty list has nothing to say but that it is refused. */
function members(v: unknown, refusal: string): string {
  if (Array.isArray(v) && v.length === 0) throw new JsonError(refusal);
  const all = within(refusal, () => elements(v));
  return all.startsWith('{') ? all : `{ ${all} }`;
}

function set(kind: 'set' | 'map', verb: string, v: unknown): string {
  const body = need(v, 'family:s table:s');
  const which = nameOr(verb, v, 'a set');
  const head = `${family(body)} ${name(body.table as string)} ${which}`;
  if (bare(verb)) return `${verb} ${kind} ${head}`;
  if (!('type' in body)) throw new JsonError('Invalid set type.');
  const lines = [`type ${within('Invalid set type.', () => types(body.type))}`];
  const map = text(v, 'map');
  if (map !== null) {
    if (!MAP_OBJECTS.has(map) && typeByName(map) === null) throw new JsonError(`Invalid map type '${map}'.`);
    lines[0] += ` : ${map}`;
  }
  const policy = text(v, 'policy');
  if (policy !== null && policy !== 'performance' && policy !== 'memory')
    throw new JsonError(`Unknown set policy '${policy}'.`);
  if (policy !== null) lines.push(`policy ${policy}`);
  const flags = Array.isArray(body.flags) ? body.flags : [];
  flags.forEach((f, i) => {
    if (!SET_FLAGS.has(f)) throw new JsonError(`Invalid set flag at index ${i}.`);
  });
  if (flags.length) lines.push(`flags ${flags.join(',')}`);
  const timeout = int(v, 'timeout');
  if (timeout !== null) lines.push(`timeout ${timeout}s`);
  const gc = int(v, 'gc-interval');
  if (gc !== null) lines.push(`gc-interval ${gc}s`);
  const size = int(v, 'size');
  if (size !== null) lines.push(`size ${size}`);
  if (Array.isArray(body.stmt)) lines.push(...body.stmt.map((s) => statement(s)));
  if ('elem' in body) lines.push(`elements = ${members(body.elem, 'Invalid set elem expression.')}`);
  return `${verb} ${map === null ? 'set' : 'map'} ${head} { ${lines.map((l) => `${l} ; `).join('')}}`;
}

function element(verb: string, v: unknown): string {
  const body = need(v, 'family:s table:s name:s elem:o');
  const head = `${verb} element ${family(body)} ${name(body.table as string)} ${name(body.name as string)}`;
  return `${head} ${members(body.elem, 'Invalid set.')}`;
}

function flowtable(verb: string, v: unknown): string {
  const body = need(v, 'family:s table:s');
  const which = nameOr(verb, v, 'a flowtable');
  const head = `${verb} flowtable ${family(body)} ${name(body.table as string)} ${which}`;
  if (bare(verb)) return head;
  const { hook, prio, dev } = need(v, 'hook:s prio:i');
  if (hook !== 'ingress') throw new JsonError(`Invalid flowtable hook '${hook}'.`);
  const devices = ([dev ?? []].flat() as string[]).map(quoted);
  return `${head} { hook ingress priority ${prio} ; ${devices.length ? `devices = { ${devices.join(', ')} } ; ` : ''}}`;
}

const CONTENTS: Readonly<Record<string, (v: Json) => string>> = {
  counter: (v) =>
    int(v, 'packets') === null && int(v, 'bytes') === null
      ? ''
      : `packets ${int(v, 'packets') ?? 0} bytes ${int(v, 'bytes') ?? 0}`,
  quota: (v) => `${v.inv === true ? 'over ' : ''}${int(v, 'bytes') ?? 0} bytes used ${int(v, 'used') ?? 0} bytes`,
  limit: (v) => rate(need(v, 'rate:i per:s')),
};

function object(kind: string, verb: string, v: unknown): string {
  const body = need(v, 'family:s table:s');
  const which = nameOr(verb, v, 'an object');
  const head = `${verb} ${kind} ${family(body)} ${name(body.table as string)} ${which}`;
  if (bare(verb) || verb === 'reset') return head;
  const contents = CONTENTS[kind];
  if (!contents) throw new Unmodelled(`${kind} in JSON`);
  const comment = text(v, 'comment');
  const inside = [contents(body), comment === null ? '' : `comment ${quoted(comment)}`].filter(Boolean);
  return inside.length ? `${head} { ${inside.map((l) => `${l} ; `).join('')}}` : head;
}

/** `list tables` and the like, of one family or of all. */
function several(kind: string, verb: string, v: unknown): string {
  const of = text(v, 'family');
  if (of !== null) family(v as Json);
  const inside = ['sets', 'counters'].includes(kind) ? text(v, 'table') : null;
  if (inside !== null) return `${verb} ${kind} table ${of ?? 'ip'} ${name(inside)}`;
  return `${verb} ${kind}${of === null ? '' : ` ${of}`}`;
}

type Reader = (verb: string, v: unknown) => string;

const OBJECTS = ['counter', 'quota', 'ct helper', 'ct timeout', 'ct expectation', 'limit', 'secmark'];
const one = (kind: string): [string, Reader] => [kind, (verb, v) => object(kind, verb, v)];
const all = (kind: string): [string, Reader] => [kind, (verb, v) => several(kind, verb, v)];
const setOrMap: [string, Reader][] = [
  ['set', (verb, v) => set('set', verb, v)],
  ['map', (verb, v) => set('map', verb, v)],
];
const ADDED: [string, Reader][] = [
  ['table', table],
  ['chain', chain],
  ['rule', rule],
  ...setOrMap,
  ['element', element],
  ['flowtable', flowtable],
  ...OBJECTS.map(one),
];
const LISTED: [string, Reader][] = [
  ['table', table],
  ['chain', chain],
  ...setOrMap,
  ...OBJECTS.map(one),
  ...['tables', 'chains', 'sets', 'maps', 'counters', 'quotas', 'limits', 'ruleset', 'meters', 'flowtables'].map(all),
];

/** What a verb may be said of. */
const VERBS: Readonly<Record<string, [string, readonly [string, Reader][]]>> = {
  add: ['add', ADDED],
  create: ['add', ADDED],
  delete: ['add', ADDED],
  list: ['list', LISTED],
  reset: ['reset', [...['counter', 'quota'].map(one), ...['counters', 'quotas'].map(all)]],
  flush: ['flush', [['table', table], ['chain', chain], ...setOrMap, all('ruleset')]],
};

function rename(root: unknown): string {
  const { chain: v } = need(root, 'chain:O');
  const body = need(v, 'family:s table:s name:s newname:s', 7);
  const names = ['table', 'name', 'newname'].map((n) => name(body[n] as string));
  return `rename chain ${family(body)} ${names.join(' ')}`;
}

function said(verb: string, v: unknown): string {
  const [called, readers] = VERBS[verb] as [string, readonly [string, Reader][]];
  if (!isObject(v)) throw new JsonError(`Value of ${called} command must be object (got ${typeName(v)} instead).`);
  for (const [kind, read] of readers) {
    if (!(kind in v)) continue;
    if (verb === 'create' && kind === 'rule') throw new JsonError('Create command not available for rules.');
    return read(verb, v[kind]);
  }
  throw new JsonError(`Unknown object passed to ${called} command.`);
}

const ORDER = ['add', 'replace', 'create', 'insert', 'delete', 'list', 'reset', 'flush', 'rename'];

function command(v: Json): string {
  const verb = ORDER.find((k) => k in v);
  // What `list ruleset` prints has no verbs: it is added.
  if (verb === undefined) return said('add', v);
  if (verb === 'rename') return rename(v.rename);
  if (verb === 'replace' || verb === 'insert') return placed(verb, v[verb]);
  return said(verb, v[verb]);
}

/** A document's commands, one a line. Throws `JsonError` where nft refuses it. */
export function commandsOf(document: unknown): string {
  const { nftables } = need(document, 'nftables:o');
  if (!Array.isArray(nftables)) throw new JsonError('Value of property "nftables" must be an array.');
  const lines: string[] = [];
  nftables.forEach((v, i) => {
    if (!isObject(v)) throw new JsonError(`Unexpected command array element of type ${typeName(v)}, expected object.`);
    if ('metainfo' in v) {
      const version = int(v.metainfo, 'json_schema_version') ?? 1;
      if (version > 1)
        within('Metainfo verification failed.', () => {
          throw new JsonError(`Schema version ${version} not supported, maximum supported version is 1\n`);
        });
      return;
    }
    lines.push(within(`Parsing command array at index ${i} failed.`, () => command(v)));
  });
  return lines.map((l) => `${l}\n`).join('');
}
