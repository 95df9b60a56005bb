/** What is not there, and which near name nft suggests instead. */
import type { Family, NfTable } from '../../linux/netfilter/types.ts';
import type { NetNs } from '../../linux/types.ts';
import { NftError } from './cursor.ts';
import type { Span } from './lexer.ts';

export const ENOENT = 'No such file or directory';

/**
 * The distance nft reckons between two names: Wagner's, laid out in rows one cell too short, so that the last cell of a
 * row is the first of the next.
 */
function distance(a: string, b: string): number {
  const width = b.length;
  const d: number[] = new Array((a.length + 1) * (b.length + 1)).fill(0);
  const at = (i: number, j: number): number => d[i * width + j] as number;
  for (let i = 0; i <= a.length; i++) d[i * width] = i;
  for (let j = 0; j <= b.length; j++) d[j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i] === b[j] ? 0 : 1;
      let n = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost);
      if (i > 1 && j > 1 && a[i] === b[j - 1] && a[i - 1] === b[j]) n = Math.min(n, at(i - 2, j - 2) + cost);
      d[i * width + j] = n;
    }
  }
  return at(a.length, b.length);
}

/** The nearest of some names, when one is near enough. */
export function nearest<T>(wanted: string, all: Iterable<readonly [string, T]>): T | null {
  let best: T | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [name, value] of all) {
    const max = Math.max(name.length, wanted.length);
    const min = Math.min(name.length, wanted.length);
    if (max <= 1) continue;
    const threshold = max - min <= 1 ? Math.max(Math.ceil(max / 3), 1) : Math.ceil((max + 2) / 3);
    const n = distance(name, wanted);
    if (n > threshold || n >= least) continue;
    least = n;
    best = value;
  }
  return best;
}

const tables = (ns: NetNs): NfTable[] => [...ns.nf.tables.values()].filter((t) => t.owner === 'nft');

/** Whether nft found the table missing itself, or was told by the kernel. */
type By = 'nft' | 'kernel';
const plainText = (by: By): string => (by === 'kernel' ? `Could not process rule: ${ENOENT}` : ENOENT);

export function missingTable(ns: NetNs, name: string, span: Span, by: By): NftError {
  const near = nearest(
    name,
    tables(ns).map((t) => [t.name, t] as const),
  );
  if (!near) return new NftError(plainText(by), span);
  return new NftError(`${ENOENT}; did you mean table ‘${near.name}’ in family ${near.family}?`, span);
}

interface Where {
  family: Family;
  table: string;
  tableSpan: Span;
}

function inTables<T>(
  ns: NetNs,
  wanted: string,
  of: (t: NfTable) => Iterable<readonly [string, T]>,
): { table: NfTable; value: T } | null {
  const all: (readonly [string, { table: NfTable; value: T }])[] = [];
  for (const table of tables(ns)) for (const [name, value] of of(table)) all.push([name, { table, value }]);
  return nearest(wanted, all);
}

/** First the table: what was found may be in another. */
function tableFirst(ns: NetNs, found: NfTable, w: Where): NftError | null {
  if (tables(ns).some((t) => t.name === w.table && t.family === w.family)) return null;
  if (found.name === w.table && found.family === w.family) return null;
  return new NftError(`${ENOENT}; did you mean table ‘${found.name}’ in family ${found.family}?`, w.tableSpan);
}

/** `differs`: a chain of the same name is no suggestion. */
export function missingChain(ns: NetNs, name: string, span: Span, by: By, w: Where, differs = false): NftError {
  const near = inTables(ns, name, (t) => t.chains);
  if (!near) return new NftError(plainText(by), span);
  const first = by === 'kernel' ? tableFirst(ns, near.table, w) : null;
  if (first) return first;
  if (differs && near.value.name === name) return new NftError(plainText(by), span);
  return new NftError(
    `${ENOENT}; did you mean chain ‘${near.value.name}’ in table ${near.table.family} ‘${near.table.name}’?`,
    span,
  );
}

export function missingSet(ns: NetNs, name: string, span: Span, by: By, w: Where | null = null): NftError {
  const near = inTables(ns, name, (t) => t.sets ?? []);
  if (!near) return new NftError(plainText(by), span);
  const first = by === 'kernel' && w ? tableFirst(ns, near.table, w) : null;
  if (first) return first;
  const kind = near.value.data || near.value.object ? 'map' : 'set';
  return new NftError(
    `${ENOENT}; did you mean ${kind} ‘${near.value.name}’ in table ${near.table.family} ‘${near.table.name}’?`,
    span,
  );
}

export function missingObject(ns: NetNs, name: string, span: Span, by: By, w: Where): NftError {
  const near = inTables(ns, name, (t) => [...(t.objects?.values() ?? [])].map((o) => [o.name, o] as const));
  if (!near) return new NftError(plainText(by), span);
  const first = by === 'kernel' ? tableFirst(ns, near.table, w) : null;
  if (first) return first;
  return new NftError(
    `${ENOENT}; did you mean obj ‘${near.value.name}’ in table ${near.table.family} ‘${near.table.name}’?`,
    span,
  );
}

export function missingFlowtable(ns: NetNs, name: string, span: Span, by: By, w: Where): NftError {
  const near = inTables(ns, name, (t) => [...(t.flowtables?.values() ?? [])].map((f) => [f.name, f] as const));
  if (!near) return new NftError(plainText(by), span);
  const first = by === 'kernel' ? tableFirst(ns, near.table, w) : null;
  if (first) return first;
  return new NftError(
    `${ENOENT}; did you mean flowtable ‘${near.value.name}’ in table ${near.table.family} ‘${near.table.name}’?`,
    span,
  );
}

export const kernelError = (errno: string, span: Span): NftError =>
  new NftError(`Could not process rule: ${errno}`, span);
