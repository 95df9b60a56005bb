/** Building blocks of /proc and /sys: files and directories made when they are looked at. */
import type { DirNode, DynamicNode, SymlinkNode, VNode } from '../../shell/vfs/types.ts';

const meta = { uid: 0, gid: 0, mtime: 0 };

/** A file that is read only. */
export const readOnly = (read: () => string): DynamicNode => ({ type: 'dynamic', mode: 0o444, ...meta, read });

/** A file that takes values: `write` answers an errno name, or null. */
export const writable = (read: () => string, write: (data: string) => string | null): DynamicNode => ({
  type: 'dynamic',
  mode: 0o644,
  ...meta,
  read,
  write,
});

/** A link. */
export const linkTo = (target: string): SymlinkNode => ({ type: 'symlink', mode: 0o777, ...meta, target });

/** A directory whose entries are made when they are asked for. */
export function lazyDir(list: () => [string, VNode][]): DirNode {
  let entries: Map<string, VNode> | null = null;
  return {
    type: 'dir',
    mode: 0o555,
    ...meta,
    get entries() {
      return (entries ??= new Map(list()));
    },
  } as DirNode;
}

/** The node at a path below a directory of these. */
export function descend(node: VNode | null | undefined, parts: readonly string[]): VNode | null {
  let at: VNode | null | undefined = node;
  for (const part of parts) {
    if (at?.type !== 'dir') return null;
    at = at.entries.get(part);
  }
  return at ?? null;
}
