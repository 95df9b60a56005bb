/** Request bodies: bounded, JSON, checked by a schema; every refusal names the field. */
import 'server-only';
import type { z } from 'zod';
import { Problem } from './problem.ts';

/** Reads at most `limit` bytes as text. Throws a `too-large` {@link Problem} beyond. */
async function readText(request: Request, limit: number): Promise<string> {
  const tooLarge = () => new Problem('too-large', `the body is larger than ${limit} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge();
  if (!request.body) return '';
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > limit) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    chunks.push(part.value);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new Problem('malformed', 'the body is not UTF-8', { field: '' });
  }
}

type Issue = z.core.$ZodIssue;

/** The issue that helps most: of a union's branches, the one that came closest. */
function closest(issue: Issue): { path: PropertyKey[]; message: string } {
  const { path } = issue;
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.filter((branch) => branch.length > 0).sort((a, b) => a.length - b.length);
    const [first] = branches[0] ?? [];
    if (first) {
      const inner = closest(first);
      return { path: [...path, ...inner.path], message: inner.message };
    }
  }
  if (issue.code === 'unrecognized_keys') return { path: [...path, issue.keys[0] ?? ''], message: 'unknown field' };
  return { path, message: issue.message };
}

/** Checks a value. Throws a `malformed` {@link Problem} that names the first wrong field. */
export function parseBy<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const { path, message } = issue ? closest(issue) : { path: [], message: 'invalid' };
  const field = path.map(String).join('.');
  throw new Problem('malformed', field === '' ? message : `${field}: ${message}`, { field });
}

/** The body as a JSON value of at most `limit` bytes. */
export async function readJson(request: Request, limit: number): Promise<unknown> {
  const text = await readText(request, limit);
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('malformed', 'the body is not JSON', { field: '' });
  }
}
