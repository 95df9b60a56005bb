/** The kinds of checks. A new one is a file beside this one and a line here. */
import type { CheckKind } from './contract.ts';
import { forbid } from './forbid.ts';
import { reach } from './reach.ts';
import { run } from './run.ts';

export const checkSchemas = [forbid.schema, reach.schema, run.schema] as const;

const kinds: ReadonlyMap<string, CheckKind> = new Map(
  [forbid, reach, run].map((k) => [k.kind, k as unknown as CheckKind]),
);

/** The kind by its name; the schema has admitted only known ones. */
export function checkKind(name: string): CheckKind {
  const kind = kinds.get(name);
  if (!kind) throw new Error(`unknown kind of check: ${name}`);
  return kind;
}
