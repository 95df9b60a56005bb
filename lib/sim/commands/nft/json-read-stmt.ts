/** Statements of nft's JSON as the words of its language. Source: libnftables-json(5), STATEMENTS. */
import { Unmodelled } from './cursor.ts';
import { int, isObject, JsonError, need, single, text, within } from './json-fields.ts';
import { expression, mapping, name, quoted, VERDICTS, verdict } from './json-read-expr.ts';
import { LOG_LEVELS } from './print-stmt.ts';

const OPERATORS = new Set(['==', '!=', '<', '>', '<=', '>=']);

const list = (v: unknown): string[] => (v === undefined ? [] : ([v].flat() as string[]));

function match(v: unknown): string {
  const { left, right, op } = need(v, 'left:o right:o op:s');
  if (!OPERATORS.has(op as string) && op !== 'in' && op !== '!') throw new JsonError(`Unknown relational op '${op}'.`);
  const l = within('Invalid LHS of relational.', () => expression(left, 'left'));
  const r = within('Invalid RHS of relational.', () => expression(right, 'right'));
  return `${l} ${op === 'in' ? '' : op} ${r}`;
}

/** A statement that may name an object instead. */
function reference(kind: string, v: unknown): string {
  return `${kind} name ${within(`Invalid ${kind} reference.`, () => expression(v, 'statement'))}`;
}

function counter(v: unknown): string {
  if (v === null) return 'counter';
  if (int(v, 'packets') !== null && int(v, 'bytes') !== null)
    return `counter packets ${int(v, 'packets')} bytes ${int(v, 'bytes')}`;
  return reference('counter', v);
}

function quota(v: unknown): string {
  if (int(v, 'val') === null) return reference('quota', v);
  const { inv, val, val_unit: unit = 'bytes', used, used_unit: usedUnit = 'bytes' } = v as Record<string, unknown>;
  return `quota ${inv === true ? 'over ' : ''}${val} ${unit}${used ? ` used ${used} ${usedUnit}` : ''}`;
}

const UNITS = new Set(['week', 'day', 'hour', 'minute']);

/** The rate of a limit, as statement or as object. */
export function rate(v: unknown): string {
  const {
    rate: n,
    per,
    inv,
    rate_unit: unit = 'packets',
    burst,
    burst_unit: burstUnit = 'bytes',
  } = v as Record<string, unknown>;
  const packets = unit === 'packets';
  const every = UNITS.has(per as string) ? per : 'second';
  const more = burst ? ` burst ${burst} ${packets ? 'packets' : burstUnit}` : '';
  return `rate ${inv === true ? 'over ' : ''}${n}${packets ? '' : ` ${unit}`}/${every}${more}`;
}

function limit(v: unknown): string {
  return int(v, 'rate') === null || text(v, 'per') === null ? reference('limit', v) : `limit ${rate(v)}`;
}

function mangle(v: unknown): string {
  const { key, value } = need(v, 'key:o value:o');
  const target = within('Invalid mangle statement key', () => expression(key, 'left'));
  const set = within('Invalid mangle statement value', () => expression(value, 'statement'));
  const [kind] = isObject(key) ? single(key) : [''];
  if (!['meta', 'ct', 'payload', 'exthdr', 'tcp option'].includes(kind))
    throw new JsonError('Invalid mangle statement key expression type.');
  return `${target} set ${Array.isArray(value) ? set.replaceAll(', ', ' | ') : set}`;
}

const NAT_FLAGS = new Set(['random', 'fully-random', 'persistent']);

function nat(kind: string, v: unknown): string {
  const body = (isObject(v) ? v : {}) as Record<string, unknown>;
  const family = text(v, 'family');
  if (family !== null && family !== 'ip' && family !== 'ip6') throw new JsonError(`Invalid family '${family}'.`);
  const addr = body.addr === undefined ? '' : within('Invalid nat addr.', () => expression(body.addr, 'statement'));
  const port = body.port === undefined ? '' : within('Invalid nat port.', () => expression(body.port, 'statement'));
  const flags = list(body.flags);
  const wrong = flags.find((f) => !NAT_FLAGS.has(f));
  if (wrong !== undefined) throw new JsonError(`Unknown nat flag '${wrong}'.`);
  const six = port && /^[0-9a-fA-F:]*:[0-9a-fA-F:]*$/.test(addr) ? `[${addr}]` : addr;
  const to = addr || port ? ` to ${six}${port ? `:${port}` : ''}` : '';
  const types = list(body.type_flags).map((f) => ` ${f === 'interval' ? 'interval' : 'prefix'}`);
  return `${kind}${family ? ` ${family}` : ''}${types.join('')}${to} ${flags.join(',')}`;
}

function reject(v: unknown): string {
  const type = text(v, 'type');
  if (type === null) return 'reject';
  if (type === 'tcp reset') return 'reject with tcp reset';
  const code = (v as { expr?: unknown }).expr;
  if (!['icmp', 'icmpv6', 'icmpx'].includes(type)) {
    if (code !== undefined) throw new Unmodelled(`reject of type ${type} in JSON`);
    return 'reject';
  }
  if (code === undefined) throw new Unmodelled('reject without a code in JSON');
  return `reject with ${type} ${typeof code === 'string' ? code : expression(code, 'right')}`;
}

