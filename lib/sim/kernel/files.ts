/** Reading, writing and closing of open files: what the machine does for the system calls of that name. */
import type { Proc } from './process.ts';

/** Pipes take this many characters before the writer waits (pipe(7)). */
export const PIPE_CAPACITY = 65536;

/** The call cannot be answered yet. */
export const BLOCKED = Symbol('blocked');
/** Nobody reads the pipe any more: SIGPIPE. */
export const BROKEN_PIPE = Symbol('broken pipe');

/** read(2): text, null at end of file, or {@link BLOCKED}. */
export function read(proc: Proc, fd: number, max: number): unknown {
  const file = proc.fds.get(fd);
  if (!file) return null;
  switch (file.kind) {
    case 'pipe': {
      const { pipe } = file;
      if (pipe.buffer === '') return pipe.writers === 0 ? null : BLOCKED;
      const chunk = pipe.buffer.slice(0, max);
      pipe.buffer = pipe.buffer.slice(chunk.length);
      return chunk;
    }
    case 'tty': {
      const line = file.tty.lines.shift();
      if (line !== undefined) return `${line}\n`;
      if (!file.tty.eof) return BLOCKED;
      file.tty.eof = false;
      return null;
    }
    case 'source': {
      if (file.text === '') return null;
      const chunk = file.text.slice(0, max);
      file.text = file.text.slice(chunk.length);
      return chunk;
    }
    case 'file':
      return file.read(max) || null;
    default:
      return null;
  }
}

/** write(2): null, an errno name, {@link BLOCKED} or {@link BROKEN_PIPE}. */
export function write(proc: Proc, fd: number, data: string): unknown {
  const file = proc.fds.get(fd);
  if (!file) return 'EBADF';
  switch (file.kind) {
    case 'pipe':
      if (file.pipe.readers === 0) return BROKEN_PIPE;
      if (file.pipe.buffer.length >= PIPE_CAPACITY) return BLOCKED;
      file.pipe.buffer += data;
      return null;
    case 'tty':
      file.tty.out += data;
      return null;
    case 'sink':
      if (!file.closed) file.chunks.push(data);
      return null;
    case 'file':
      return file.write(data);
    default:
      return null;
  }
}

/** Closes a descriptor; the last writer's close is the reader's end of file. */
export function closeFd(proc: Proc, fd: number): void {
  const file = proc.fds.get(fd);
  if (!file) return;
  proc.fds.delete(fd);
  if (file.kind === 'pipe') file.pipe[file.end === 'read' ? 'readers' : 'writers']--;
}
