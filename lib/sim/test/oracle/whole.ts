/**
 * Recordings that the model does not match wholly yet, by the number that begins their names, with how many steps
 * differ. All others must match; a recording here that does must leave the list. docs/fidelity.md says why each differs.
 */
export const OPEN: Readonly<Record<string, number>> = {
  57: 1,
  113: 1,
  115: 2,
  118: 1,
  119: 9,
  214: 4,
  215: 3,
};
