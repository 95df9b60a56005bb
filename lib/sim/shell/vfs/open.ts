/** Open files: what each kind of node does when read and written. */
import type { FileDesc, Proc } from '../../kernel/process.ts';
import { nextBelow } from '../../kernel/rng.ts';
import { MAX_FILE, takeSpace } from './space.ts';
import type { DynamicNode, FileNode, FsResult, VNode } from './types.ts';

/** `r` read; `w` write from the start, emptied; `a` append; `rw` both, not emptied. */
export type OpenMode = 'r' | 'w' | 'a' | 'rw';

/** An open description of `node`. Fails with an errno name. */
export function openNode(proc: Proc, node: VNode, path: string, mode: OpenMode): FsResult<FileDesc> {
  switch (node.type) {
    case 'dir':
      return mode === 'r' ? ok(directory(path)) : fail('EISDIR');
    case 'device':
      return openDevice(proc, node.device, path);
    case 'dynamic':
      return openDynamic(node, path, mode);
    case 'netns':
      return ok({ kind: 'file', path, read: () => '', write: () => 'EINVAL' });
    case 'symlink':
      return fail('ELOOP');
    case 'file':
      return ok(openFile(proc, node, path, mode));
  }
}

const ok = (value: FileDesc): FsResult<FileDesc> => ({ ok: true, value });
const fail = (errno: string): FsResult<FileDesc> => ({ ok: false, errno });

const directory = (path: string): FileDesc => ({ kind: 'file', path, read: () => '', write: () => 'EBADF' });

function openFile(proc: Proc, node: FileNode, path: string, mode: OpenMode): FileDesc {
  const { root, world } = proc;
  if (mode === 'w') {
    takeSpace(root, -node.data.length);
    node.data = '';
    node.mtime = world.now;
  }
  let at = 0;
  return {
    kind: 'file',
    path,
    read(max = Number.POSITIVE_INFINITY) {
      if (mode === 'w' || mode === 'a') return '';
      const chunk = node.data.slice(at, at + max);
      at += chunk.length;
      return chunk;
    },
    write(data) {
      if (mode === 'r') return 'EBADF';
      if (mode === 'a') at = node.data.length;
      const grown = Math.max(0, at + data.length - node.data.length);
      if (node.data.length + grown > MAX_FILE || !takeSpace(root, grown)) return 'ENOSPC';
      if (at > node.data.length) node.data += '\0'.repeat(at - node.data.length);
      node.data =
        at === node.data.length ? node.data + data : node.data.slice(0, at) + data + node.data.slice(at + data.length);
      at += data.length;
      node.mtime = world.now;
      return null;
    },
  };
}

function openDynamic(node: DynamicNode, path: string, mode: OpenMode): FsResult<FileDesc> {
  if (mode !== 'r' && !node.write) return fail('EACCES');
  let rest: string | null = null;
  return ok({
    kind: 'file',
    path,
    read(max = Number.POSITIVE_INFINITY) {
      rest ??= node.read();
      const chunk = rest.slice(0, max);
      rest = rest.slice(chunk.length);
      return chunk;
    },
    write: (data) => (node.write ? node.write(data) : 'EACCES'),
  });
}

const DEVICE_CHUNK = 65536;

function openDevice(proc: Proc, device: string, path: string): FsResult<FileDesc> {
  const { rng } = proc.world;
  switch (device) {
    case 'null':
      return ok({ kind: 'null' });
    case 'zero':
    case 'full':
      return ok({
        kind: 'file',
        path,
        read: (max = DEVICE_CHUNK) => '\0'.repeat(Math.min(max, DEVICE_CHUNK)),
        write: () => (device === 'full' ? 'ENOSPC' : null),
      });
    case 'random':
    case 'urandom':
      return ok({
        kind: 'file',
        path,
        read: (max = DEVICE_CHUNK) => {
          let text = '';
          for (let i = Math.min(max, 4096); i > 0; i--) text += String.fromCharCode(nextBelow(rng, 256));
          return text;
        },
        write: () => null,
      });
    case 'tty':
      return proc.tty ? ok({ kind: 'tty', tty: proc.tty }) : fail('ENXIO');
    case 'stdin':
    case 'stdout':
    case 'stderr':
      return openFd(proc, ['stdin', 'stdout', 'stderr'].indexOf(device));
    default:
      return fail('ENXIO');
  }
}

/** The description behind `/dev/fd/N`. */
export function openFd(proc: Proc, fd: number): FsResult<FileDesc> {
  const file = proc.fds.get(fd);
  return file ? ok(file) : fail('ENOENT');
}
