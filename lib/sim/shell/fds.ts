/** A process's descriptors: pipe ends are counted, as the reader's end of file hangs on the last writer. */
import { closeFd } from '../kernel/files.ts';
import type { FileDesc, Proc } from '../kernel/process.ts';

/** Installs an open file at `fd`, closing what was there: dup2(2). */
export function setFd(proc: Proc, fd: number, file: FileDesc): void {
  if (proc.fds.get(fd) === file) return;
  if (file.kind === 'pipe') file.pipe[file.end === 'read' ? 'readers' : 'writers']++;
  closeFd(proc, fd);
  proc.fds.set(fd, file);
}

/** Descriptors as they were, to put back after a builtin's redirections. */
export type SavedFds = Map<number, FileDesc | undefined>;

/** Takes the file at `fd` aside without closing it, once. */
export function saveFd(proc: Proc, fd: number, saved: SavedFds): void {
  if (saved.has(fd)) return;
  saved.set(fd, proc.fds.get(fd));
  proc.fds.delete(fd);
  const file = saved.get(fd);
  // It stays open at its old number too until it is replaced.
  if (file) {
    proc.fds.set(fd, file);
    if (file.kind === 'pipe') file.pipe[file.end === 'read' ? 'readers' : 'writers']++;
  }
}

/** Puts saved descriptors back. */
export function restoreFds(proc: Proc, saved: SavedFds): void {
  for (const [fd, file] of saved) {
    closeFd(proc, fd);
    if (file) proc.fds.set(fd, file);
  }
}
