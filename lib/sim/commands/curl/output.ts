/** Standard output through stdio: a terminal sees it at once, a pipe or a file by the buffer. */
import type { Io, Proc } from '../../kernel/process.ts';
import { isTty, print } from '../io.ts';
import type { Options } from './options.ts';

const BUFFER = 4096;

/** Writes, or keeps until the buffer is full. */
export function* output(proc: Proc, o: Options, text: string): Io<void> {
  o.held.text += text;
  if (isTty(proc, 1) || o.held.text.length >= BUFFER) yield* flush(o);
}

/** Writes what is kept. */
export function* flush(o: Options): Io<void> {
  const { text } = o.held;
  o.held.text = '';
  yield* print(text);
}
