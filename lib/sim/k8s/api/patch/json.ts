/** JSON Patch. Source: RFC 6902, RFC 6901 (pointers); messages of gopkg.in/evanphx/json-patch. */

import { isRecord } from '../../../text/record.ts';
import { clone, same } from '../../store/clone.ts';

type Result = { ok: true; value: unknown } | { ok: false; error: string };

const tokens = (pointer: string): string[] =>
  pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((t) => t.replaceAll('~1', '/').replaceAll('~0', '~'));

class Missing extends Error {}

const missing = (operation: string, pointer: string): Missing =>
  new Missing(`${operation} operation does not apply: doc is missing path: "${pointer}": missing value`);

function child(at: unknown, token: string): unknown {
  if (Array.isArray(at)) return at[Number(token)];
  return isRecord(at) ? at[token] : undefined;
}

function parentOf(root: unknown, path: string[], operation: string, pointer: string): unknown {
  let at = root;
  for (const token of path.slice(0, -1)) {
    at = child(at, token);
    if (typeof at !== 'object' || at === null)
      throw new Missing(
        `${operation} operation does not apply: doc is missing path: ${JSON.stringify(pointer)}: missing value`,
      );
  }
  return at;
}

function add(root: unknown, pointer: string, value: unknown, operation: string): unknown {
  const path = tokens(pointer);
  if (path.length === 0) return value;
  const parent = parentOf(root, path, operation, pointer);
  const last = path.at(-1) as string;
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : Number(last);
    if (!Number.isInteger(index) || index < 0 || index > parent.length)
      throw new Missing(
        `${operation} operation does not apply: doc is missing path: ${JSON.stringify(pointer)}: invalid index referenced`,
      );
    parent.splice(index, 0, value);
  } else if (isRecord(parent)) parent[last] = value;
  else throw missing(operation, pointer);
  return root;
}

function remove(root: unknown, pointer: string, operation: string): unknown {
  const path = tokens(pointer);
  const parent = parentOf(root, path, operation, pointer);
  const last = path.at(-1) ?? '';
  const old = child(parent, last);
  if (old === undefined) throw missing(operation, pointer);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete (parent as Record<string, unknown>)[last];
  return old;
}

function read(root: unknown, pointer: string, operation: string): unknown {
  const path = tokens(pointer);
  if (path.length === 0) return root;
  const found = child(parentOf(root, path, operation, pointer), path.at(-1) as string);
  if (found === undefined) throw missing(operation, pointer);
  return found;
}

/** Applies the operations one after the other to a copy; the first that cannot be applied is the error. */
export function jsonPatch(target: unknown, patch: unknown): Result {
  if (!Array.isArray(patch))
    return { ok: false, error: 'json: cannot unmarshal object into Go value of type jsonpatch.Patch' };
  let root = clone(target);
  try {
    for (const step of patch) {
      if (!isRecord(step) || typeof step.path !== 'string') return { ok: false, error: 'Invalid JSON Patch' };
      const { op, path, value } = step;
      const from = String(step.from ?? '');
      if (op === 'add') root = add(root, path, clone(value), 'add');
      else if (op === 'remove') remove(root, path, 'remove');
      else if (op === 'replace') {
        read(root, path, 'replace');
        if (path === '') root = clone(value);
        else {
          const parent = parentOf(root, tokens(path), 'replace', path) as Record<string, unknown>;
          parent[tokens(path).at(-1) as string] = clone(value);
        }
      } else if (op === 'move') root = add(root, path, remove(root, from, 'move'), 'move');
      else if (op === 'copy') root = add(root, path, clone(read(root, from, 'copy')), 'copy');
      else if (op === 'test') {
        if (!same(read(root, path, 'test'), value))
          return { ok: false, error: `testing value ${path} failed: test failed` };
      } else return { ok: false, error: `Unexpected kind: ${String(op)}` };
    }
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    return { ok: false, error: error.message };
  }
  return { ok: true, value: root };
}
