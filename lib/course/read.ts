/** Reads content files; every mistake in them is said with file, line and column. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

/** The project's root: content stands below it. */
export const contentRoot = (): string => join(process.env.FLATNET_ROOT ?? process.cwd(), 'content');

/** An author's mistake: what is wrong and where. */
export class ContentError extends Error {
  constructor(
    readonly file: string,
    readonly line: number,
    readonly column: number,
    problem: string,
  ) {
    super(`${relative(process.cwd(), file)}:${line}:${column}: ${problem}`);
    this.name = 'ContentError';
  }
}

/** Parses a YAML file by a schema. Throws {@link ContentError} with the position of the first mistake. */
export function readYaml<S extends z.ZodType>(file: string, schema: S): z.output<S> {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw new ContentError(file, line, col, broken.message);
  }
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  const at = positionOf(
    document,
    path.map((p) => (typeof p === 'symbol' ? String(p) : p)),
  );
  const { line, col } = lines.linePos(at);
  throw new ContentError(file, line, col, `${path.join('.') || 'document'}: ${issue?.message ?? 'invalid'}`);
}

function positionOf(document: ReturnType<typeof parseDocument>, path: readonly (string | number)[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (node && typeof node === 'object' && 'range' in node && node.range)
      return (node.range as [number, number, number])[0];
  }
  return 0;
}
