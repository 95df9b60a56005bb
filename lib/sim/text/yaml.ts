/** YAML in and out, bounded. The only import of `yaml`. */
import { isAlias, parseAllDocuments, stringify, visit } from 'yaml';

export type YamlResult = { ok: true; documents: unknown[] } | { ok: false; error: string; line: number };

const MAX_LENGTH = 1_000_000;
const MAX_DEPTH = 60;

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const item of Object.values(value)) deepest = Math.max(deepest, depthOf(item));
  return deepest + 1;
}

/** All documents of a text; the first error with its line otherwise. Aliases are expanded up to a bound. */
export function parseYaml(text: string): YamlResult {
  if (text.length > MAX_LENGTH) return { ok: false, error: 'document is too large', line: 1 };
  // Nesting is bounded before parsing: the parser recurses.
  if (/[[{]{60}/.test(text.replace(/\s/g, ''))) return { ok: false, error: 'document is nested too deeply', line: 1 };
  const documents: unknown[] = [];
  const parsed = parseAllDocuments(text, { prettyErrors: false, version: '1.1', schema: 'core' });
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const [error] = document.errors;
    if (error) return { ok: false, error: error.message, line: text.slice(0, error.pos[0]).split('\n').length };
    let aliases = 0;
    visit(document, (_, node) => void (isAlias(node) && aliases++));
    if (aliases > 100) return { ok: false, error: 'excessive aliasing', line: 1 };
    const value = document.toJS({ maxAliasCount: 100 }) as unknown;
    if (depthOf(value) > MAX_DEPTH) return { ok: false, error: 'document is nested too deeply', line: 1 };
    if (value !== null && value !== undefined) documents.push(value);
  }
  return { ok: true, documents };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(record)
      .sort()
      .flatMap((k) => (record[k] === undefined ? [] : [[k, sorted(record[k])]])),
  );
}

/** As kubectl prints it: keys sorted, two blanks, lists not indented, no folding. */
export const printYaml = (value: unknown): string =>
  stringify(sorted(value), { lineWidth: 0, indentSeq: false, version: '1.1', schema: 'yaml-1.1' });
