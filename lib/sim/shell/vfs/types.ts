/**
 * The virtual file system's nodes. A host and every container image has a root directory of these. Directories with
 * a `mount` are answered by a {@link DynamicFs} (proc, sysfs): nothing is stored for them.
 */
import type { Proc } from '../../kernel/process.ts';

interface NodeBase {
  mode: number;
  uid: number;
  gid: number;
  /** Virtual microseconds; negative before the scene began. */
  mtime: number;
}

export interface FileNode extends NodeBase {
  type: 'file';
  /** Text, one JS string. Its size in bytes is its UTF-8 length. */
  data: string;
  /** Set on program files: the command that runs when it is executed. */
  program?: string;
}

export interface DirNode extends NodeBase {
  type: 'dir';
  entries: Map<string, VNode>;
  /** Name of the dynamic file system mounted here. */
  mount?: string;
}

export interface SymlinkNode extends NodeBase {
  type: 'symlink';
  target: string;
}

/** A bound network namespace: /run/netns/NAME. */
export interface NsNode extends NodeBase {
  type: 'netns';
  netns: number;
}

/** /dev/null, /dev/zero, /dev/stdout … */
export interface DeviceNode extends NodeBase {
  type: 'device';
  device: string;
}

/** A file made on the fly (proc, sysfs). `write` answers an errno name, or null when it took the value. */
export interface DynamicNode extends NodeBase {
  type: 'dynamic';
  read(): string;
  write?(data: string): string | null;
}

export type VNode = FileNode | DirNode | SymlinkNode | NsNode | DeviceNode | DynamicNode;

/** A mounted file system without stored contents, seen by the process that looks. */
export interface DynamicFs {
  name: string;
  /** The node at a path below the mount point, or null for ENOENT. A directory's `entries` may be made lazily. */
  lookup(proc: Proc, parts: readonly string[]): VNode | null;
}

/** errno names, as in errno(3). */
export type FsResult<T> = { ok: true; value: T } | { ok: false; errno: string };
