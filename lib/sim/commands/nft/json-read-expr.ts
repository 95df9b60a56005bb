/** Expressions of nft's JSON as the words of its language. Source: libnftables-json(5), EXPRESSIONS. */
import { HEADER_FIELDS, HEADER_NAMES } from '../../linux/netfilter/nft/headers.ts';
import { Unmodelled } from './cursor.ts';
import { int, isObject, JsonError, need, pair, single, text, typeName, within } from './json-fields.ts';
import { CT, KNOWN_META, META } from './selectors.ts';

/** Where an expression stands: nft allows lists and truth values on some sides only. */
type Side = 'left' | 'right' | 'statement';

const BARE = /^(?:[0-9a-fA-F.:]*[.:][0-9a-fA-F.:]*|\d+|0x[0-9a-fA-F]+)$/;

/** A name that stands bare in nft's language. */
export function name(s: string): string {
  if (!/^[A-Za-z][\w./-]*$/.test(s)) throw new Unmodelled(`the name ${s} in JSON`);
  return s;
}

export function quoted(s: string): string {
  if (/["\n]/.test(s)) throw new Unmodelled('quotes in a string of JSON');
  return `"${s}"`;
}

const RAW_WORDS = new Set('tcp udp udplite esp ah icmp icmpv6 comp dccp sctp redirect'.split(' '));

function immediate(v: unknown): string {
  if (typeof v === 'string') {
    if (v === '*' || v.startsWith('@') || RAW_WORDS.has(v) || BARE.test(v)) return v;
    return quoted(v);
  }
  if (typeof v === 'boolean') return v ? 'exists' : 'missing';
  if (typeName(v) === 'integer') return String(v);
  throw new JsonError(`Unexpected JSON type ${typeName(v)} for immediate value.`);
}

function payload(v: unknown): string {
  const base = text(v, 'base');
  if (base !== null && int(v, 'offset') !== null && int(v, 'len') !== null) {
    if (!['ll', 'nh', 'th', 'ih'].includes(base)) throw new JsonError(`Invalid payload base '${base}'.`);
    return `@${base},${int(v, 'offset')},${int(v, 'len')}`;
  }
  const protocol = text(v, 'protocol');
  const field = text(v, 'field');
  if (protocol === null || field === null) throw new JsonError('Invalid payload expression properties.');
  if (!HEADER_NAMES.has(protocol)) throw new JsonError(`Unknown payload protocol '${protocol}'.`);
  if (!HEADER_FIELDS.has(`${protocol} ${field}`)) throw new JsonError(`Unknown ${protocol} field '${field}'.`);
  return `${protocol} ${field}`;
}

function meta(v: unknown): string {
  const key = need(v, 'key:s').key as string;
  if (!META[key]) throw new JsonError(`syntax error, unexpected ${key}, known keys are ${KNOWN_META}`);
  return `meta ${key}`;
}

function ct(v: unknown): string {
  const key = need(v, 'key:s').key as string;
  const bare = key.replace(/^ip6? /, '');
  if (!CT[key] && !CT[bare]) throw new JsonError(`Unknown ct key '${key}'.`);
  const dir = text(v, 'dir');
  if (dir !== null && dir !== 'original' && dir !== 'reply') throw new JsonError(`Invalid direction '${dir}'.`);
  return dir === null ? `ct ${key}` : `ct ${dir} ${key}`;
}

function fib(v: unknown): string {
  const result = need(v, 'result:s').result as string;
  if (!['oif', 'oifname', 'type'].includes(result)) throw new JsonError(`Invalid fib result '${result}'.`);
  const given = (v as { flags?: unknown }).flags;
  if (given !== undefined && typeof given !== 'string' && !Array.isArray(given))
    throw new JsonError('Unexpected object type in fib tuple.');
  const flags = given === undefined ? [] : ([given].flat() as string[]);
  const wrong = flags.find((f) => !['saddr', 'daddr', 'mark', 'iif', 'oif'].includes(f));
  if (wrong !== undefined) throw new JsonError(`Invalid fib flag '${wrong}'.`);
  if (!flags.includes('saddr') && !flags.includes('daddr')) throw new JsonError('fib: need either saddr or daddr');
  if (flags.includes('saddr') && flags.includes('daddr'))
    throw new JsonError('fib: saddr and daddr are mutually exclusive');
  if (flags.includes('iif') && flags.includes('oif')) throw new JsonError('fib: iif and oif are mutually exclusive');
  return `fib ${flags.join(' . ')} ${result}`;
}

function numgen(v: unknown): string {
  const { mode, mod } = need(v, 'mode:s mod:i');
  if (mode !== 'inc' && mode !== 'random') throw new JsonError(`Unknown numgen mode '${mode}'.`);
  return `numgen ${mode} mod ${mod}${offset(v)}`;
}

const offset = (v: unknown): string => (int(v, 'offset') ? ` offset ${int(v, 'offset')}` : '');

function jhash(v: unknown): string {
  const { mod, expr } = need(v, 'mod:i expr:o');
  const of = within('Invalid jhash expression.', () => expression(expr, 'left'));
  const seed = int(v, 'seed');
  return `jhash ${of} mod ${mod}${seed === null ? '' : ` seed ${seed}`}${offset(v)}`;
}

function option(kind: 'tcp' | 'ip', v: unknown): string {
  if (int(v, 'base') !== null) return `tcp option @${int(v, 'base')},${int(v, 'offset')},${int(v, 'len')}`;
  const { name: which } = need(v, 'name:s');
  const field = text(v, 'field');
  return `${kind} option ${which}${field === null ? '' : ` ${field}`}`;
}

function header(word: string, v: unknown): string {
  const { name: which } = need(v, 'name:s');
  const field = text(v, 'field');
  return field === null ? `${word} ${which}` : `${word === 'exthdr' ? '' : `${word} `}${which} ${field}`;
}

function binary(op: string, v: unknown): string {
  const [l, r] = pair(v);
  const left = within('Failed to parse LHS of binop expression.', () => expression(l, 'left'));
  const right = within('Failed to parse RHS of binop expression.', () => expression(r, 'right'));
  // A list of flags is their sum.
  return `(${left} ${op} ${Array.isArray(r) ? `(${right.replaceAll(', ', ' | ')})` : right})`;
}

function concat(v: unknown): string {
  if (!Array.isArray(v)) throw new JsonError(`Unexpected concat object type ${typeName(v)}.`);
  return v.map((x, i) => within(`Parsing expr at index ${i} failed.`, () => expression(x, 'left'))).join(' . ');
}

function prefix(v: unknown): string {
  const { addr, len } = need(v, 'addr:o len:i');
  return `${within('Invalid address in prefix expr.', () => expression(addr, 'left'))}/${len}`;
}

function range(v: unknown): string {
  const [lo, hi] = pair(v);
  const low = within('Invalid low value in range expression.', () => expression(lo, 'left'));
  return `${low}-${within('Invalid high value in range expression.', () => expression(hi, 'left'))}`;
}

export function mapping(word: 'map' | 'vmap', v: unknown): string {
  const { key, data } = need(v, 'key:o data:o');
  const left = within('Illegal map expression key.', () => expression(key, 'statement'));
  return `${left} ${word} ${within('Illegal map expression data.', () => expression(data, 'statement'))}`;
}

export const VERDICTS = new Set(['accept', 'drop', 'continue', 'return', 'jump', 'goto']);

export function verdict(code: string, v: unknown): string {
  return code === 'jump' || code === 'goto' ? `${code} ${name(need(v, 'target:s').target as string)}` : code;
}

/** What stands between the braces of a set, or null when nothing does. */
export function elements(v: unknown): string {
  if (!Array.isArray(v)) return immediate(v);
  if (v.length === 0) throw new JsonError('');
  const all = v.map((x, i) =>
    within(`Invalid set elem at index ${i}.`, () =>
      Array.isArray(x) && x.length === 2
        ? `${expression(x[0], 'right')} : ${expression(x[1], 'right')}`
        : expression(x, 'right'),
    ),
  );
  return `{ ${all.join(', ')} }`;
}

function element(v: unknown): string {
  const { val } = need(v, 'val:o');
  const words = [expression(val, 'right')];
  if (int(v, 'timeout') !== null) words.push(`timeout ${int(v, 'timeout')}s`);
  if (int(v, 'expires') !== null) words.push(`expires ${int(v, 'expires')}s`);
  const counter = (v as { counter?: unknown }).counter;
  if (isObject(counter)) words.push(`counter packets ${counter.packets} bytes ${counter.bytes}`);
  if (text(v, 'comment') !== null) words.push(`comment ${quoted(text(v, 'comment') as string)}`);
  return words.join(' ');
}

const BINARY = new Set(['|', '^', '&', '<<', '>>']);

const READERS: Readonly<Record<string, (v: unknown) => string>> = {
  concat,
  set: elements,
  map: (v) => mapping('map', v),
  prefix,
  range,
  payload,
  exthdr: (v) => header('exthdr', v),
  'tcp option': (v) => option('tcp', v),
  'ip option': (v) => option('ip', v),
  'sctp chunk': (v) => header('sctp chunk', v),
  meta,
  ct,
  fib,
  numgen,
  jhash,
  symhash: (v) => `symhash mod ${need(v, 'mod:i').mod}${offset(v)}`,
  osf: () => 'osf name',
  socket: (v) => `socket ${need(v, 'key:s').key}`,
  rt: (v) => `rt ${text(v, 'family') ?? ''} ${need(v, 'key:s').key}`,
  elem: element,
};

/** One expression. */
export function expression(v: unknown, side: Side): string {
  if (Array.isArray(v)) {
    if (side === 'left') throw new JsonError('List expression only allowed on RHS or in statement expression.');
    return v
      .map((x, i) => within(`Parsing list expression item at index ${i} failed.`, () => expression(x, side)))
      .join(', ');
  }
  if (typeof v === 'boolean' && side === 'statement')
    throw new JsonError('Boolean values not allowed in this context.');
  if (typeof v === 'string' || typeof v === 'boolean' || typeName(v) === 'integer') return immediate(v);
  const [kind, body] = single(v);
  if (BINARY.has(kind)) return binary(kind, body);
  if (VERDICTS.has(kind)) return verdict(kind, body);
  const read = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
  if (!read) throw new JsonError(`Unknown expression type '${kind}'.`);
  return read(body);
}
