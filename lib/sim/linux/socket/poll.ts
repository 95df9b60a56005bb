import type { Proc } from '../../kernel/process.ts';

/** Whether read(2) on a descriptor would answer at once, with data or end of file: what poll(2) says. */
export function inputReady(proc: Proc, fd: number): boolean {
  const file = proc.fds.get(fd);
  if (!file) return true;
  if (file.kind === 'pipe') return file.pipe.buffer !== '' || file.pipe.writers === 0;
  if (file.kind === 'tty') return file.tty.lines.length > 0 || file.tty.eof;
  return true;
}
