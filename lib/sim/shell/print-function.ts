/** Functions as `type` and `declare -f` print them. */

import { nodeText } from './print-node.ts';
import type { ShellFunction } from './state.ts';

/** The definition in bash's layout, without a newline at its end. */
export function functionText(name: string, fn: ShellFunction): string {
  return `${name} () \n${nodeText(fn.body, fn.source.text, 0)}`;
}
