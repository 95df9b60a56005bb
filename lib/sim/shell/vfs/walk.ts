/** Path resolution as in path_resolution(7): links, `..`, mounts. */
import type { Proc } from '../../kernel/process.ts';
import { mounts } from './mounts.ts';
import type { DirNode, DynamicFs, FsResult, VNode } from './types.ts';

/** Where a path leads. `node` is null when only the last component is missing. */
export interface Located {
  node: VNode | null;
  /** Directory that holds it; null for the root, and within mounted file systems. */
  parent: DirNode | null;
  name: string;
  /** Absolute, without links or dots. */
  path: string;
  /** Whether it lies in a mounted file system. */
  mounted: boolean;
}

interface Frame {
  name: string;
  node: VNode;
  mount: { fs: DynamicFs; parts: string[] } | null;
}

const MAX_PATH = 4096;
const MAX_NAME = 255;
const MAX_LINKS = 40;

/** Resolves `path` for `proc`. `follow`: whether a link at the end is followed. Fails with an errno name. */
export function walk(proc: Proc, path: string, follow: boolean): FsResult<Located> {
  if (path === '') return fail('ENOENT');
  if (path.length >= MAX_PATH) return fail('ENAMETOOLONG');
  const straight = path.startsWith('/') ? straightWalk(proc.root, path) : null;
  if (straight) return straight;
  const root = frameOf('', proc.root, null);
  const stack: Frame[] = [root];
  const todo = (path.startsWith('/') ? path : `${proc.cwd}/${path}`).split('/').reverse();
  let links = 0;
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    const top = stack[stack.length - 1] as Frame;
    const isDir = top.node.type === 'dir';
    if (part === '' || part === '.') {
      // A trailing slash asks for a directory.
      if (!isDir) return fail('ENOTDIR');
      continue;
    }
    if (!isDir) return fail('ENOTDIR');
    if (part === '..') {
      if (stack.length > 1) stack.pop();
      continue;
    }
    if (part.length > MAX_NAME) return fail('ENAMETOOLONG');
    const child = top.mount
      ? top.mount.fs.lookup(proc, [...top.mount.parts, part])
      : ((top.node as DirNode).entries.get(part) ?? null);
    const last = todo.every((p) => p === '');
    if (!child) {
      if (!last) return fail('ENOENT');
      return {
        ok: true,
        value: {
          node: null,
          parent: top.mount ? null : (top.node as DirNode),
          name: part,
          path: join(stack, part),
          mounted: top.mount !== null,
        },
      };
    }
    if (child.type === 'symlink' && (todo.length > 0 || follow)) {
      if (++links > MAX_LINKS) return fail('ELOOP');
      if (child.target.startsWith('/')) stack.length = 1;
      if (child.target === '') return fail('ENOENT');
      todo.push(...child.target.split('/').reverse());
      if (todo.length > MAX_PATH) return fail('ENAMETOOLONG');
      continue;
    }
    stack.push(frameOf(part, child, top.mount));
  }
  const end = stack[stack.length - 1] as Frame;
  const above = stack[stack.length - 2];
  const parent = above && !above.mount && above.node.type === 'dir' ? above.node : null;
  return {
    ok: true,
    value: {
      node: end.node,
      parent,
      name: end.name,
      path: join(stack.slice(0, -1), end.name),
      mounted: end.mount !== null,
    },
  };
}

/**
 * The way of most paths: an absolute one through directories of the tree itself. Null when there is more to it (links,
 * dots, mounts, errors).
 */
function straightWalk(root: DirNode, path: string): FsResult<Located> | null {
  let dir = root;
  if (dir.mount !== undefined) return null;
  for (let from = 1; ; ) {
    const slash = path.indexOf('/', from);
    const part = slash < 0 ? path.slice(from) : path.slice(from, slash);
    if (part === '' || part === '.' || part === '..' || part.length > MAX_NAME) return null;
    const node = dir.entries.get(part);
    if (slash < 0) {
      if (node && (node.type === 'symlink' || (node.type === 'dir' && node.mount !== undefined))) return null;
      return { ok: true, value: { node: node ?? null, parent: dir, name: part, path, mounted: false } };
    }
    if (!node && /[^/]/.test(path.slice(slash))) return fail('ENOENT');
    if (node?.type !== 'dir' || node.mount !== undefined) return null;
    dir = node;
    from = slash + 1;
  }
}

const fail = (errno: string): { ok: false; errno: string } => ({ ok: false, errno });

function frameOf(name: string, node: VNode, above: Frame['mount']): Frame {
  const fs = node.type === 'dir' && node.mount !== undefined ? mounts.get(node.mount) : undefined;
  if (fs) return { name, node, mount: { fs, parts: [] } };
  return { name, node, mount: above ? { fs: above.fs, parts: [...above.parts, name] } : null };
}

function join(stack: readonly Frame[], last: string): string {
  const parts = stack.slice(1).map((f) => f.name);
  if (last !== '' || parts.length === 0) parts.push(last);
  return `/${parts.join('/')}`;
}
