/**
 * POSIX regular expressions (basic and extended, with GNU's escapes): leftmost, longest. The matcher visits each pair of
 * instruction and position at most once, so no pattern takes exponential time; with back-references it has a budget.
 */
import { type Inst, MatchBudgetError, parseRegex } from './regex-parse.ts';

export { RegexError } from './regex-parse.ts';

export interface RegexOptions {
  /** ERE instead of BRE. */
  extended?: boolean;
  ignoreCase?: boolean;
  /** Braces are themselves, as in mawk 1.3.4-20200120. */
  noIntervals?: boolean;
  /** `^` and `$` match at line breaks, `.` does not match one. */
  multiline?: boolean;
  /** The first alternative wins instead of the longest match (Perl, Oniguruma), with `\d` and lazy repeats. */
  perl?: boolean;
}

export interface RegexMatch {
  index: number;
  end: number;
  /** Group 0 is the whole match. */
  groups: (string | undefined)[];
  /** Where each group begins and ends; -1 when it took no part. */
  spans: number[];
}

export interface Regex {
  groupCount: number;
  groupNames: (string | null)[];
  /** The leftmost match that begins at `from` or later. `notBol`: `from` text does not begin a line. */
  exec(text: string, from: number): RegexMatch | null;
  test(text: string): boolean;
}

/** Instruction–position pairs one search may visit. */
const MAX_VISITS = 40_000_000;
/** Steps a search with back-references may take. */
const MAX_STEPS = 500_000;

/** Compiles a pattern. Throws {@link RegexError} with the words of regcomp(3). */
export function compileRegex(pattern: string, options: RegexOptions = {}): Regex {
  const { program, groups, backrefs, names } = parseRegex(pattern, options);
  const first = firstChar(program, options);
  const anchored = program[0]?.op === 'bol' && !options.multiline;
  const search = (text: string, from: number): RegexMatch | null => {
    const visited = backrefs ? null : new Visited(program.length, text.length + 1 - from, from);
    const budget = { left: MAX_STEPS };
    for (let start = from; start <= text.length; start++) {
      if (first !== null) {
        const next = text.indexOf(first, start);
        if (next < 0) return null;
        start = next;
      }
      const spans = runAt(program, text, start, groups, options, visited, budget);
      if (spans) {
        const found: (string | undefined)[] = [];
        for (let g = 0; g <= groups; g++) {
          const a = spans[2 * g] as number;
          found.push(a < 0 ? undefined : text.slice(a, spans[2 * g + 1]));
        }
        return { index: start, end: spans[1] as number, groups: found, spans };
      }
      if (anchored) return null;
    }
    return null;
  };
  return { groupCount: groups, groupNames: names, exec: search, test: (text) => search(text, 0) !== null };
}

/** A character every match begins with, when the program starts with one. */
function firstChar(program: readonly Inst[], options: RegexOptions): string | null {
  let pc = 0;
  while (program[pc]?.op === 'save') pc++;
  const inst = program[pc];
  return inst?.op === 'char' && !options.ignoreCase ? inst.char : null;
}

class Visited {
  private readonly bits: Uint8Array;

  constructor(
    size: number,
    private readonly width: number,
    private readonly from: number,
  ) {
    if (size * width > MAX_VISITS) throw new MatchBudgetError();
    this.bits = new Uint8Array((size * width + 7) >> 3);
  }

  /** Marks a pair; false when it was marked before. */
  enter(pc: number, at: number): boolean {
    const i = pc * this.width + at - this.from;
    const mask = 1 << (i & 7);
    if (((this.bits[i >> 3] as number) & mask) !== 0) return false;
    this.bits[i >> 3] = (this.bits[i >> 3] as number) | mask;
    return true;
  }
}

const isWord = (c: string | undefined): boolean => c !== undefined && /\w/.test(c);

/** Runs the program at one start. Answers group positions of the chosen match, or null. */
function runAt(
  program: readonly Inst[],
  text: string,
  start: number,
  groups: number,
  options: RegexOptions,
  visited: Visited | null,
  budget: { left: number },
): number[] | null {
  const caps = new Array<number>(2 * groups + 2).fill(-1);
  caps[0] = start;
  let best: number[] | null = null;
  // Pending branches: pc and position, or a capture to put back (pc < 0).
  const stack: number[] = [0, start, 0];
  while (stack.length > 0) {
    const old = stack.pop() as number;
    let at = stack.pop() as number;
    let pc = stack.pop() as number;
    if (pc < 0) {
      caps[at] = old;
      continue;
    }
    for (;;) {
      if (visited ? !visited.enter(pc, at) : budget.left-- <= 0) break;
      const inst = program[pc] as Inst;
      if (inst.op === 'match') {
        if (!best || at > (best[1] as number)) {
          best = [...caps];
          best[1] = at;
        }
        if (options.perl || at === text.length) return best;
        break;
      }
      if (inst.op === 'jump') {
        pc = inst.to;
      } else if (inst.op === 'split') {
        stack.push(inst.b, at, 0);
        pc = inst.a;
      } else if (inst.op === 'save') {
        stack.push(-1, inst.slot, caps[inst.slot] as number);
        caps[inst.slot] = at;
        pc++;
      } else if (inst.op === 'progress') {
        // An empty turn of a loop ends it.
        if ((caps[inst.slot] ?? -1) === at) break;
        pc++;
      } else {
        const next = step(inst, text, at, caps, options);
        if (next < 0) break;
        at = next;
        pc++;
      }
    }
    if (!visited && budget.left <= 0) break;
  }
  return best;
}

/** Position after a character or an assertion; -1 when it does not hold. */
function step(inst: Inst, text: string, at: number, caps: readonly number[], options: RegexOptions): number {
  const c = text[at];
  switch (inst.op) {
    case 'char':
      return c === inst.char || (options.ignoreCase && c?.toLowerCase() === inst.char.toLowerCase()) ? at + 1 : -1;
    case 'any':
      return c !== undefined && !(options.multiline && c === '\n') ? at + 1 : -1;
    case 'set': {
      if (c === undefined) return -1;
      const hit = inst.has(c) || (options.ignoreCase && (inst.has(c.toLowerCase()) || inst.has(c.toUpperCase())));
      return Boolean(hit) !== inst.negated && !(inst.negated && options.multiline && c === '\n') ? at + 1 : -1;
    }
    case 'bol':
      return at === 0 || (options.multiline && text[at - 1] === '\n') ? at : -1;
    case 'eol':
      return at === text.length || (options.multiline && c === '\n') ? at : -1;
    case 'word-start':
      return !isWord(text[at - 1]) && isWord(c) ? at : -1;
    case 'word-end':
      return isWord(text[at - 1]) && !isWord(c) ? at : -1;
    case 'boundary':
      return (isWord(text[at - 1]) !== isWord(c)) !== inst.negated ? at : -1;
    case 'buffer-start':
      return at === 0 ? at : -1;
    case 'buffer-end':
      return at === text.length ? at : -1;
    case 'backref': {
      const from = caps[2 * inst.group] as number;
      const to = caps[2 * inst.group + 1] as number;
      if (from < 0 || to < from) return -1;
      const want = text.slice(from, to);
      const got = text.slice(at, at + want.length);
      return got === want || (options.ignoreCase && got.toLowerCase() === want.toLowerCase()) ? at + want.length : -1;
    }
    default:
      return -1;
  }
}
