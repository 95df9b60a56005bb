/** Natural order of version strings, as `sort -V` and `ls -v` compare: digits as numbers, `~` before the end. */
export function compareVersions(a: string, b: string): number {
  let i = 0;
  let j = 0;
  const rank = (c: string | undefined): number => {
    if (c === undefined) return 0;
    if (c === '~') return -1;
    return /[A-Za-z]/.test(c) ? c.charCodeAt(0) : c.charCodeAt(0) + 256;
  };
  const digit = (c: string | undefined) => c !== undefined && c >= '0' && c <= '9';
  while (i < a.length || j < b.length) {
    while ((i < a.length && !digit(a[i])) || (j < b.length && !digit(b[j]))) {
      const order = (digit(a[i]) ? 0 : rank(a[i])) - (digit(b[j]) ? 0 : rank(b[j]));
      if (order !== 0) return order;
      i++;
      j++;
    }
    while (a[i] === '0') i++;
    while (b[j] === '0') j++;
    let first = 0;
    while (digit(a[i]) && digit(b[j])) {
      first = first || a.charCodeAt(i) - b.charCodeAt(j);
      i++;
      j++;
    }
    if (digit(a[i])) return 1;
    if (digit(b[j])) return -1;
    if (first !== 0) return first;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}
