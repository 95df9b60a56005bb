export type Filter =
  | { t: 'identity' | 'recurse' }
  | { t: 'field'; of: Filter; name: Filter; optional: boolean }
  | { t: 'slice'; of: Filter; from: Filter | null; to: Filter | null; optional: boolean }
  | { t: 'iterate'; of: Filter; optional: boolean }
  | { t: 'literal'; value: Json }
  | { t: 'string'; format: string | null; parts: (string | Filter)[] }
  | { t: 'format'; name: string }
  | { t: 'array'; of: Filter | null }
  | { t: 'object'; entries: { key: Filter; value: Filter }[] }
  | { t: 'pipe' | 'comma' | 'and' | 'or' | 'alternative'; a: Filter; b: Filter }
  | { t: 'binary'; op: string; a: Filter; b: Filter }
  | { t: 'negate'; of: Filter }
  | { t: 'try'; body: Filter; handler: Filter | null }
  | { t: 'if'; cases: { test: Filter; yes: Filter }[]; otherwise: Filter | null }
  | { t: 'reduce' | 'foreach'; source: Filter; name: string; init: Filter; update: Filter; extract: Filter | null }
  | { t: 'bind'; source: Filter; name: string; body: Filter }
  | { t: 'variable'; name: string }
  | { t: 'call'; name: string; args: Filter[] }
  | { t: 'assign'; op: string; path: Filter; value: Filter }
  | { t: 'define'; name: string; params: string[]; body: Filter; rest: Filter };

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export class JqSyntaxError extends Error {
  /** @param at where in the filter the parser stood, in characters. */
  constructor(
    message: string,
    readonly at = 0,
  ) {
    super(message);
  }
}
export class JqNotModelled extends Error {}
/** An error a filter raises: carries any value. */
export class JqError extends Error {
  constructor(readonly value: Json) {
    super(typeof value === 'string' ? value : JSON.stringify(value));
  }
}
