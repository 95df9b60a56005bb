/**
 * What nft checks before it evaluates JSON: that members stand there and have their type. Its words are jansson's; the
 * column they name is that of the member's type in nft's own format string, not a place in the document.
 */
import { dump } from './json.ts';

export type Json = Readonly<Record<string, unknown>>;

/** One refusal; a column stands for a place in the document's first line, as jansson counts it. */
export interface Refusal {
  text: string;
  column?: number;
}

/** The refusals of a document, the innermost first. */
export class JsonError extends Error {
  readonly all: Refusal[];

  constructor(text: string, column?: number) {
    super(text);
    this.all = [column === undefined ? { text } : { text, column }];
  }
}

/** Adds what the caller of a failed parser says. */
export function within<T>(text: string, fn: () => T): T {
  try {
    return fn();
  } catch (e) {
    if (e instanceof JsonError) e.all.push({ text });
    throw e;
  }
}

export function typeName(v: unknown): string {
  if (v === null) return 'null';
  if (Array.isArray(v)) return 'array';
  if (typeof v === 'number') return Number.isInteger(v) ? 'integer' : 'real';
  if (typeof v === 'boolean') return v ? 'true' : 'false';
  return typeof v;
}

export const isObject = (v: unknown): v is Json => typeName(v) === 'object';

const KINDS: Readonly<Record<string, string>> = { s: 'string', i: 'integer', I: 'integer', O: 'object' };

/** Members that must be there, as `name:type` with the letters of jansson: s string, i integer, o anything. */
export function need(v: unknown, members: string, column = 4): Json {
  if (!isObject(v)) throw new JsonError(`Expected object, got ${typeName(v)}`, column - 3);
  members.split(' ').forEach((m, i) => {
    const [name = '', kind = 'o'] = m.split(':');
    const at = column + 5 * i;
    if (!(name in v)) throw new JsonError(`Object item not found: ${name}`, at);
    const want = KINDS[kind];
    if (want && typeName(v[name]) !== want) throw new JsonError(`Expected ${want}, got ${typeName(v[name])}`, at);
  });
  return v;
}

/** A member of the type asked for, or null. */
export function text(v: unknown, name: string): string | null {
  const found = isObject(v) ? v[name] : undefined;
  return typeof found === 'string' ? found : null;
}

export function int(v: unknown, name: string): number | null {
  const found = isObject(v) ? v[name] : undefined;
  return typeName(found) === 'integer' ? (found as number) : null;
}

/** An object of one member: its name says what the value is. */
export function single(v: unknown): [string, unknown] {
  const entries = isObject(v) ? Object.entries(v) : [];
  if (entries.length !== 1)
    throw new JsonError(
      `Malformed object (too many properties): '${v && typeof v === 'object' ? dump(v) : '(null)'}'.`,
    );
  return entries[0] as [string, unknown];
}

/** Two members of a list. */
export function pair(v: unknown): [unknown, unknown] {
  if (!Array.isArray(v)) throw new JsonError(`Expected array, got ${typeName(v)}`, 1);
  if (v.length < 2) throw new JsonError(`Array index ${v.length} out of range`, v.length === 0 ? 2 : 5);
  if (v.length > 2) throw new JsonError(`${v.length - 2} array item(s) left unpacked`, 7);
  return [v[0], v[1]];
}
