/** kubectl's JSONPath: templates of text and `{expression}`. Source: k8s.io/client-go util/jsonpath, k8s.io/cli-runtime pkg/printers/jsonpath.go. */
import { goText } from '../go-value.ts';
import { sortKeys } from '../record.ts';
import { evaluate, findResults } from './find.ts';
import { type PathNode, parseTemplate } from './parse.ts';

export type JsonPathResult = { ok: true; text: string } | { ok: false; parsing: boolean; error: string };

const show = (v: unknown): string =>
  typeof v === 'object' && v !== null ? JSON.stringify(sortKeys(v)) : v === null || v === undefined ? '' : goText(v);

/** Fills a template; `json` prints each piece's results as a JSON list. */
export function jsonPath(template: string, value: unknown, json = false): JsonPathResult {
  let nodes: PathNode[];
  try {
    nodes = parseTemplate(template);
  } catch (error) {
    return { ok: false, parsing: true, error: (error as Error).message };
  }
  try {
    const results = findResults(nodes, value);
    return {
      ok: true,
      text: results
        .map((values) => (json ? `${JSON.stringify(sortKeys(values), null, 4)}\n` : values.map(show).join(' ')))
        .join(''),
    };
  } catch (error) {
    return { ok: false, parsing: false, error: (error as Error).message };
  }
}

/** The values that one expression, `{.a.b}`, finds. Throws the parser's complaint. */
export const jsonPathValues = (expression: string, value: unknown): unknown[] =>
  evaluate(parseTemplate(expression), [value]);

/** A path as it may be written, `a.b`, `.a.b`, `{a.b}` or `{.a.b}`, in its full form; null for anything else. Source: kubectl pkg/cmd/get RelaxedJSONPathExpression. */
export function relaxedPath(path: string): string | null {
  const match = /^(?:\{\.?([^{}]+)\}|\.?([^{}]+))$/.exec(path);
  return match ? `{.${match[1] ?? match[2] ?? ''}}` : null;
}
