/** A change of permission bits: octal, or `u+x,go-w`. Null when the text is neither. */
export function parseMode(text: string): ((mode: number, dir: boolean) => number) | null {
  if (/^[0-7]{1,4}$/.test(text)) return () => Number.parseInt(text, 8);
  const clauses: { who: string; op: string; perms: string }[] = [];
  for (const clause of text.split(',')) {
    const m = /^([ugoa]*)((?:[-+=][rwxXst]*)+)$/.exec(clause);
    if (!m) return null;
    for (const [, op = '', perms = ''] of (m[2] as string).matchAll(/([-+=])([rwxXst]*)/g))
      clauses.push({ who: m[1] || 'a', op, perms });
  }
  return (mode, dir) => clauses.reduce((now, { who, op, perms }) => apply(now, dir, who, op, perms), mode);
}

function apply(mode: number, dir: boolean, who: string, op: string, perms: string): number {
  let bits = 0;
  let mask = 0;
  for (const [letter, shift] of [
    ['u', 6],
    ['g', 3],
    ['o', 0],
  ] as const) {
    if (!who.includes('a') && !who.includes(letter)) continue;
    mask |= 7 << shift;
    let set = 0;
    if (perms.includes('r')) set |= 4;
    if (perms.includes('w')) set |= 2;
    if (perms.includes('x') || (perms.includes('X') && (dir || (mode & 0o111) !== 0))) set |= 1;
    bits |= set << shift;
    if (perms.includes('s') && letter !== 'o') bits |= letter === 'u' ? 0o4000 : 0o2000;
  }
  if (perms.includes('t')) bits |= 0o1000;
  if (op === '+') return mode | bits;
  return op === '-' ? mode & ~bits : (mode & ~mask) | bits;
}
