/** jq's functions. */
import { utf8Length } from '../../text/utf8.ts';
import { type Filter, JqError, JqNotModelled, type Json, type JsonObject } from './ast.ts';
import { type Env, evaluate, getPath, type Out, pathsOf, run, setPath } from './eval.ts';
import { parseJson } from './json.ts';
import { regexCall } from './regex.ts';
import { arithmetic, compareJson, deletePath, isObject, truthy, typeOf } from './value.ts';

const fail = (message: string): never => {
  throw new JqError(message);
};
const shown = (v: Json): string => `${typeOf(v)} (${JSON.stringify(v)})`;
const needArray = (v: Json, what: string): Json[] =>
  Array.isArray(v) ? v : fail(`${shown(v)} cannot be ${what}, as it is not an array`);
const needString = (v: Json, what: string): string =>
  typeof v === 'string' ? v : fail(`${what} input must be a string`);
const needNumber = (v: Json): number => (typeof v === 'number' ? v : fail(`${shown(v)} number required`));

type Simple = (v: Json) => Json;

const TYPES: Record<string, (v: Json) => boolean> = {
  nulls: (v) => v === null,
  booleans: (v) => typeof v === 'boolean',
  numbers: (v) => typeof v === 'number',
  strings: (v) => typeof v === 'string',
  arrays: (v) => Array.isArray(v),
  objects: isObject,
  iterables: (v) => typeof v === 'object' && v !== null,
  scalars: (v) => typeof v !== 'object' || v === null,
  values: (v) => v !== null,
};

const SIMPLE: Record<string, Simple> = {
  not: (v) => !truthy(v),
  type: typeOf,
  length: (v) =>
    v === null
      ? 0
      : typeof v === 'string'
        ? [...v].length
        : typeof v === 'number'
          ? Math.abs(v)
          : Array.isArray(v)
            ? v.length
            : isObject(v)
              ? Object.keys(v).length
              : fail(`${shown(v)} has no length`),
  utf8bytelength: (v) => utf8Length(needString(v, 'utf8bytelength')),
  keys: (v) =>
    isObject(v) ? Object.keys(v).sort() : Array.isArray(v) ? v.map((_, i) => i) : fail(`${shown(v)} has no keys`),
  keys_unsorted: (v) =>
    isObject(v) ? Object.keys(v) : Array.isArray(v) ? v.map((_, i) => i) : fail(`${shown(v)} has no keys`),
  add: (v) =>
    (Array.isArray(v) ? v : isObject(v) ? Object.values(v) : fail(`Cannot iterate over ${typeOf(v)}`)).reduce(
      (a: Json, b) => arithmetic('+', a, b),
      null,
    ),
  any: (v) => needArray(v, 'iterated').some(truthy),
  all: (v) => needArray(v, 'iterated').every(truthy),
  floor: (v) => Math.floor(needNumber(v)),
  ceil: (v) => Math.ceil(needNumber(v)),
  round: (v) => Math.round(needNumber(v)),
  sqrt: (v) => Math.sqrt(needNumber(v)),
  fabs: (v) => Math.abs(needNumber(v)),
  tostring: (v) => (typeof v === 'string' ? v : JSON.stringify(v)),
  tojson: (v) => JSON.stringify(v),
  fromjson: (v) => parseJson(needString(v, 'fromjson')),
  tonumber: (v) =>
    typeof v === 'number'
      ? v
      : typeof v === 'string' && /^\s*-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?\s*$/.test(v)
        ? Number(v)
        : fail(
            typeof v === 'string'
              ? `Invalid numeric literal at EOF at line 1, column ${v.length} (while parsing '${v}')`
              : `${shown(v)} cannot be parsed as a number`,
          ),
  ascii_downcase: (v) => needString(v, 'ascii_downcase').replace(/[A-Z]/g, (c) => c.toLowerCase()),
  ascii_upcase: (v) => needString(v, 'ascii_upcase').replace(/[a-z]/g, (c) => c.toUpperCase()),
  explode: (v) => [...needString(v, 'explode')].map((c) => c.codePointAt(0) as number),
  implode: (v) =>
    needArray(v, 'imploded')
      .map((c) => String.fromCodePoint(Math.min(0x10ffff, Math.max(0, needNumber(c)))))
      .join(''),
  reverse: (v) =>
    typeof v === 'string' ? [...v].reverse().join('') : v === null ? [] : [...needArray(v, 'reversed')].reverse(),
  sort: (v) => [...needArray(v, 'sorted')].sort(compareJson),
  unique: (v) => uniqueBy(needArray(v, 'sorted'), (x) => x),
  min: (v) => needArray(v, 'iterated').reduce((a: Json, b, i) => (i === 0 || compareJson(b, a) < 0 ? b : a), null),
  max: (v) => needArray(v, 'iterated').reduce((a: Json, b, i) => (i === 0 || compareJson(b, a) >= 0 ? b : a), null),
  flatten: (v) => flatten(needArray(v, 'flattened'), Number.POSITIVE_INFINITY),
  to_entries: (v) =>
    isObject(v) ? Object.entries(v).map(([key, value]) => ({ key, value })) : fail(`${shown(v)} has no keys`),
  from_entries: fromEntries,
  transpose: (v) => {
    const rows = needArray(v, 'transposed').map((r) => needArray(r, 'transposed'));
    const width = Math.max(0, ...rows.map((r) => r.length));
    return Array.from({ length: width }, (_, i) => rows.map((r) => r[i] ?? null));
  },
  ascii: (v) => String.fromCharCode(needNumber(v)),
  infinite: () => Number.MAX_VALUE,
};

