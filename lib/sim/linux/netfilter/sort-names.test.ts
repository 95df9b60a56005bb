import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sortNames } from './sort-names.ts';

const letters = fc.constantFrom(...'AB2Z-_.äé\u{1f600}');
const name = fc
  .tuple(
    fc.constantFrom('', 'KUBE-SEP-', 'KUBE-SVC-', 'KUBE-SE', 'é'),
    fc.array(letters, { maxLength: 8 }).map((l) => l.join('')),
  )
  .map((parts) => parts.join(''));
const ascii = fc
  .tuple(fc.constantFrom('KUBE-SEP-', 'KUBE-SVC-', 'X'), fc.string({ unit: 'binary-ascii', maxLength: 8 }))
  .map((parts) => parts.join(''));

it('sorts as Array.sort() does, few names and many', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(name, ascii), { minLength: 0, maxLength: 3000, size: 'max' }), (names) => {
      expect(sortNames(names)).toEqual([...names].sort());
    }),
    { numRuns: 40 },
  );
});

it('tells names apart that agree in many letters', () => {
  const names = Array.from({ length: 2000 }, (_, i) => `KUBE-SEP-AAAAA${(i * 7919) % 2000}`);
  expect(sortNames(names)).toEqual([...names].sort());
});
