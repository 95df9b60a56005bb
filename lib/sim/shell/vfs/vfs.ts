/** The file system as a process sees it: its root, its working directory, links and mounts. Errors are errno names. */
import type { FileDesc, Proc } from '../../kernel/process.ts';
import { utf8Length } from '../../text/utf8.ts';
import { mounts } from './mounts.ts';
import { type OpenMode, openFd, openNode } from './open.ts';
import { MAX_FILE, takeSpace } from './space.ts';
import { emptyDir, fileNode } from './tree.ts';
import type { DirNode, FsResult, VNode } from './types.ts';
import { type Located, walk } from './walk.ts';

export interface Stat {
  node: VNode;
  /** Absolute path without links. */
  path: string;
  type: VNode['type'];
  mode: number;
  uid: number;
  gid: number;
  /** Bytes. */
  size: number;
  mtime: number;
}

export interface Vfs {
  /** The whole text of a file. Devices and descriptors read as empty: open those. */
  readFile(path: string): FsResult<string>;
  writeFile(path: string, data: string, mode?: number): FsResult<null>;
  appendFile(path: string, data: string): FsResult<null>;
  stat(path: string): FsResult<Stat>;
  lstat(path: string): FsResult<Stat>;
  /** Names in a directory, sorted by code unit. */
  readdir(path: string): FsResult<string[]>;
  readlink(path: string): FsResult<string>;
  mkdir(path: string, mode?: number): FsResult<null>;
  rmdir(path: string): FsResult<null>;
  unlink(path: string): FsResult<null>;
  rename(from: string, to: string): FsResult<null>;
  symlink(target: string, path: string): FsResult<null>;
  link(from: string, to: string): FsResult<null>;
  chmod(path: string, mode: number): FsResult<null>;
  chown(path: string, uid: number | null, gid: number | null): FsResult<null>;
  /** Sets the modification time, in virtual µs. */
  utimes(path: string, mtime: number): FsResult<null>;
  /** Absolute path without links or dots. */
  resolve(path: string): FsResult<string>;
  exists(path: string): boolean;
  isDir(path: string): boolean;
  /** Opens a file; made when missing unless `r`. `mode` is the new file's permission bits. */
  open(path: string, flags: OpenMode, mode?: number): FsResult<FileDesc>;
  /** Puts a node of any kind where there is none: EEXIST otherwise. */
  mknod(path: string, node: VNode): FsResult<null>;
}

const done: FsResult<null> = { ok: true, value: null };
const fail = (errno: string): { ok: false; errno: string } => ({ ok: false, errno });
const DEV_FD = /^\/(?:dev|proc\/self)\/fd\/(\d{1,4})$/;

/** Size in bytes as stat(2) says. */
const sizeOf = (node: VNode): number =>
  node.type === 'file'
    ? utf8Length(node.data)
    : node.type === 'symlink'
      ? utf8Length(node.target)
      : node.type === 'dir'
        ? 4096
        : 0;

/** The calls, bound to a process. They look at its root and working directory anew each time. */
export const vfsOf = (proc: Proc): Vfs => new ProcessVfs(proc);

/** A class, since most programs that ask make one call: closures for every call would cost more than the call. */
class ProcessVfs implements Vfs {
  constructor(private readonly proc: Proc) {}

  private found(path: string, follow: boolean): FsResult<Located & { node: VNode }> {
    const at = walk(this.proc, path, follow);
    if (!at.ok) return at;
    return at.value.node ? { ok: true, value: at.value as Located & { node: VNode } } : fail('ENOENT');
  }

  /** Where a new entry goes. */
  private place(path: string): FsResult<Located & { parent: DirNode }> {
    const at = walk(this.proc, path, false);
    if (!at.ok) return at;
    if (at.value.node) return fail('EEXIST');
    if (!at.value.parent) return fail('EACCES');
    return { ok: true, value: at.value as Located & { parent: DirNode } };
  }

  mknod(path: string, node: VNode): FsResult<null> {
    const { proc } = this;
    const at = this.place(path);
    if (!at.ok) return at;
    if (!takeSpace(proc.root, node.type === 'file' ? node.data.length : 0, 1)) return fail('ENOSPC');
    at.value.parent.entries.set(at.value.name, node);
    at.value.parent.mtime = proc.world.now;
    return done;
  }

  private drop(at: Located): FsResult<null> {
    if (!at.parent) return fail(at.mounted ? 'EPERM' : 'EBUSY');
    at.parent.entries.delete(at.name);
    at.parent.mtime = this.proc.world.now;
    takeSpace(this.proc.root, at.node?.type === 'file' ? -at.node.data.length : 0, -1);
    return done;
  }

  private statOf(path: string, follow: boolean): FsResult<Stat> {
    const at = this.found(path, follow);
    if (!at.ok) return at;
    const { node } = at.value;
    const { mode, uid, gid, mtime, type } = node;
    return { ok: true, value: { node, path: at.value.path, type, mode, uid, gid, size: sizeOf(node), mtime } };
  }

  private change(path: string, apply: (node: VNode) => void): FsResult<null> {
    const at = this.found(path, true);
    if (!at.ok) return at;
    if (at.value.mounted) return fail('EPERM');
    apply(own(at.value));
    return done;
  }

