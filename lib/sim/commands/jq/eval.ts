/** Evaluates filters: each input gives a stream of outputs. Paths are followed for assignments and del. */
import { type Filter, JqError, JqNotModelled, type Json } from './ast.ts';
import { builtin } from './builtins.ts';
import { applyFormat } from './format.ts';
import { arithmetic, indexJson, isObject, setJson, truthy, typeOf } from './value.ts';

export interface Env {
  vars: ReadonlyMap<string, Json>;
  functions: ReadonlyMap<string, { params: string[]; body: Filter; env: () => Env }>;
  /** Filters given for parameters. */
  closures: ReadonlyMap<string, { filter: Filter; env: Env }>;
  steps: { left: number };
  depth: number;
}

/** A value and, where it is a part of the input, its path. */
export interface Out {
  value: Json;
  path: Json[] | null;
}

const MAX_DEPTH = 400;

/** The outputs' values. */
export function* run(f: Filter, input: Json, env: Env): Generator<Json> {
  for (const out of evaluate(f, { value: input, path: null }, env)) yield out.value;
}

export function* evaluate(f: Filter, input: Out, env: Env): Generator<Out> {
  if (env.steps.left-- <= 0) throw new JqNotModelled('filters of this many steps');
  if (env.depth > MAX_DEPTH) throw new JqNotModelled('recursion this deep');
  const value = (v: Json): Out => ({ value: v, path: null });
  const plain = (g: Filter) => run(g, input.value, env);
  switch (f.t) {
    case 'identity':
      yield input;
      return;
    case 'recurse':
      yield* recurse(input, env);
      return;
    case 'literal':
      yield value(f.value);
      return;
    case 'variable': {
      const v = env.vars.get(f.name);
      if (v === undefined) throw new JqNotModelled(`$${f.name}`);
      yield value(v);
      return;
    }
    case 'field':
    case 'slice':
    case 'iterate':
      yield* access(f, input, env);
      return;
    case 'string':
      for (const text of interpolate(f.parts, f.format, input.value, env)) yield value(text);
      return;
    case 'format':
      yield value(applyFormat(f.name, input.value));
      return;
    case 'array':
      yield value(f.of ? [...plain(f.of)] : []);
      return;
    case 'object':
      for (const o of objects(f.entries, 0, input.value, env)) yield value(o);
      return;
    case 'pipe':
      for (const a of evaluate(f.a, input, env)) yield* evaluate(f.b, a, env);
      return;
    case 'comma':
      yield* evaluate(f.a, input, env);
      yield* evaluate(f.b, input, env);
      return;
    case 'and':
    case 'or':
      for (const a of plain(f.a)) {
        if (truthy(a) === (f.t === 'or')) yield value(f.t === 'or');
        else for (const b of plain(f.b)) yield value(truthy(b));
      }
      return;
    case 'alternative':
      yield* alternative(f, input, env);
      return;
    case 'binary':
      for (const b of plain(f.b)) for (const a of plain(f.a)) yield value(arithmetic(f.op, a, b));
      return;
    case 'negate':
      for (const v of plain(f.of)) {
        if (typeof v !== 'number') throw new JqError(`${typeOf(v)} (${JSON.stringify(v)}) cannot be negated`);
        yield value(-v);
      }
      return;
    case 'try':
      yield* attempt(f, input, env);
      return;
    case 'if':
      yield* conditional(f, 0, input, env);
      return;
    case 'bind':
      for (const v of plain(f.source)) yield* evaluate(f.body, input, withVar(env, f.name, v));
      return;
    case 'reduce': {
      let state: Json = null;
      for (const init of plain(f.init)) {
        state = init;
        for (const v of plain(f.source)) state = [...run(f.update, state, withVar(env, f.name, v))].pop() ?? null;
        yield value(state);
      }
      return;
    }
    case 'foreach':
      for (const init of plain(f.init)) {
        let state = init;
        for (const v of plain(f.source)) {
          const inner = withVar(env, f.name, v);
          for (const next of run(f.update, state, inner)) {
            state = next;
            if (f.extract) for (const e of run(f.extract, state, inner)) yield value(e);
            else yield value(state);
          }
        }
      }
      return;
    case 'define': {
      const functions = new Map(env.functions);
      const inner: Env = { ...env, functions };
      functions.set(`${f.name}/${f.params.length}`, { params: f.params, body: f.body, env: () => inner });
      yield* evaluate(f.rest, input, inner);
      return;
    }
    case 'assign':
      yield value(assign(f, input.value, env));
      return;
    case 'call':
      yield* call(f.name, f.args, input, env);
  }
}

const withVar = (env: Env, name: string, v: Json): Env => ({ ...env, vars: new Map(env.vars).set(name, v) });

function* recurse(input: Out, env: Env): Generator<Out> {
  yield input;
  if (env.steps.left-- <= 0) throw new JqNotModelled('filters of this many steps');
  const { value, path } = input;
  if (Array.isArray(value))
    for (let i = 0; i < value.length; i++) yield* recurse({ value: value[i] as Json, path: path && [...path, i] }, env);
  else if (isObject(value))
    for (const k of Object.keys(value)) yield* recurse({ value: value[k] as Json, path: path && [...path, k] }, env);
}

