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
  521: 3,
  522: 3,
  523: 1,
  525: 1,
  527: 2,
  528: 1,
  529: 1,
  531: 1,
  532: 3,
  536: 3,
  537: 1,
  540: 1,
  542: 1,
  543: 9,
  545: 1,
  549: 5,
  550: 7,
  551: 2,
};
