/** getopt_long(3) over iptables' own options and those of the extensions loaded so far. */
import type { MatchExt, TargetExt, XtOption } from './ext.ts';
import type { MatchSpec, TargetSpec } from './types.ts';

/** Letter → whether it takes a value: 0 no, 1 yes, 2 optional. */
export const SHORT: Record<string, 0 | 1 | 2> = {
  A: 1,
  C: 1,
  D: 1,
  R: 1,
  I: 1,
  L: 2,
  S: 2,
  M: 1,
  F: 2,
  Z: 2,
  N: 1,
  X: 2,
  E: 1,
  P: 1,
  V: 0,
  h: 2,
  o: 1,
  p: 1,
  s: 1,
  d: 1,
  j: 1,
  i: 1,
  f: 0,
  b: 0,
  v: 0,
  w: 2,
  W: 2,
  n: 0,
  t: 1,
  m: 1,
  x: 0,
  c: 1,
  g: 1,
  '4': 0,
  '6': 0,
  '0': 0,
};

const LONG: [string, string][] = [
  ['append', 'A'],
  ['delete', 'D'],
  ['check', 'C'],
  ['insert', 'I'],
  ['replace', 'R'],
  ['list', 'L'],
  ['list-rules', 'S'],
  ['flush', 'F'],
  ['zero', 'Z'],
  ['new-chain', 'N'],
  ['delete-chain', 'X'],
  ['rename-chain', 'E'],
  ['policy', 'P'],
  ['source', 's'],
  ['destination', 'd'],
  ['src', 's'],
  ['dst', 'd'],
  ['protocol', 'p'],
  ['in-interface', 'i'],
  ['jump', 'j'],
  ['table', 't'],
  ['match', 'm'],
  ['numeric', 'n'],
  ['out-interface', 'o'],
  ['verbose', 'v'],
  ['wait', 'w'],
  ['wait-interval', 'W'],
  ['exact', 'x'],
  ['fragments', 'f'],
  ['version', 'V'],
  ['help', 'h'],
  ['line-numbers', '0'],
  ['modprobe', 'M'],
  ['set-counters', 'c'],
  ['goto', 'g'],
  ['ipv4', '4'],
  ['ipv6', '6'],
];

/** An extension in use by the rule being parsed. */
export interface Loaded {
  def: MatchExt | TargetExt;
  spec: MatchSpec | TargetSpec;
  seen: Set<string>;
}

export type Option =
  | { kind: 'word'; value: string }
  | {
      kind: 'base';
      letter: string;
      value: string | null /** The word it stands in, as check_inverse() hands it on. */;
      whole: string | null;
    }
  | { kind: 'extension'; loaded: Loaded; option: XtOption; value: string }
  | { kind: 'unknown'; word: string }
  | { kind: 'missing'; word: string }
  | { kind: 'end' };

export class OptionReader {
  private at = 0;
  /** Letters left of a cluster such as -nvL. */
  private cluster = '';
  private word = '';

  constructor(private readonly argv: readonly string[]) {}

  /** Whether a value stands next: a word that is no option. */
  hasArg(): boolean {
    const next = this.argv[this.at];
    return next !== undefined && next[0] !== '-' && next[0] !== '!';
  }

  /** Takes the next word. */
  take(): string | null {
    return this.argv[this.at++] ?? null;
  }

  /** Takes the next word when it is no option (and not `!`). */
  takeArg(): string | null {
    return this.hasArg() ? this.take() : null;
  }

  get left(): number {
    return this.argv.length - this.at;
  }

  /** Reads the last option again: a further extension has been loaded. */
  private lastAt = 0;
  retry(): void {
    this.at = this.lastAt;
    this.cluster = '';
  }

  next(loaded: readonly Loaded[]): Option {
    if (this.cluster !== '') return this.short();
    this.lastAt = this.at;
    const word = this.argv[this.at];
    if (word === undefined) return { kind: 'end' };
    this.at++;
    if (word === '--') return { kind: 'end' };
    if (word.startsWith('--')) return this.long(word, loaded);
    if (word.length > 1 && word[0] === '-') {
      this.cluster = word.slice(1);
      this.word = word;
      return this.short();
    }
    return { kind: 'word', value: word };
  }

  private short(): Option {
    const letter = this.cluster[0] as string;
    this.cluster = this.cluster.slice(1);
    const takes = SHORT[letter];
    if (takes === undefined || letter === '0') return { kind: 'unknown', word: `-${letter}` };
    if (takes === 0) return { kind: 'base', letter, value: null, whole: null };
    if (this.cluster !== '') {
      const value = this.cluster;
      this.cluster = '';
      return { kind: 'base', letter, value, whole: this.word };
    }
    if (takes === 2) return { kind: 'base', letter, value: null, whole: null };
    const value = this.take();
    return value === null ? { kind: 'missing', word: this.word } : { kind: 'base', letter, value, whole: value };
  }

  private long(word: string, loaded: readonly Loaded[]): Option {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    const inline = equals < 0 ? null : word.slice(equals + 1);
    const found = lookup(name, loaded);
    if (!found) return { kind: 'unknown', word };
    const takes = typeof found === 'string' ? SHORT[found] : found.option.arg ? 1 : 0;
    if (takes === 0 && inline !== null) return { kind: 'unknown', word };
    let value = inline;
    if (takes === 1 && value === null) {
      value = this.take();
      if (value === null) return { kind: 'missing', word };
    }
    if (typeof found === 'string') return { kind: 'base', letter: found, value, whole: inline === null ? value : word };
    return { kind: 'extension', loaded: found.loaded, option: found.option, value: value ?? '' };
  }
}

type Found = string | { loaded: Loaded; option: XtOption };

/** The option of that name or unambiguous beginning; extensions loaded last come first. */
function lookup(name: string, loaded: readonly Loaded[]): Found | null {
  for (const [long, letter] of LONG) if (long === name) return letter;
  for (let i = loaded.length - 1; i >= 0; i--) {
    const one = loaded[i] as Loaded;
    const option = one.def.options.find((o) => o.name === name);
    if (option) return { loaded: one, option };
  }
  const candidates = new Map<string, Found>();
  for (const [long, letter] of LONG) if (long.startsWith(name)) candidates.set(`-${letter}`, letter);
  for (let i = loaded.length - 1; i >= 0; i--) {
    const one = loaded[i] as Loaded;
    for (const option of one.def.options) {
      if (option.name.startsWith(name)) candidates.set(`${i} ${option.id ?? option.name}`, { loaded: one, option });
    }
  }
  return candidates.size === 1 ? ([...candidates.values()][0] as Found) : null;
}