const LOG_FLAGS = new Set(['tcp sequence', 'tcp options', 'ip options', 'skuid', 'ether', 'all']);

function log(v: unknown): string {
  const words = ['log'];
  const prefix = text(v, 'prefix');
  if (prefix !== null) words.push(`prefix ${quoted(prefix)}`);
  for (const key of ['group', 'snaplen', 'queue-threshold'])
    if (int(v, key) !== null) words.push(`${key} ${int(v, key)}`);
  const level = text(v, 'level');
  if (level !== null && !LOG_LEVELS.includes(level)) throw new JsonError(`Invalid log level '${level}'.`);
  if (level !== null) words.push(`level ${level}`);
  const flags = list(isObject(v) ? v.flags : undefined);
  const wrong = flags.find((f) => !LOG_FLAGS.has(f));
  if (wrong !== undefined) throw new JsonError(`Unknown log flag '${wrong}'.`);
  const tcp = flags.filter((f) => f.startsWith('tcp ')).map((f) => f.slice(4));
  if (tcp.length) words.push(`flags tcp ${tcp.join(',')}`);
  for (const f of flags) if (!f.startsWith('tcp ')) words.push(`flags ${f}`);
  return words.join(' ');
}

function dynset(v: unknown): string {
  const { op, elem, set } = need(v, 'op:s elem:o set:s');
  if (!['add', 'update', 'delete'].includes(op as string)) throw new JsonError(`Unknown set statement op '${op}'.`);
  const key = within('Illegal set statement element.', () => expression(elem, 'statement'));
  if (!(set as string).startsWith('@')) throw new JsonError('Illegal set reference in set statement.');
  const more = list((v as { stmt?: unknown }).stmt).map((s) => statement(s));
  return `${op} ${set} { ${[key, ...more].join(' ')} }`;
}

function meter(v: unknown): string {
  const { name: which, key, stmt } = need(v, 'name:s key:o stmt:o');
  const size = int(v, 'size');
  const of = within('Invalid meter key.', () => expression(key, 'statement'));
  const does = within('Invalid meter statement.', () => statement(stmt));
  return `meter ${name(which as string)} ${size === null ? '' : `size ${size} `}{ ${of} ${does} }`;
}

function queue(v: unknown): string {
  const num = isObject(v) ? v.num : undefined;
  const flags = list(isObject(v) ? v.flags : undefined);
  const wrong = flags.find((f) => f !== 'bypass' && f !== 'fanout');
  if (wrong !== undefined) throw new JsonError(`Invalid queue flag '${wrong}'.`);
  const to = num === undefined ? '' : ` to ${within('Invalid queue num.', () => expression(num, 'statement'))}`;
  return `queue ${flags.length ? `flags ${flags.join(',')}` : ''}${to}`;
}

function copy(kind: 'dup' | 'fwd', v: unknown): string {
  const { addr, dev } = (isObject(v) ? v : {}) as Record<string, unknown>;
  const to = addr === undefined ? '' : ` to ${expression(addr, 'statement')}`;
  return `${kind}${to}${dev === undefined ? '' : ` ${addr === undefined ? 'to' : 'device'} ${expression(dev, 'statement')}`}`;
}

const assigned = (what: string, v: unknown): string => `ct ${what} set ${expression(v, 'statement')}`;

const READERS: Readonly<Record<string, (v: unknown) => string>> = {
  match,
  counter,
  mangle,
  quota,
  limit,
  flow: (v) => `flow add ${need(v, 'op:s flowtable:s').flowtable}`,
  notrack: () => 'notrack',
  dup: (v) => copy('dup', v),
  fwd: (v) => copy('fwd', v),
  snat: (v) => nat('snat', v),
  dnat: (v) => nat('dnat', v),
  masquerade: (v) => nat('masquerade', v),
  redirect: (v) => nat('redirect', v),
  reject,
  set: dynset,
  log,
  'ct helper': (v) => assigned('helper', v),
  'ct timeout': (v) => assigned('timeout', v),
  'ct expectation': (v) => assigned('expectation', v),
  meter,
  queue,
  'ct count': (v) => `ct count ${(v as { inv?: unknown })?.inv === true ? 'over ' : ''}${need(v, 'val:i').val}`,
};

/** One statement. */
export function statement(v: unknown): string {
  const [kind, body] = single(v);
  if (VERDICTS.has(kind)) return verdict(kind, body);
  if (kind === 'vmap') return within('Illegal vmap statement.', () => mapping('vmap', body));
  if (kind === 'xt') throw new JsonError('unsupported xtables compat expression, use iptables-nft with this ruleset');
  if (['tproxy', 'synproxy', 'reset', 'secmark'].includes(kind)) throw new Unmodelled(`${kind} in JSON`);
  const read = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
  if (!read) throw new JsonError(`Unknown statement object '${kind}'.`);
  return read(body);
}
