/** A terminal: what is shown leaves by `out`, typed lines arrive in `lines`. */
export interface Tty {
  id: number;
  cols: number;
  rows: number;
  /** Output not yet taken by the host (browser, CLI). */
  out: string;
  /** Lines typed and not yet read, without their newline. */
  lines: string[];
  /** ^D was typed on an empty line: the next read gives end of file, once. */
  eof: boolean;
  /** Set while a shell waits for a command line: its prompt, and the pid whose completion applies. */
  prompt: { text: string; pid: number } | null;
  /** Foreground process group. */
  pgid: number;
}

/** A new terminal of the given size. */
export const createTty = (id: number, cols = 120, rows = 40): Tty => ({
  id,
  cols,
  rows,
  out: '',
  lines: [],
  eof: false,
  prompt: null,
  pgid: 0,
});