function fromEntries(v: Json): Json {
  const out: JsonObject = {};
  for (const e of needArray(v, 'iterated')) {
    if (!isObject(e)) return fail(`Cannot index ${typeOf(e)} with "key"`);
    const key = e.key ?? e.k ?? e.name ?? e.Name ?? e.K ?? e.Key ?? null;
    out[typeof key === 'string' ? key : JSON.stringify(key)] = (
      Object.hasOwn(e, 'value') ? e.value : Object.hasOwn(e, 'v') ? e.v : (e.Value ?? null)
    ) as Json;
  }
  return out;
}

function uniqueBy(items: readonly Json[], key: (v: Json) => Json): Json[] {
  const sorted = items.map((v) => ({ v, k: key(v) })).sort((a, b) => compareJson(a.k, b.k));
  return sorted.filter((e, i) => i === 0 || compareJson(e.k, (sorted[i - 1] as typeof e).k) !== 0).map((e) => e.v);
}

const flatten = (items: readonly Json[], depth: number): Json[] =>
  items.flatMap((v) => (Array.isArray(v) && depth > 0 ? flatten(v, depth - 1) : [v]));

/** Calls a builtin. Throws {@link JqNotModelled} for those that have no model. */
export function* builtin(name: string, args: readonly Filter[], input: Out, env: Env): Generator<Out> {
  const v = input.value;
  const value = (x: Json): Out => ({ value: x, path: null });
  const [f, g] = args as [Filter, Filter];
  const of = (filter: Filter) => run(filter, v, env);
  const firstOf = (filter: Filter, x: Json): Json => [...run(filter, x, env)];
  switch (`${name}/${args.length}`) {
    case 'empty/0':
      return;
    case 'error/0':
      throw new JqError(v);
    case 'error/1':
      for (const e of of(f)) throw new JqError(e);
      return;
    case 'recurse/0':
      yield* evaluate({ t: 'recurse' }, input, env);
      return;
    case 'select/1':
      for (const t of of(f)) if (truthy(t)) yield input;
      return;
    case 'map/1':
      yield value([...run({ t: 'pipe', a: { t: 'iterate', of: { t: 'identity' }, optional: false }, b: f }, v, env)]);
      return;
    case 'map_values/1':
      yield value(mapValues(v, (x) => [...run(f, x, env)][0]));
      return;
    case 'has/1':
      for (const k of of(f))
        yield value(
          isObject(v) && typeof k === 'string'
            ? Object.hasOwn(v, k)
            : Array.isArray(v) && typeof k === 'number'
              ? k >= 0 && k < v.length
              : fail(`Cannot check whether ${typeOf(v)} has a ${typeOf(k)} key`),
        );
      return;
    case 'in/1':
      for (const o of of(f))
        yield value(
          isObject(o) && typeof v === 'string'
            ? Object.hasOwn(o, v)
            : Array.isArray(o) && typeof v === 'number' && v < o.length,
        );
      return;
    case 'contains/1':
      for (const o of of(f)) yield value(contains(v, o));
      return;
    case 'inside/1':
      for (const o of of(f)) yield value(contains(o, v));
      return;
    case 'index/1':
    case 'rindex/1':
    case 'indices/1':
      for (const o of of(f)) yield value(indices(v, o, name));
      return;
    case 'startswith/1':
    case 'endswith/1':
      for (const s of of(f)) {
        if (typeof v !== 'string' || typeof s !== 'string') fail(`${name}() requires string inputs`);
        yield value(
          name === 'startswith' ? (v as string).startsWith(s as string) : (v as string).endsWith(s as string),
        );
      }
      return;
    case 'ltrimstr/1':
    case 'rtrimstr/1':
      for (const s of of(f)) {
        if (typeof v !== 'string' || typeof s !== 'string' || s === '') yield value(v);
        else if (name === 'ltrimstr') yield value(v.startsWith(s) ? v.slice(s.length) : v);
        else yield value(v.endsWith(s) ? v.slice(0, -s.length) : v);
      }
      return;
    case 'split/1':
      for (const s of of(f))
        yield value(
          typeof v === 'string' && typeof s === 'string'
            ? v === ''
              ? []
              : v.split(s)
            : fail('split input and separator must be strings'),
        );
      return;
    case 'join/1':
      for (const s of of(f))
        yield value(
          needArray(v, 'iterated')
            .map((x) =>
              x === null ? '' : typeof x === 'object' ? fail(`${shown(s)} and ${shown(x)} cannot be added`) : String(x),
            )
            .join(needString(s, 'join')),
        );
      return;
    case 'range/1':
    case 'range/2':
      yield* range(args.length === 1 ? [0] : [...of(f)], args.length === 1 ? [...of(f)] : [...of(g)], env);
      return;
    case 'first/0':
    case 'last/0':
      yield* evaluate(
        {
          t: 'field',
          of: { t: 'identity' },
          name: { t: 'literal', value: name === 'first' ? 0 : -1 },
          optional: false,
        },
        input,
        env,
      );
      return;
    case 'first/1':
      for (const o of evaluate(f, input, env)) {
        yield o;
        return;
      }
      return;
    case 'last/1': {
      const all = [...evaluate(f, input, env)];
      if (all.length > 0) yield all[all.length - 1] as Out;
      return;
    }
    case 'nth/1':
      for (const n of of(f))
        yield* evaluate(
          { t: 'field', of: { t: 'identity' }, name: { t: 'literal', value: n }, optional: false },
          input,
          env,
        );
      return;
    case 'limit/2':
      for (const n of of(f)) {
        let left = needNumber(n);
        if (left <= 0) continue;
        for (const o of evaluate(g, input, env)) {
          yield o;
          if (--left <= 0) break;
        }
      }
      return;
    case 'sort_by/1':
      yield value(
        needArray(v, 'sorted')
          .map((x) => ({ x, k: firstOf(f, x) }))
          .sort((a, b) => compareJson(a.k, b.k))
          .map((e) => e.x),
      );
      return;
    case 'group_by/1':
      yield value(groupBy(needArray(v, 'grouped'), (x) => firstOf(f, x)));
      return;
    case 'unique_by/1':
      yield value(uniqueBy(needArray(v, 'grouped'), (x) => firstOf(f, x)));
      return;
    case 'min_by/1':
    case 'max_by/1': {
      const sorted = needArray(v, 'iterated')
        .map((x) => ({ x, k: firstOf(f, x) }))
        .sort((a, b) => compareJson(a.k, b.k));
      yield value((name === 'min_by' ? sorted[0]?.x : sorted[sorted.length - 1]?.x) ?? null);
      return;
    }
    case 'any/1':
    case 'all/1': {
      const tests = needArray(v, 'iterated').map((x) => [...run(f, x, env)].some(truthy));
      yield value(name === 'any' ? tests.some(Boolean) : tests.every(Boolean));
      return;
    }
    case 'flatten/1':
      for (const d of of(f)) yield value(flatten(needArray(v, 'flattened'), needNumber(d)));
      return;
    case 'with_entries/1': {
      const entries = SIMPLE.to_entries?.(v) as Json[];
      yield value(fromEntries(entries.flatMap((e) => [...run(f, e, env)])));
      return;
    }
    case 'path/1':
      for (const p of pathsOf(f, v, env)) yield value(p);
      return;
    case 'paths/0':
      for (const p of pathsOf({ t: 'recurse' }, v, env)) if (p.length > 0) yield value(p);
      return;
    case 'del/1':
      yield value(
        pathsOf(f, v, env)
          .sort((a, b) => -compareJson(a, b))
          .reduce((x: Json, p) => deletePath(x, p), v),
      );
      return;
    case 'getpath/1':
      for (const p of of(f))
        yield {
          value: getPath(v, needArray(p, 'a path')),
          path: input.path && [...input.path, ...needArray(p, 'a path')],
        };
      return;
    case 'setpath/2':
      for (const p of of(f)) for (const x of of(g)) yield value(setPath(v, needArray(p, 'a path'), x));
      return;
    case 'test/1':
    case 'test/2':
    case 'match/1':
    case 'capture/1':
    case 'sub/2':
    case 'gsub/2':
      yield* regexCall(name, args, input, env);
      return;
    case 'env/0':
      throw new JqNotModelled('env');
  }
  if (args.length === 0 && TYPES[name]) {
    if (TYPES[name](v)) yield input;
    return;
  }
  const simple = args.length === 0 ? SIMPLE[name] : undefined;
  if (!simple) throw new JqNotModelled(`${name}/${args.length}`);
  yield value(simple(v));
}

