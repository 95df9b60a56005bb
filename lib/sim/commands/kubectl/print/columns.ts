/** -o custom-columns. Source: k8s.io/kubectl pkg/cmd/get/customcolumn.go. */
import type { KubeObject } from '../../../k8s/types.ts';
import { goText } from '../../../text/go-value.ts';
import { jsonPathValues, relaxedPath } from '../../../text/jsonpath/index.ts';
import { alignColumns } from '../../../text/tabwriter.ts';

const BAD_PATH =
  "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'";

export interface Column {
  header: string;
  path: string;
}

/** `NAME:.metadata.name,IP:.status.podIP`, or the client's complaint. */
export function parseColumns(spec: string): Column[] | { error: string } {
  if (spec === '') return { error: 'custom-columns format specified but no custom columns given' };
  const columns: Column[] = [];
  for (const part of spec.split(',')) {
    const colon = part.indexOf(':');
    if (colon < 0) return { error: `unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>` };
    const path = relaxedPath(part.slice(colon + 1));
    if (path === null) return { error: BAD_PATH };
    columns.push({ header: part.slice(0, colon), path });
  }
  return columns;
}

/** A file of two lines, headers and paths, in words. */
export function parseColumnFile(text: string): Column[] | { error: string } {
  const [headers = [], paths = []] = text
    .split('\n')
    .slice(0, 2)
    .map((l) => l.split(/\s+/).filter((w) => w !== ''));
  if (headers.length !== paths.length)
    return { error: `number of headers (${headers.length}) and field specifications (${paths.length}) don't match` };
  return parseColumns(headers.map((h, i) => `${h}:${paths[i]}`).join(','));
}

/** The table. Throws the template's complaint. */
export function printColumns(columns: readonly Column[], objects: readonly KubeObject[], headers: boolean): string {
  const rows = objects.map((object) =>
    columns.map(({ path }) => {
      const found = jsonPathValues(path, object);
      return found.length === 0 ? '<none>' : found.map((v) => (v === null ? '<none>' : goText(v))).join(',');
    }),
  );
  return alignColumns(headers ? [columns.map((c) => c.header), ...rows] : rows);
}
