/** YAML in and out, bounded. The only import of `yaml`. */
import { isAlias, parseAllDocuments, stringify, visit } from 'yaml';
import { sortKeys } from './record.ts';
import { goYamlError } from './yaml-words.ts';

export type YamlResult =
  | { ok: true; documents: unknown[] }
  | { ok: false; error: string; line: number /** As Go's library words it, with its line. */; message: string };

const MAX_LENGTH = 1_000_000;
const MAX_DEPTH = 60;

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const item of Object.values(value)) deepest = Math.max(deepest, depthOf(item));
  return deepest + 1;
}

const refused = (error: string): YamlResult => ({ ok: false, error, line: 1, message: error });

/** All documents of a text; the first error with its line otherwise. Aliases are expanded up to a bound. */
export function parseYaml(text: string): YamlResult {
  if (text.length > MAX_LENGTH) return refused('document is too large');
  // Nesting is bounded before parsing: the parser recurses.
  if (/[[{]{60}/.test(text.replace(/\s/g, ''))) return refused('document is nested too deeply');
  const documents: unknown[] = [];
  const parsed = parseAllDocuments(text, { prettyErrors: false, version: '1.1', schema: 'core' });
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const [error] = document.errors;
    if (error) {
      const line = text.slice(0, error.pos[0]).split('\n').length;
      return { ok: false, error: error.message, line, message: goYamlError(error, text) };
    }
    let aliases = 0;
    visit(document, (_, node) => void (isAlias(node) && aliases++));
    if (aliases > 100) return refused('document contains excessive aliasing');
    const value = document.toJS({ maxAliasCount: 100 }) as unknown;
    if (depthOf(value) > MAX_DEPTH) return refused('document is nested too deeply');
    if (value !== null && value !== undefined) documents.push(value);
  }
  return { ok: true, documents };
}

/** Columns after which go-yaml breaks a line at the next blank. */
const WIDTH = 80;
const QUOTED = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/;

/** Where a line's scalar begins, and the column of what it belongs to; null when it has none. */
function scalarAt(line: string): { start: number; indent: number } | null {
  const indent = (/^ *(?:- )*/.exec(line) as RegExpExecArray)[0].length;
  const rest = line.slice(indent);
  const quoted = QUOTED.exec(rest)?.[0];
  const key = quoted === undefined ? rest.indexOf(': ') : rest.startsWith(': ', quoted.length) ? quoted.length : -1;
  if (key >= 0) return { start: indent + key + 2, indent: indent + 2 };
  return rest.endsWith(':') ? null : { start: indent, indent };
}

/** Breaks a long scalar at single blanks. Source: go-yaml emitterc.go, yaml_emitter_write_plain_scalar. */
function foldLine(line: string): string {
  const at = line.length > WIDTH ? scalarAt(line) : null;
  if (!at) return line;
  let out = line.slice(0, at.start);
  let column = out.length;
  for (let i = at.start; i < line.length; i++) {
    const single = line[i] === ' ' && line[i - 1] !== ' ' && line[i + 1] !== ' ';
    if (single && column > WIDTH && i > at.start && i < line.length - 1) {
      out += `\n${' '.repeat(at.indent)}`;
      column = at.indent;
    } else {
      out += line[i];
      column++;
    }
  }
  return out;
}

/** Folds every line but those of block scalars. */
function fold(text: string): string {
  let block = -1;
  return text
    .split('\n')
    .map((line) => {
      const indent = /^ */.exec(line)?.[0].length ?? 0;
      if (block >= 0 && (line === '' || indent > block)) return line;
      block = /(?:^|[:-] )[|>][-+]?\d?$/.test(line) ? indent : -1;
      return foldLine(line);
    })
    .join('\n');
}

/** As kubectl prints it: keys sorted, two blanks, lists not indented, long lines folded as go-yaml does. */
export const printYaml = (value: unknown): string =>
  fold(stringify(sortKeys(value), { lineWidth: 0, indentSeq: false, version: '1.1', schema: 'yaml-1.1' }));
