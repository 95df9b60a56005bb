import type { Io } from '../../kernel/process.ts';
import type { Plan } from '../exec/redirect.ts';
import type { Shell } from '../state.ts';

/** A command that runs in the shell itself. */
export interface Builtin {
  /** `words[0]` is its name. `plans` are the redirections (only exec looks at them: they are carried out already for others). */
  run(shell: Shell, words: readonly string[], plans: readonly Plan[]): Io<number>;
}
