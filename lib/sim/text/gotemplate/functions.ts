/** Functions of kubectl's Go templates. Source: Go src/text/template/funcs.go, k8s.io/kubectl template printer (exists, base64decode). */
import { decodeBase64 } from '../base64.ts';
import { goFloat, goText } from '../go-value.ts';
import { isRecord } from '../record.ts';
import { utf8Decode } from '../utf8.ts';

/** Whether a value is true to `if`. */
export const truth = (v: unknown): boolean => {
  if (Array.isArray(v)) return v.length > 0;
  if (isRecord(v)) return Object.keys(v).length > 0;
  return v !== null && v !== undefined && v !== false && v !== 0 && v !== 0n && v !== '';
};

/** %v of template data: its numbers are floats, those of the template's own text are integers. */
export const show = (v: unknown): string => goText(v, true);

const typeOf = (v: unknown): string =>
  typeof v === 'bigint' ? 'int' : typeof v === 'number' ? 'float64' : typeof v === 'boolean' ? 'bool' : typeof v;

function index(at: unknown, ...keys: unknown[]): unknown {
  let value = at;
  for (const key of keys) {
    if (value === null || value === undefined) throw new Error('index of untyped nil');
    if (Array.isArray(value)) {
      if (typeof key !== 'bigint') throw new Error(`cannot index slice/array with type ${typeOf(key)}`);
      if (key < 0n || key >= BigInt(value.length)) throw new Error(`index out of range: ${key}`);
      value = value[Number(key)] as unknown;
    } else if (isRecord(value)) {
      if (typeof key !== 'string') throw new Error(`value has type ${typeOf(key)}; should be string`);
      value = value[key];
    } else throw new Error(`can't index item of type ${typeOf(value)}`);
  }
  return value;
}

function equal(a: unknown, b: unknown): boolean {
  if (typeof a === 'object' && a !== null) throw new Error('non-comparable type');
  if (a === null || a === undefined || b === null || b === undefined) return (a ?? null) === (b ?? null);
  if (typeof a !== typeof b) throw new Error('incompatible types for comparison');
  return a === b;
}

function less(a: unknown, b: unknown): boolean {
  if (typeof a !== typeof b) throw new Error('incompatible types for comparison');
  if (typeof a !== 'string' && typeof a !== 'number' && typeof a !== 'bigint')
    throw new Error('invalid type for comparison');
  return (a as string) < (b as string);
}

function verb(letter: string, v: unknown): string {
  const wrong = `%!${letter}(${v === null || v === undefined ? '<nil>' : `${typeOf(v)}=${show(v)}`})`;
  switch (letter) {
    case 'v':
      return show(v);
    case 's':
      return typeof v === 'string' ? v : typeof v === 'object' ? show(v) : wrong;
    case 'q':
      return typeof v === 'string' ? JSON.stringify(v) : wrong;
    case 'd':
      return typeof v === 'bigint' ? String(v) : wrong;
    case 't':
      return typeof v === 'boolean' ? String(v) : wrong;
    case 'f':
      return typeof v === 'number' ? v.toFixed(6) : wrong;
    case 'g':
      return typeof v === 'number' ? goFloat(v) : wrong;
    case 'x':
      return typeof v === 'bigint' ? v.toString(16) : wrong;
    default:
      return wrong;
  }
}

function printf(format: unknown, ...args: unknown[]): string {
  if (typeof format !== 'string') throw new Error('wrong type for value; expected string');
  let used = 0;
  const text = format.replace(
    /%([-0]?)(\d*)(?:\.(\d+))?([a-zA-Z%])/g,
    (_, flag: string, width: string, digits: string | undefined, letter: string) => {
      if (letter === '%') return '%';
      if (used >= args.length) return `%!${letter}(MISSING)`;
      const value = args[used++];
      let out =
        letter === 'f' && digits !== undefined && typeof value === 'number'
          ? value.toFixed(Number(digits))
          : verb(letter, value);
      if (letter === 's' && digits !== undefined) out = out.slice(0, Number(digits));
      const size = Math.min(Number(width), 1000);
      return flag === '-' ? out.padEnd(size) : out.padStart(size, flag === '0' ? '0' : ' ');
    },
  );
  const extra = args.slice(used).map((v) => `${v === null ? '<nil>' : `${typeOf(v)}=${show(v)}`}`);
  return extra.length > 0 ? `${text}%!(EXTRA ${extra.join(', ')})` : text;
}

const print = (...args: unknown[]): string =>
  args.reduce<string>(
    (text, v, i) => text + (i > 0 && typeof v !== 'string' && typeof args[i - 1] !== 'string' ? ' ' : '') + show(v),
    '',
  );

/** By name; `and` and `or` look at no more arguments than they need, so the evaluator has them. Each throws its complaint. */
export const FUNCTIONS: Record<string, (...args: unknown[]) => unknown> = {
  not: (v) => !truth(v),
  len: (v) => {
    if (typeof v === 'string' || Array.isArray(v)) return BigInt(v.length);
    if (isRecord(v)) return BigInt(Object.keys(v).length);
    throw new Error(v === null || v === undefined ? 'len of nil pointer' : `len of type ${typeOf(v)}`);
  },
  index,
  slice: (v, from = 0n, to) => {
    if (typeof v !== 'string' && !Array.isArray(v)) throw new Error(`can't slice item of type ${typeOf(v)}`);
    const end = to === undefined ? v.length : Number(to as bigint);
    if (Number(from as bigint) > end || end > v.length) throw new Error(`index out of range: ${end}`);
    return v.slice(Number(from as bigint), end);
  },
  eq: (a, ...rest) => rest.some((b) => equal(a, b)),
  ne: (a, b) => !equal(a, b),
  lt: less,
  le: (a, b) => less(a, b) || equal(a, b),
  gt: (a, b) => !less(a, b) && !equal(a, b),
  ge: (a, b) => !less(a, b),
  print,
  println: (...args) => `${args.map(show).join(' ')}\n`,
  printf,
  html: (...args) =>
    print(...args).replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;' })[c] ?? '&#39;'),
  urlquery: (...args) => encodeURIComponent(print(...args)).replaceAll('%20', '+'),
  base64decode: (v) => {
    if (v === null || v === undefined) throw new Error('invalid value; expected string');
    return utf8Decode(decodeBase64(String(v)) ?? []);
  },
  exists: (value, ...path) => {
    try {
      return index(value, ...path) !== undefined;
    } catch {
      return false;
    }
  },
};
