/** Delta debugging over the steps of a script (Zeller and Hildebrandt 2002). */
import type { Step } from '../record.ts';

/**
 * The least script that `fails` still holds of: parts of falling size are left out as long as it does.
 * @param budget how often `fails` may be asked
 */
export async function shrink(
  script: readonly Step[],
  fails: (script: readonly Step[]) => Promise<boolean>,
  budget = 120,
): Promise<Step[]> {
  let left = [...script];
  let asked = 0;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < left.length && asked < budget; ) {
      const shorter = [...left.slice(0, at), ...left.slice(at + size)];
      asked++;
      if (shorter.length > 0 && (await fails(shorter))) left = shorter;
      else at += size;
    }
  }
  return left;
}
