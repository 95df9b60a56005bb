/** JSON as jq reads and prints it. */
import { JqError, type Json } from './ast.ts';
import { isObject } from './value.ts';

export function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new JqError(`Invalid numeric literal at EOF at line 1, column ${text.length} (while parsing '${text}')`);
  }
}

const MAX_NESTING = 250;

/** Splits a stream of JSON values. `error` is jq's message for what is wrong, after the values before it. */
export function readStream(text: string): { values: Json[]; error: string | null } {
  const values: Json[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at++;
    if (at >= text.length) return { values, error: null };
    const end = valueEnd(text, at);
    if (end === null) return { values, error: `Unfinished JSON term at EOF at ${place(text, text.length)}` };
    if (end < 0) return { values, error: 'Exceeds depth limit for parsing at ' + place(text, -end) };
    try {
      values.push(JSON.parse(text.slice(at, end)) as Json);
    } catch {
      const literal = /^[^\s[\]{}",:]+/.exec(text.slice(at));
      const stop = literal ? at + literal[0].length + 1 : end;
      return {
        values,
        error: literal
          ? `Invalid numeric literal at ${place(text, Math.min(stop, text.length))}`
          : `Invalid JSON at ${place(text, end)}`,
      };
    }
    at = end;
  }
}

function place(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return `line ${line}, column ${at - (before.lastIndexOf('\n') + 1)}`;
}

function valueEnd(text: string, start: number): number | null {
  const c = text[start];
  if (c === '"') {
    for (let i = start + 1; i < text.length; i++) {
      if (text[i] === '\\') i++;
      else if (text[i] === '"') return i + 1;
    }
    return null;
  }
  if (c !== '{' && c !== '[') return start + (/^[^\s[\]{}",:]+/.exec(text.slice(start, start + 400))?.[0].length ?? 1);
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const x = text[i];
    if (x === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if (x === '{' || x === '[') {
      if (++depth > MAX_NESTING) return -i;
    } else if ((x === '}' || x === ']') && --depth === 0) return i + 1;
  }
  return null;
}

export interface PrintStyle {
  compact: boolean;
  indent: string;
  sortKeys: boolean;
  ascii: boolean;
  colour: boolean;
}

/** Colours of jq 1.6: null, false, true, numbers, strings, arrays, objects. */
const COLOURS = {
  null: '1;30',
  false: '0;39',
  true: '0;39',
  number: '0;39',
  string: '0;32',
  array: '1;39',
  object: '1;39',
  key: '34;1',
};

export function printJson(v: Json, style: PrintStyle, depth = 0): string {
  const paint = (text: string, code: string) => (style.colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  if (typeof v === 'string') return paint(quote(v, style), COLOURS.string);
  if (typeof v !== 'object' || v === null)
    return paint(typeof v === 'number' ? numberText(v) : String(v), COLOURS[String(v) as 'null'] ?? COLOURS.number);
  const newline = style.compact ? '' : `\n${style.indent.repeat(depth + 1)}`;
  const close = style.compact ? '' : `\n${style.indent.repeat(depth)}`;
  if (Array.isArray(v)) {
    if (v.length === 0) return paint('[]', COLOURS.array);
    const inner = v.map((x) => newline + printJson(x, style, depth + 1));
    return style.colour
      ? `${paint('[', COLOURS.array).replace('\x1b[0m', '')}${inner.join(paint(',', COLOURS.array).replace('\x1b[0m', ''))}\x1b[${COLOURS.array}m${close}\x1b[${COLOURS.array}m]\x1b[0m`
      : `[${inner.join(',')}${close}]`;
  }
  if (!isObject(v)) return 'null';
  const keys = style.sortKeys ? Object.keys(v).sort() : Object.keys(v);
  if (keys.length === 0) return paint('{}', COLOURS.object);
  const colon = style.compact ? ':' : ': ';
  const inner = keys.map(
    (k) =>
      `${newline}${style.colour ? `\x1b[0m\x1b[${COLOURS.key}m${quote(k, style)}\x1b[0m\x1b[${COLOURS.object}m${colon}\x1b[0m` : quote(k, style) + colon}${printJson(v[k] as Json, style, depth + 1)}`,
  );
  return style.colour
    ? `\x1b[${COLOURS.object}m{${inner.join(`\x1b[${COLOURS.object}m,`)}\x1b[${COLOURS.object}m${close}\x1b[${COLOURS.object}m}\x1b[0m`
    : `{${inner.join(',')}${close}}`;
}

const quote = (text: string, style: PrintStyle): string => {
  const json = JSON.stringify(text).replace(/\x7f/g, '\\u007f');
  return style.ascii
    ? json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : json;
};

function numberText(n: number): string {
  if (!Number.isFinite(n)) return n > 0 ? '1.7976931348623157e+308' : n < 0 ? '-1.7976931348623157e+308' : 'null';
  if (Math.abs(n) >= 1e17 && Number.isInteger(n)) {
    const digits = n.toExponential().replace(/e\+?/, 'e+');
    return Math.abs(n) < 1e19 ? BigInt(n).toString() : digits;
  }
  return String(n).replace(/e-(\d)$/, 'e-0$1');
}
