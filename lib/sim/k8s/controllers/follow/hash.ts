/** Names of templates. */

import { sortKeys } from '../../../text/record.ts';
import { sha256 } from '../../../text/sha2.ts';

const DIGITS = '456789bcdf';

/**
 * The pod-template-hash: a 32-bit number's decimal digits, each as the letter that SafeEncodeString has for it
 * (k8s.io/apimachinery pkg/util/rand). The number is this model's own: the real one hashes Go's printed form.
 */
export const templateHash = (template: unknown, collisions = 0): string =>
  String(
    Number.parseInt(
      sha256(`${JSON.stringify(sortKeys(template))}${collisions === 0 ? '' : collisions}`).slice(0, 8),
      16,
    ),
  ).replace(/\d/g, (d) => DIGITS[Number(d)] as string);

/** `3`, or `25%` of a total, rounded up or down. Source: k8s.io/apimachinery pkg/util/intstr. */
export function share(value: number | string, total: number, up: boolean): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value);
  if (!percent) return Number.parseInt(value, 10) || 0;
  const exact = (Number(percent[1]) * total) / 100;
  return up ? Math.ceil(exact) : Math.floor(exact);
}
