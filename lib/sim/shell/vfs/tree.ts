/** Builds and reads directory trees without a process: scenes and container images are made with these. */
import type { DirNode, FileNode, VNode } from './types.ts';

export interface NodeOptions {
  mode?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  /** The command that runs when the file is executed. */
  program?: string;
}

/** A directory with nothing in it. */
export const emptyDir = (options: NodeOptions = {}): DirNode => ({
  type: 'dir',
  mode: options.mode ?? 0o755,
  uid: options.uid ?? 0,
  gid: options.gid ?? 0,
  mtime: options.mtime ?? 0,
  entries: new Map(),
});

/** A regular file. */
export const fileNode = (data: string, options: NodeOptions = {}): FileNode => {
  const node: FileNode = {
    type: 'file',
    mode: options.mode ?? 0o644,
    uid: options.uid ?? 0,
    gid: options.gid ?? 0,
    mtime: options.mtime ?? 0,
    data,
  };
  if (options.program !== undefined) node.program = options.program;
  return node;
};

/** Puts a file, making the directories above it. Replaces what was there. */
export function putFile(root: DirNode, path: string, data: string, options: NodeOptions = {}): FileNode {
  const node = fileNode(data, options);
  putNode(root, path, node);
  return node;
}

/** Makes a directory and those above it; one that is there stays, with the new mode if one is given. */
export function putDir(root: DirNode, path: string, options: NodeOptions = {}): DirNode {
  const dir = makeDirs(root, split(path));
  if (options.mode !== undefined) dir.mode = options.mode;
  return dir;
}

/** Puts any node at `path`, making the directories above it. */
export function putNode(root: DirNode, path: string, node: VNode): void {
  const parts = split(path);
  const name = parts.pop();
  if (name === undefined) throw new Error('putNode: the root cannot be replaced');
  makeDirs(root, parts).entries.set(name, node);
}

/** The node at `path`, symbolic links followed; undefined when there is none. Mounted file systems are not entered. */
export function getNode(root: DirNode, path: string): VNode | undefined {
  return find(root, split(path), 0);
}

/** Removes the node at `path`; nothing happens when there is none. */
export function removeNode(root: DirNode, path: string): void {
  const parts = split(path);
  const name = parts.pop();
  const dir = find(root, parts, 0);
  if (name !== undefined && dir?.type === 'dir') dir.entries.delete(name);
}

/**
 * Makes a node one that many trees may hold: it is not changed any more. Who wants to change it puts a copy of his own in
 * its place (vfs.ts).
 */
export const shareFile = <T extends VNode>(node: T): T => Object.freeze(node);

/** The same for everything in a tree that is no directory. */
export function shareLeaves(dir: DirNode): void {
  for (const node of dir.entries.values()) {
    if (node.type === 'dir') shareLeaves(node);
    else shareFile(node);
  }
}

/** A copy: directories of its own, shared files, the rest copied. */
export function copyTree(node: DirNode): DirNode {
  const copy: DirNode = { ...node, entries: new Map() };
  for (const [name, entry] of node.entries) {
    if (entry.type === 'dir') copy.entries.set(name, copyTree(entry));
    else copy.entries.set(name, Object.isFrozen(entry) ? entry : { ...entry });
  }
  return copy;
}

const split = (path: string): string[] => {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') out.pop();
    else out.push(part);
  }
  return out;
};

const MAX_LINKS = 40;

function find(root: DirNode, parts: readonly string[], links: number): VNode | undefined {
  let node: VNode = root;
  for (let i = 0; i < parts.length; i++) {
    if (node.type !== 'dir') return undefined;
    const next: VNode | undefined = node.entries.get(parts[i] as string);
    if (!next) return undefined;
    if (next.type === 'symlink') {
      if (links >= MAX_LINKS) return undefined;
      const base = next.target.startsWith('/') ? '' : parts.slice(0, i).join('/');
      return find(root, split(`${base}/${next.target}/${parts.slice(i + 1).join('/')}`), links + 1);
    }
    node = next;
  }
  return node;
}

function makeDirs(root: DirNode, parts: readonly string[]): DirNode {
  let dir = root;
  parts.forEach((part, i) => {
    let next = dir.entries.get(part);
    if (next?.type === 'symlink') next = find(root, parts.slice(0, i + 1), 0);
    if (next?.type !== 'dir') {
      next = emptyDir();
      dir.entries.set(part, next);
    }
    dir = next;
  });
  return dir;
}