function* access(f: Filter & { t: 'field' | 'slice' | 'iterate' }, input: Out, env: Env): Generator<Out> {
  for (const of of evaluate(f.of, input, env)) {
    const at = (key: Json): Out => ({ value: indexJson(of.value, key), path: of.path && [...of.path, key] });
    try {
      if (f.t === 'iterate') {
        if (Array.isArray(of.value)) for (let i = 0; i < of.value.length; i++) yield at(i);
        else if (isObject(of.value)) for (const k of Object.keys(of.value)) yield at(k);
        else
          throw new JqError(
            `Cannot iterate over ${typeOf(of.value)}${of.value === null ? ' (null)' : ` (${JSON.stringify(of.value)})`}`.replace(
              'null (null)',
              'null (null)',
            ),
          );
      } else if (f.t === 'field') {
        for (const key of run(f.name, input.value, env)) yield at(key);
      } else {
        for (const to of f.to ? run(f.to, input.value, env) : [null]) {
          for (const from of f.from ? run(f.from, input.value, env) : [null])
            yield { value: slice(of.value, from, to), path: null };
        }
      }
    } catch (error) {
      if (!(f.optional && error instanceof JqError)) throw error;
    }
  }
}

function slice(v: Json, from: Json, to: Json): Json {
  if (v === null) return null;
  if (!(typeof v === 'string' || Array.isArray(v))) throw new JqError(`Cannot index ${typeOf(v)} with object`);
  const start = typeof from === 'number' ? Math.floor(from) : undefined;
  const end = typeof to === 'number' ? Math.ceil(to) : undefined;
  return typeof v === 'string' ? [...v].slice(start, end).join('') : v.slice(start, end);
}

function* interpolate(
  parts: readonly (string | Filter)[],
  format: string | null,
  input: Json,
  env: Env,
  from = 0,
): Generator<string> {
  const part = parts[from];
  if (part === undefined) {
    yield '';
    return;
  }
  for (const tail of interpolate(parts, format, input, env, from + 1)) {
    if (typeof part === 'string') yield part + tail;
    else for (const v of run(part, input, env)) yield applyFormat(format ?? '@text', v) + tail;
  }
}

function* objects(
  entries: readonly { key: Filter; value: Filter }[],
  at: number,
  input: Json,
  env: Env,
): Generator<Json> {
  const entry = entries[at];
  if (!entry) {
    yield {};
    return;
  }
  for (const key of run(entry.key, input, env)) {
    if (typeof key !== 'string') throw new JqError(`Object keys must be strings`);
    for (const value of run(entry.value, input, env)) {
      for (const rest of objects(entries, at + 1, input, env)) yield { [key]: value, ...(rest as object) } as Json;
    }
  }
}

function* alternative(
  f: Filter & { t: 'alternative' | 'pipe' | 'comma' | 'and' | 'or' },
  input: Out,
  env: Env,
): Generator<Out> {
  let any = false;
  try {
    for (const a of evaluate(f.a, input, env)) {
      if (!truthy(a.value)) continue;
      any = true;
      yield a;
    }
  } catch (error) {
    if (!(error instanceof JqError)) throw error;
  }
  if (!any) yield* evaluate(f.b, input, env);
}

function* attempt(f: Filter & { t: 'try' }, input: Out, env: Env): Generator<Out> {
  try {
    yield* evaluate(f.body, input, env);
  } catch (error) {
    if (!(error instanceof JqError)) throw error;
    if (f.handler) yield* evaluate(f.handler, { value: error.value, path: null }, env);
  }
}

function* conditional(f: Filter & { t: 'if' }, at: number, input: Out, env: Env): Generator<Out> {
  const c = f.cases[at];
  if (!c) {
    if (f.otherwise) yield* evaluate(f.otherwise, input, env);
    else yield input;
    return;
  }
  for (const test of run(c.test, input.value, env)) {
    if (truthy(test)) yield* evaluate(c.yes, input, env);
    else yield* conditional(f, at + 1, input, env);
  }
}

/** The paths a filter goes to. */
export function pathsOf(f: Filter, input: Json, env: Env): Json[][] {
  return [...evaluate(f, { value: input, path: [] }, env)].map((o) => {
    if (!o.path) throw new JqError('Invalid path expression with result ' + JSON.stringify(o.value));
    return o.path;
  });
}

export function getPath(v: Json, path: readonly Json[]): Json {
  return path.reduce((at: Json, key) => (at === null ? null : indexJson(at, key)), v);
}

export function setPath(v: Json, path: readonly Json[], value: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  return setJson(v, key, setPath(v === null ? null : indexJson(v, key), rest, value));
}

function assign(f: Filter & { t: 'assign' }, input: Json, env: Env): Json {
  let out = input;
  const paths = pathsOf(f.path, input, env);
  const right = f.op === '|=' ? null : ([...run(f.value, input, env)][0] ?? null);
  for (const path of paths) {
    const old = getPath(out, path);
    let next: Json;
    if (f.op === '=') next = right;
    else if (f.op === '|=') next = [...run(f.value, old, env)][0] ?? null;
    else if (f.op === '//=') next = truthy(old) ? old : right;
    else next = arithmetic(f.op.slice(0, -1), old, right);
    out = setPath(out, path, next);
  }
  return out;
}

function* call(name: string, args: readonly Filter[], input: Out, env: Env): Generator<Out> {
  const closure = args.length === 0 ? env.closures.get(name) : undefined;
  const inner: Env = { ...env, depth: env.depth + 1 };
  if (closure) {
    yield* evaluate(closure.filter, input, { ...closure.env, depth: inner.depth });
    return;
  }
  const fn = env.functions.get(`${name}/${args.length}`);
  if (!fn) {
    yield* builtin(name, args, input, inner);
    return;
  }
  const home = fn.env();
  const closures = new Map(home.closures);
  fn.params.forEach((p, i) => void closures.set(p, { filter: args[i] as Filter, env }));
  yield* evaluate(fn.body, input, { ...home, closures, steps: env.steps, depth: inner.depth });
}
