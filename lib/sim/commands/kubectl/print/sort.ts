/** --sort-by. Source: k8s.io/kubectl pkg/cmd/get/sorter.go. */
import { parseQuantity } from '../../../k8s/printers/quantity.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import { goSort } from '../../../text/go-sort.ts';
import { goTypeOf } from '../../../text/go-value.ts';
import { jsonPathValues, relaxedPath } from '../../../text/jsonpath/index.ts';

const isQuantity = (text: string): boolean =>
  /^[+-]?(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.test(text);

/** Values that have no order end the client. */
class Unsortable extends Error {}

/** Whether one field's value stands before another's; throws for what has no order. */
function less(a: unknown, b: unknown): boolean {
  if (a === null || a === undefined) return b !== null && b !== undefined;
  if (b === null || b === undefined) return false;
  if (typeof a === 'string' && typeof b === 'string')
    return isQuantity(a) && isQuantity(b) ? parseQuantity(a) < parseQuantity(b) : a < b;
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'boolean' && typeof b === 'boolean') return !a && b;
  throw new Unsortable(`unsortable type: ${goTypeOf(a)}`);
}

/** Why objects could not be sorted; `fatal` ones end the client whatever it was about to print. */
export interface SortFailure {
  message: string;
  fatal: boolean;
}

/** Sorts in place by the values at a path; objects without it come first. Answers the client's complaint, or null. */
export function sortObjects(objects: KubeObject[], path: string): SortFailure | null {
  const expression = relaxedPath(path) ?? path;
  try {
    const keyed = objects.map((object) => ({ object, values: jsonPathValues(expression, object) }));
    if (keyed.length > 0 && keyed.every((k) => k.values.length === 0))
      return { message: `couldn't find any field with path "${expression}" in the list of objects`, fatal: false };
    goSort(keyed, (a, b) => a.values.length === 0 || (b.values.length > 0 && less(a.values[0], b.values[0])));
    for (const [i, { object }] of keyed.entries()) objects[i] = object;
    return null;
  } catch (error) {
    const { message } = error as Error;
    if (!(error instanceof Unsortable)) return { message, fatal: false };
    return {
      message: `Field ${expression} in [][][]reflect.Value is an unsortable type: interface, err: ${message}`,
      fatal: true,
    };
  }
}
