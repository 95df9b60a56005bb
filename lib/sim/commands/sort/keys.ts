/** Sort keys: which part of a line, compared how. */
import { compareVersions } from '../../text/version-sort.ts';

export interface SortKey {
  field: number;
  char: number;
  endField: number | null;
  endChar: number;
  flags: string;
}

/** `2,3n`, `1.2r` …; a text is its error. Without flags of its own a key takes the global ones. */
export function parseKey(text: string, global: string): SortKey | string {
  const m = /^(\d+)(?:\.(\d+))?([bdfghnrVi]*)(?:,(\d+)(?:\.(\d+))?([bdfghnrVi]*))?$/.exec(text);
  if (!m)
    return /^\d/.test(text)
      ? `stray character in field spec: invalid field specification ‘${text}’`
      : `invalid number at field start: invalid count at start of ‘${text}’`;
  if (m[1] === '0') return `-: invalid field specification ‘${text}’`.replace('-: ', 'field number is zero: ');
  const flags = (m[3] ?? '') + (m[6] ?? '');
  return {
    field: Number(m[1]),
    char: Number(m[2] ?? 1),
    endField: m[4] === undefined ? null : Number(m[4]),
    endChar: Number(m[5] ?? 0),
    flags: flags === '' ? global : flags,
  };
}

type Compare = (a: string, b: string) => number;

const bytewise: Compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** The order of lines that keys and flags ask for; equal lines fall back on their bytes unless `stable`. */
export function comparator(
  keys: readonly SortKey[],
  global: string,
  separator: string | null,
  stable: boolean,
): Compare {
  const all: SortKey[] =
    keys.length > 0 ? [...keys] : [{ field: 1, char: 1, endField: null, endChar: 0, flags: global }];
  const cache = new Map<string, string[]>();
  const parts = (line: string): string[] => {
    let found = cache.get(line);
    if (!found) {
      found = all.map((k) => (keys.length === 0 ? line : extract(line, k, separator)));
      cache.set(line, found);
    }
    return found;
  };
  return (a, b) => {
    const x = parts(a);
    const y = parts(b);
    for (let i = 0; i < all.length; i++) {
      const { flags } = all[i] as SortKey;
      const order = compareBy(x[i] as string, y[i] as string, flags);
      if (order !== 0) return flags.includes('r') ? -order : order;
    }
    if (stable) return 0;
    const order = bytewise(a, b);
    return global.includes('r') ? -order : order;
  };
}

function compareBy(a: string, b: string, flags: string): number {
  if (flags.includes('n')) return numeric(a) - numeric(b);
  if (flags.includes('h')) return human(a) - human(b);
  if (flags.includes('g')) return general(a) - general(b);
  if (flags.includes('V')) return compareVersions(a, b);
  let [x, y] = flags.includes('b') ? [a.trimStart(), b.trimStart()] : [a, b];
  if (flags.includes('d')) [x, y] = [x.replace(/[^\sA-Za-z0-9]/g, ''), y.replace(/[^\sA-Za-z0-9]/g, '')];
  if (flags.includes('f')) [x, y] = [x.toUpperCase(), y.toUpperCase()];
  return bytewise(x, y);
}

const numeric = (text: string): number => Number(/^\s*(-?\d*\.?\d*)/.exec(text)?.[1] || 0) || 0;
const general = (text: string): number => Number.parseFloat(text.trim()) || 0;

function human(text: string): number {
  const m = /^\s*(-?\d*\.?\d*)([KMGTPEZY]?)/i.exec(text);
  const power = ' KMGTPEZY'.indexOf((m?.[2] ?? '').toUpperCase() || ' ');
  return (Number(m?.[1] || 0) || 0) * 1024 ** Math.max(0, power);
}

function extract(line: string, key: SortKey, separator: string | null): string {
  // Without a separator a field begins with the blanks before it.
  const starts: number[] = [];
  const ends: number[] = [];
  if (separator !== null) {
    let at = 0;
    for (const field of line.split(separator)) {
      starts.push(at);
      at += field.length;
      ends.push(at);
      at += separator.length;
    }
  } else {
    for (const m of line.matchAll(/[ \t]*[^ \t]+|[ \t]+$/g)) {
      starts.push(m.index);
      ends.push(m.index + m[0].length);
    }
  }
  const skip = (at: number) => {
    let i = at;
    while (key.flags.includes('b') && (line[i] === ' ' || line[i] === '\t')) i++;
    return i;
  };
  const from = starts[key.field - 1];
  if (from === undefined) return '';
  const start = skip(from) + key.char - 1;
  if (key.endField === null) return line.slice(start);
  const endStart = starts[key.endField - 1];
  if (endStart === undefined) return line.slice(start);
  const end = key.endChar === 0 ? (ends[key.endField - 1] as number) : skip(endStart) + key.endChar;
  return end <= start ? '' : line.slice(start, end);
}
