/** Line differences: a shortest edit script, in runs. */

/** Lines `from`..`fromEnd` of the old text became lines `to`..`toEnd` of the new one; counted from 0, ends not included. */
export interface Change {
  from: number;
  fromEnd: number;
  to: number;
  toEnd: number;
}

/** Pairs of lines that are compared at most. */
export const MAX_CELLS = 4_000_000;

/** The changes in order; null when the texts are too large. */
export function changesOf(a: readonly string[], b: readonly string[]): Change[] | null {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const n = a.length - head - tail;
  const m = b.length - head - tail;
  if ((n + 1) * (m + 1) > MAX_CELLS) return null;
  const width = m + 1;
  const common = new Uint32Array((n + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] as number;
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--)
      common[i * width + j] = a[head + i] === b[head + j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const changes: Change[] = [];
  for (let i = 0, j = 0; i < n || j < m; ) {
    if (i < n && j < m && a[head + i] === b[head + j]) {
      i++;
      j++;
      continue;
    }
    const change: Change = { from: head + i, fromEnd: 0, to: head + j, toEnd: 0 };
    while ((i < n || j < m) && !(i < n && j < m && a[head + i] === b[head + j])) {
      if (i < n && (j >= m || at(i + 1, j) >= at(i, j + 1))) i++;
      else j++;
    }
    changes.push({ ...change, fromEnd: head + i, toEnd: head + j });
  }
  return changes;
}
