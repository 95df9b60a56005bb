import { JqError, type Json, type JsonObject } from './ast.ts';

export const typeOf = (v: Json): string =>
  v === null
    ? 'null'
    : Array.isArray(v)
      ? 'array'
      : typeof v === 'object'
        ? 'object'
        : typeof v === 'boolean'
          ? 'boolean'
          : typeof v;

export const isObject = (v: Json): v is JsonObject => typeof v === 'object' && v !== null && !Array.isArray(v);

export const truthy = (v: Json): boolean => v !== null && v !== false;

const ORDER = ['null', 'false', 'true', 'number', 'string', 'array', 'object'];
const rank = (v: Json): number => ORDER.indexOf(typeof v === 'boolean' ? String(v) : typeOf(v));

/** jq's order of all values. */
export function compareJson(a: Json, b: Json): number {
  const byType = rank(a) - rank(b);
  if (byType !== 0) return byType;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const order = compareJson(a[i] as Json, b[i] as Json);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  if (isObject(a) && isObject(b)) {
    const x = Object.keys(a).sort();
    const y = Object.keys(b).sort();
    const keys = compareJson(x, y);
    if (keys !== 0) return keys;
    for (const k of x) {
      const order = compareJson(a[k] as Json, b[k] as Json);
      if (order !== 0) return order;
    }
  }
  return 0;
}

/** A value as messages show it: cut short. */
export function brief(v: Json): string {
  const text = JSON.stringify(v);
  return text.length > 11 ? `${text.slice(0, 10)}...` : text;
}

const typed = (v: Json): string => `${typeOf(v)} (${brief(v)})`;

/** `a op b`. Throws {@link JqError}. */
export function arithmetic(op: string, a: Json, b: Json): Json {
  switch (op) {
    case '+':
      if (a === null) return b;
      if (b === null) return a;
      if (typeof a === 'number' && typeof b === 'number') return a + b;
      if (typeof a === 'string' && typeof b === 'string') return a + b;
      if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
      if (isObject(a) && isObject(b)) return { ...a, ...b };
      throw new JqError(`${typed(a)} and ${typed(b)} cannot be added`);
    case '-':
      if (typeof a === 'number' && typeof b === 'number') return a - b;
      if (Array.isArray(a) && Array.isArray(b)) return a.filter((x) => !b.some((y) => compareJson(x, y) === 0));
      throw new JqError(`${typed(a)} and ${typed(b)} cannot be subtracted`);
    case '*':
      if (typeof a === 'number' && typeof b === 'number') return a * b;
      if (typeof a === 'string' && typeof b === 'number')
        return b <= 0 ? null : a.repeat(Math.min(10_000, Math.max(1, Math.ceil(b))));
      if (isObject(a) && isObject(b)) return merge(a, b);
      throw new JqError(`${typed(a)} and ${typed(b)} cannot be multiplied`);
    case '/':
      if (typeof a === 'number' && typeof b === 'number') {
        if (b === 0) throw new JqError(`${typed(a)} and ${typed(b)} cannot be divided because the divisor is zero`);
        return a / b;
      }
      if (typeof a === 'string' && typeof b === 'string') return a === '' ? [] : a.split(b);
      throw new JqError(`${typed(a)} and ${typed(b)} cannot be divided`);
    case '%':
      if (typeof a === 'number' && typeof b === 'number') {
        if (Math.trunc(b) === 0)
          throw new JqError(`${typed(a)} and ${typed(b)} cannot be divided because the divisor is zero`);
        return Math.trunc(a) % Math.abs(Math.trunc(b));
      }
      throw new JqError(`${typed(a)} and ${typed(b)} cannot be divided`);
    default: {
      const order = compareJson(a, b);
      return op === '=='
        ? order === 0
        : op === '!='
          ? order !== 0
          : op === '<'
            ? order < 0
            : op === '<='
              ? order <= 0
              : op === '>'
                ? order > 0
                : order >= 0;
    }
  }
}

function merge(a: JsonObject, b: JsonObject): JsonObject {
  const out: JsonObject = { ...a };
  for (const [k, v] of Object.entries(b)) {
    const old = out[k];
    out[k] = old !== undefined && isObject(old) && isObject(v) ? merge(old, v) : v;
  }
  return out;
}

/** `.[key]`. Throws {@link JqError}. */
export function indexJson(v: Json, key: Json): Json {
  if (v === null && (typeof key === 'string' || typeof key === 'number' || key === null)) return null;
  if (isObject(v) && typeof key === 'string') return Object.hasOwn(v, key) ? (v[key] as Json) : null;
  if (Array.isArray(v) && typeof key === 'number') {
    const i = Math.floor(key);
    return v[i < 0 ? i + v.length : i] ?? null;
  }
  if (typeof key === 'string') throw new JqError(`Cannot index ${typeOf(v)} with string "${key}"`);
  throw new JqError(`Cannot index ${typeOf(v)} with ${typeOf(key)}`);
}

/** A changed copy with `.[key] = value`. Throws {@link JqError}. */
export function setJson(v: Json, key: Json, value: Json): Json {
  if (typeof key === 'string' && (v === null || isObject(v))) return { ...(v ?? {}), [key]: value };
  if (typeof key === 'number' && (v === null || Array.isArray(v))) {
    const out = [...(v ?? [])];
    const i = Math.floor(key) < 0 ? Math.floor(key) + out.length : Math.floor(key);
    if (i < 0) throw new JqError('Out of bounds negative array index');
    if (i > 100_000) throw new JqError('Array index too large');
    while (out.length < i) out.push(null);
    out[i] = value;
    return out;
  }
  throw new JqError(`Cannot index ${typeOf(v)} with ${typeof key === 'string' ? `string "${key}"` : typeOf(key)}`);
}

/** A copy without the value at a path. */
export function deletePath(v: Json, path: readonly Json[]): Json {
  const [key, ...rest] = path;
  if (key === undefined || v === null) return null;
  if (rest.length > 0) {
    const inner = indexJson(v, key);
    return inner === null ? v : setJson(v, key, deletePath(inner, rest));
  }
  if (Array.isArray(v) && typeof key === 'number') return v.filter((_, i) => i !== (key < 0 ? key + v.length : key));
  if (isObject(v) && typeof key === 'string') {
    const { [key]: _, ...others } = v;
    return others;
  }
  throw new JqError(`Cannot delete field at ${typeof key === 'string' ? 'object' : 'array'} index of ${typeOf(v)}`);
}
