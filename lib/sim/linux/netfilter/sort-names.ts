/**
 * Names in the order of their code units, for the forty thousand chains that kube-proxy makes: they begin alike, so comparing
 * strings reads the same letters again and again. What follows the common beginning is sorted as numbers instead, which says
 * the same; sort-names.test.ts holds it to Array.sort().
 */

/** Letters of the beginning that names are grouped by, and letters after it that make a number: 7 bits each. */
const GROUP = 9;
const LETTERS = 5;
/** Places in a group: 16 bits of the number, so that it stays below 2 ** 53. */
const MOST = 65_536;
/** Below this many a plain sort is as quick. */
const FEW = 500;

/** The letters after the beginning as a number that grows with them; -1 when one of them is not ASCII. */
function rank(name: string): number {
  let n = 0;
  for (let i = GROUP; i < GROUP + LETTERS; i++) {
    const code = i < name.length ? name.charCodeAt(i) : 0;
    if (code > 127) return -1;
    n = n * 128 + code;
  }
  return n;
}

/** A group's names in order, or null when numbers cannot tell it. */
function sortGroup(names: readonly string[]): string[] | null {
  if (names.length > MOST) return null;
  const keys = new Float64Array(names.length);
  for (let i = 0; i < names.length; i++) {
    const r = rank(names[i] as string);
    if (r < 0) return null;
    keys[i] = r * MOST + i;
  }
  keys.sort();
  const sorted: string[] = [];
  let run = 0;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as number;
    const place = key % MOST;
    sorted.push(names[place] as string);
    const next = i + 1 < keys.length ? Math.floor((keys[i + 1] as number) / MOST) : -1;
    if (next === Math.floor(key / MOST)) continue;
    // Names that agree in all these letters.
    if (i > run) sorted.push(...sorted.splice(run).sort());
    run = i + 1;
  }
  return sorted;
}

/** The names sorted as Array.sort() sorts strings. */
export function sortNames(names: readonly string[]): string[] {
  if (names.length < FEW) return [...names].sort();
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const group = groups.get(name.slice(0, GROUP));
    if (group) group.push(name);
    else groups.set(name.slice(0, GROUP), [name]);
  }
  const out: string[] = [];
  for (const beginning of [...groups.keys()].sort()) {
    const group = groups.get(beginning) as string[];
    for (const name of sortGroup(group) ?? group.sort()) out.push(name);
  }
  return out;
}
