import { waitFor } from '../../commands/io.ts';
import type { Program } from '../../kernel/process.ts';

/** A program that is there and waits: a sleeping container, a control plane component whose work the model does elsewhere. */
export function* idle(): Program {
  yield* waitFor(() => false, null, { on: 'never', rest: { main: idle, state: null } });
  return 0;
}