  open(path: string, flags: OpenMode, mode = 0o644): FsResult<FileDesc> {
    const { proc } = this;
    const fd = DEV_FD.exec(path);
    if (fd) return openFd(proc, Number(fd[1]));
    const at = walk(proc, path, true);
    if (!at.ok) return at;
    let { node } = at.value;
    if (!node) {
      if (flags === 'r') return fail('ENOENT');
      if (path.endsWith('/')) return fail('EISDIR');
      if (!at.value.parent) return fail(at.value.mounted ? 'ENOENT' : 'EACCES');
      node = fileNode('', { mode, mtime: proc.world.now });
      const made = this.mknod(at.value.path, node);
      if (!made.ok) return made;
    } else if (flags !== 'r') node = own({ ...at.value, node });
    return openNode(proc, node, at.value.path, flags);
  }

  private write(path: string, data: string, flags: 'w' | 'a', mode?: number): FsResult<null> {
    if (data.length > MAX_FILE) return fail('ENOSPC');
    const file = this.open(path, flags, mode);
    if (!file.ok) return file;
    const errno = file.value.kind === 'file' && data !== '' ? file.value.write(data) : null;
    return errno ? fail(errno) : done;
  }

  readFile(path: string): FsResult<string> {
    const at = this.found(path, true);
    if (!at.ok) return at;
    const { node } = at.value;
    if (node.type === 'dir') return fail('EISDIR');
    return { ok: true, value: node.type === 'file' ? node.data : node.type === 'dynamic' ? node.read() : '' };
  }

  writeFile(path: string, data: string, mode?: number): FsResult<null> {
    return this.write(path, data, 'w', mode);
  }

  appendFile(path: string, data: string): FsResult<null> {
    return this.write(path, data, 'a');
  }

  stat(path: string): FsResult<Stat> {
    return this.statOf(path, true);
  }

  lstat(path: string): FsResult<Stat> {
    return this.statOf(path, false);
  }

  readdir(path: string): FsResult<string[]> {
    const at = this.found(path, true);
    if (!at.ok) return at;
    if (at.value.node.type !== 'dir') return fail('ENOTDIR');
    const { node } = at.value;
    const listed = node.mount !== undefined ? mountedRoot(this.proc, node) : node;
    return { ok: true, value: [...listed.entries.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)) };
  }

  readlink(path: string): FsResult<string> {
    const at = this.found(path, false);
    if (!at.ok) return at;
    return at.value.node.type === 'symlink' ? { ok: true, value: at.value.node.target } : fail('EINVAL');
  }

  mkdir(path: string, mode = 0o755): FsResult<null> {
    return this.mknod(path, emptyDir({ mode, mtime: this.proc.world.now }));
  }

  rmdir(path: string): FsResult<null> {
    const at = this.found(path, false);
    if (!at.ok) return at;
    if (at.value.node.type !== 'dir') return fail('ENOTDIR');
    if (at.value.node.mount !== undefined) return fail('EBUSY');
    return at.value.node.entries.size > 0 ? fail('ENOTEMPTY') : this.drop(at.value);
  }

  unlink(path: string): FsResult<null> {
    const at = this.found(path, false);
    if (!at.ok) return at;
    return at.value.node.type === 'dir' ? fail('EISDIR') : this.drop(at.value);
  }

  rename(from: string, to: string): FsResult<null> {
    const source = this.found(from, false);
    if (!source.ok) return source;
    const target = walk(this.proc, to, false);
    if (!target.ok) return target;
    const { node } = source.value;
    if (!source.value.parent || !target.value.parent) return fail('EBUSY');
    if (target.value.node === node) return done;
    if (node.type === 'dir' && `${target.value.path}/`.startsWith(`${source.value.path}/`)) return fail('EINVAL');
    if (target.value.node?.type === 'dir') {
      if (node.type !== 'dir') return fail('EISDIR');
      if (target.value.node.entries.size > 0) return fail('ENOTEMPTY');
    } else if (target.value.node && node.type === 'dir') return fail('ENOTDIR');
    if (target.value.node) this.drop(target.value);
    source.value.parent.entries.delete(source.value.name);
    target.value.parent.entries.set(target.value.name, node);
    return done;
  }

  symlink(target: string, path: string): FsResult<null> {
    return this.mknod(path, { type: 'symlink', target, mode: 0o777, uid: 0, gid: 0, mtime: this.proc.world.now });
  }

  link(from: string, to: string): FsResult<null> {
    const source = this.found(from, false);
    if (!source.ok) return source;
    return source.value.node.type === 'dir' ? fail('EPERM') : this.mknod(to, own(source.value));
  }

  chmod(path: string, mode: number): FsResult<null> {
    return this.change(path, (node) => (node.mode = mode));
  }

  chown(path: string, uid: number | null, gid: number | null): FsResult<null> {
    return this.change(path, (node) => {
      node.uid = uid ?? node.uid;
      node.gid = gid ?? node.gid;
    });
  }

  utimes(path: string, mtime: number): FsResult<null> {
    return this.change(path, (node) => (node.mtime = mtime));
  }

  resolve(path: string): FsResult<string> {
    const at = this.found(path, true);
    return at.ok ? { ok: true, value: at.value.path } : at;
  }

  exists(path: string): boolean {
    return DEV_FD.test(path) || this.found(path, true).ok;
  }

  isDir(path: string): boolean {
    const at = this.found(path, true);
    return at.ok && at.value.node.type === 'dir';
  }
}

/** The node, ready to be changed: one that other trees hold as well is replaced by a copy. */
function own(at: Located & { node: VNode }): VNode {
  if (!at.parent || !Object.isFrozen(at.node)) return at.node;
  const copy = { ...at.node };
  at.parent.entries.set(at.name, copy);
  return copy;
}

function mountedRoot(proc: Proc, node: DirNode): DirNode {
  const root = mounts.get(node.mount as string)?.lookup(proc, []);
  return root?.type === 'dir' ? root : node;
}