function mapValues(v: Json, change: (x: Json) => Json | undefined): Json {
  if (Array.isArray(v)) return v.map(change).filter((x): x is Json => x !== undefined);
  if (!isObject(v)) return fail(`Cannot iterate over ${typeOf(v)}`);
  const out: JsonObject = {};
  for (const [k, x] of Object.entries(v)) {
    const y = change(x);
    if (y !== undefined) out[k] = y;
  }
  return out;
}

function groupBy(items: readonly Json[], key: (x: Json) => Json): Json[] {
  const sorted = items.map((x) => ({ x, k: key(x) })).sort((a, b) => compareJson(a.k, b.k));
  const groups: Json[][] = [];
  sorted.forEach((e, i) => {
    if (i > 0 && compareJson(e.k, (sorted[i - 1] as typeof e).k) === 0) (groups[groups.length - 1] as Json[]).push(e.x);
    else groups.push([e.x]);
  });
  return groups;
}

function contains(a: Json, b: Json): boolean {
  if (isObject(a) && isObject(b))
    return Object.entries(b).every(([k, x]) => Object.hasOwn(a, k) && contains(a[k] as Json, x));
  if (Array.isArray(a) && Array.isArray(b))
    return b.every((x) => a.some((y) => typeOf(x) === typeOf(y) && contains(y, x)));
  if (typeof a === 'string' && typeof b === 'string') return a.includes(b);
  if (typeOf(a) !== typeOf(b)) return fail(`${shown(a)} and ${shown(b)} cannot have their containment checked`);
  return compareJson(a, b) === 0;
}

function indices(v: Json, o: Json, name: string): Json {
  if (v === null) return null;
  const found: number[] = [];
  if (typeof v === 'string' && typeof o === 'string') {
    if (o !== '') for (let at = v.indexOf(o); at >= 0; at = v.indexOf(o, at + 1)) found.push(at);
  } else if (Array.isArray(v)) v.forEach((x, i) => void (compareJson(x, o) === 0 && found.push(i)));
  if (name === 'indices') return found;
  return (name === 'index' ? found[0] : found[found.length - 1]) ?? null;
}

function* range(from: readonly Json[], to: readonly Json[], env: Env): Generator<Out> {
  for (const a of from) {
    for (const b of to) {
      for (let i = needNumber(a); i < needNumber(b); i++) {
        if (env.steps.left-- <= 0) throw new JqNotModelled('ranges this long');
        yield { value: i, path: null };
      }
    }
  }
}
