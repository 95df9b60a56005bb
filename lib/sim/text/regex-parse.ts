/** Regular expressions to instructions. */
import { inClass } from './glob.ts';
import type { RegexOptions } from './regex.ts';

export type Inst =
  | { op: 'char'; char: string }
  | { op: 'any' | 'bol' | 'eol' | 'word-start' | 'word-end' | 'buffer-start' | 'buffer-end' | 'match' }
  | { op: 'boundary'; negated: boolean }
  | { op: 'set'; negated: boolean; has(c: string): boolean }
  | { op: 'backref'; group: number }
  | { op: 'save'; slot: number }
  | { op: 'progress'; slot: number }
  | { op: 'jump'; to: number }
  | { op: 'split'; a: number; b: number };

/** A pattern that regcomp(3) rejects, in its words. */
export class RegexError extends Error {}

/** A match that would take too much work. */
export class MatchBudgetError extends RegexError {
  constructor() {
    super('Regular expression too big');
  }
}

type Node =
  | { kind: 'inst'; inst: Inst }
  | { kind: 'seq'; items: Node[] }
  | { kind: 'alt'; items: Node[] }
  | { kind: 'group'; index: number; item: Node }
  | { kind: 'repeat'; item: Node; min: number; max: number; lazy: boolean };

const MAX_PROGRAM = 20_000;
const DUP_MAX = 32767;
const MAX_NESTING = 200;

const PERL_SETS: Record<string, (c: string) => boolean> = {
  w: (c) => /\w/.test(c),
  s: (c) => /\s/.test(c),
  d: (c) => c >= '0' && c <= '9',
};

class Parser {
  at = 0;
  groups = 0;
  backrefs = false;
  names: (string | null)[] = [];
  private depth = 0;
  private open = 0;

  constructor(
    private readonly p: string,
    private readonly o: RegexOptions,
  ) {}

  parse(): Node {
    const node = this.alternatives();
    if (this.at < this.p.length)
      throw new RegexError(this.o.extended || this.o.perl ? 'Unmatched ( or \\(' : 'Unmatched ) or \\)');
    return node;
  }

  private get ere(): boolean {
    return Boolean(this.o.extended || this.o.perl);
  }

  private look(text: string): boolean {
    return this.p.startsWith(text, this.at);
  }

  private takes(bare: string): boolean {
    const token = this.ere ? bare : `\\${bare}`;
    if (!this.look(token)) return false;
    this.at += token.length;
    return true;
  }

  private atClose(): boolean {
    return this.ere ? this.open > 0 && this.look(')') : this.look('\\)');
  }

  private alternatives(): Node {
    if (++this.depth > MAX_NESTING) throw new RegexError('Regular expression too big');
    const items = [this.sequence()];
    while (this.takes('|')) items.push(this.sequence());
    this.depth--;
    return items.length === 1 ? (items[0] as Node) : { kind: 'alt', items };
  }

  private sequence(): Node {
    const items: Node[] = [];
    const start = this.at;
    while (this.at < this.p.length && !this.look(this.ere ? '|' : '\\|') && !this.atClose()) {
      items.push(this.repeated(this.atom(this.at === start || (!this.ere && items.every(isBol)))));
    }
    return { kind: 'seq', items };
  }

  private repeated(atom: Node): Node {
    let node = atom;
    for (;;) {
      const range = this.quantifier(node);
      if (!range) return node;
      const lazy = Boolean(this.o.perl) && this.look('?');
      if (lazy) this.at++;
      node = { kind: 'repeat', item: node, min: range[0], max: range[1], lazy };
    }
  }

  private quantifier(node: Node): [number, number] | null {
    const c = this.p[this.at];
    if (isBol(node) && !this.ere) return null;
    if (c === '*') {
      this.at++;
      return [0, Number.POSITIVE_INFINITY];
    }
    if (this.takes('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.takes('?')) return [0, 1];
    if (this.o.noIntervals) return null;
    return this.look(this.ere ? '{' : '\\{') ? this.interval() : null;
  }

  private interval(): [number, number] | null {
    const m = (this.ere ? /^\{(\d*)(,?)(\d*)\}/ : /^\\\{(\d*)(,?)(\d*)\\\}/).exec(this.p.slice(this.at, this.at + 40));
    if (!m || (m[1] === '' && m[2] === '')) {
      // GNU's ERE takes a brace that begins no interval as itself.
      if (this.ere) return null;
      throw new RegexError(this.p.indexOf('}', this.at) < 0 ? 'Unmatched \\{' : 'Invalid content of \\{\\}');
    }
    this.at += m[0].length;
    const min = Number(m[1] || 0);
    const max = m[2] === '' ? min : m[3] === '' ? Number.POSITIVE_INFINITY : Number(m[3]);
    if (min > DUP_MAX || (max !== Number.POSITIVE_INFINITY && max > DUP_MAX))
      throw new RegexError('Regular expression too big');
    if (max < min) throw new RegexError('Invalid content of \\{\\}');
    return [min, max];
  }

  private atom(first: boolean): Node {
    const c = this.p[this.at] as string;
    if (this.ere ? c === '(' : this.look('\\(')) return this.group();
    this.at++;
    if (c === '.') return inst({ op: 'any' });
    if (c === '[') return this.bracket();
    if (c === '^' && (this.ere || first)) return inst({ op: 'bol' });
    if (c === '$' && (this.ere || this.atEnd())) return inst({ op: 'eol' });
    if (c === '\\') return this.escape();
    if (this.o.perl && '*+?'.includes(c)) throw new RegexError('target of repeat operator is not specified');
    if (this.ere && (c === '*' || c === '+' || c === '?') && first)
      return this.at < this.p.length ? this.atom(false) : { kind: 'seq', items: [] };
    return inst({ op: 'char', char: c });
  }

  private atEnd(): boolean {
    return this.at >= this.p.length || this.look('\\)') || this.look('\\|');
  }

  private group(): Node {
    this.at += this.ere ? 1 : 2;
    let index = 0;
    const named = this.o.perl ? /^\?(?::|P?<([A-Za-z_]\w*)>)/.exec(this.p.slice(this.at, this.at + 60)) : null;
    if (this.o.perl && this.look('?') && !named) throw new RegexError('undefined group option');
    if (named) this.at += named[0].length;
    if (!named || named[1] !== undefined) {
      index = ++this.groups;
      this.names.push(named?.[1] ?? null);
    }
    this.open++;
    const item = this.alternatives();
    this.open--;
    if (!this.takes(')')) throw new RegexError('Unmatched ( or \\(');
    return index === 0 ? item : { kind: 'group', index, item };
  }

  private escape(): Node {
    const c = this.p[this.at];
    if (c === undefined) throw new RegexError('Trailing backslash');
    this.at++;
    if (/[1-9]/.test(c)) {
      if (Number(c) > this.groups) throw new RegexError('Invalid back reference');
      this.backrefs = true;
      return inst({ op: 'backref', group: Number(c) });
    }
    const lower = c.toLowerCase();
    const set = lower === 'd' && !this.o.perl ? undefined : PERL_SETS[lower];
    if (set) return inst({ op: 'set', negated: c !== lower, has: set });
    switch (c) {
      case '<':
        return inst({ op: 'word-start' });
      case '>':
        return inst({ op: 'word-end' });
      case 'b':
        return inst({ op: 'boundary', negated: false });
      case 'B':
        return inst({ op: 'boundary', negated: true });
      case '`':
        return inst({ op: 'buffer-start' });
      case "'":
        return inst({ op: 'buffer-end' });
      case 'n':
        return inst({ op: 'char', char: '\n' });
      case 't':
        return inst({ op: 'char', char: '\t' });
      default:
        return inst({ op: 'char', char: c });
    }
  }

  private bracket(): Node {
    const { p } = this;
    const negated = p[this.at] === '^';
    if (negated) this.at++;
    const ranges: [string, string][] = [];
    const tests: ((c: string) => boolean)[] = [];
    for (let first = true; ; first = false) {
      let c = p[this.at];
      if (c === undefined) throw new RegexError('Unmatched [, [^, [:, [., or [=');
      this.at++;
      if (c === ']' && !first) break;
      if (c === '[' && (p[this.at] === ':' || p[this.at] === '.' || p[this.at] === '=')) {
        const kind = p[this.at] as string;
        const end = p.indexOf(`${kind}]`, this.at + 1);
        if (end < 0) throw new RegexError('Unmatched [, [^, [:, [., or [=');
        const name = p.slice(this.at + 1, end);
        this.at = end + 2;
        if (kind === ':') {
          if (!/^(?:alpha|digit|alnum|upper|lower|space|blank|punct|xdigit|cntrl|print|graph)$/.test(name))
            throw new RegexError('Invalid character class name');
          tests.push((x) => inClass(name, x));
          continue;
        }
        c = name;
      }
      if (c === '\\' && (this.o.perl || this.o.extended) && this.o.perl) {
        const e = p[this.at++] ?? '\\';
        const set = PERL_SETS[e.toLowerCase()];
        if (set) {
          tests.push(e === e.toLowerCase() ? set : (x) => !set(x));
          continue;
        }
        c = e === 'n' ? '\n' : e === 't' ? '\t' : e;
      }
      let to = c;
      if (p[this.at] === '-' && p[this.at + 1] !== undefined && p[this.at + 1] !== ']') {
        to = p[this.at + 1] as string;
        this.at += 2;
        if (to === '\\' && this.o.perl) to = p[this.at++] ?? '\\';
        if (to < c) throw new RegexError('Invalid range end');
      }
      ranges.push([c, to]);
    }
    const has = (x: string) => ranges.some(([a, b]) => x >= a && x <= b) || tests.some((t) => t(x));
    return inst({ op: 'set', negated, has });
  }
}

const inst = (i: Inst): Node => ({ kind: 'inst', inst: i });
const isBol = (node: Node): boolean => node.kind === 'inst' && node.inst.op === 'bol';

/** Parses and compiles. Throws {@link RegexError}. */
export function parseRegex(
  pattern: string,
  options: RegexOptions,
): { program: Inst[]; groups: number; backrefs: boolean; names: (string | null)[] } {
  const parser = new Parser(pattern, options);
  const tree = parser.parse();
  const program: Inst[] = [];
  emit(program, tree, parser.backrefs, { next: 2 * parser.groups + 2 });
  program.push({ op: 'match' });
  return { program, groups: parser.groups, backrefs: parser.backrefs, names: parser.names };
}

function emit(out: Inst[], node: Node, guards: boolean, slots: { next: number }): void {
  if (out.length > MAX_PROGRAM) throw new RegexError('Regular expression too big');
  switch (node.kind) {
    case 'inst':
      out.push(node.inst);
      return;
    case 'seq':
      for (const item of node.items) emit(out, item, guards, slots);
      return;
    case 'group':
      out.push({ op: 'save', slot: 2 * node.index });
      emit(out, node.item, guards, slots);
      out.push({ op: 'save', slot: 2 * node.index + 1 });
      return;
    case 'alt': {
      const jumps: { op: 'jump'; to: number }[] = [];
      node.items.forEach((item, i) => {
        if (i === node.items.length - 1) {
          emit(out, item, guards, slots);
          return;
        }
        const split = { op: 'split' as const, a: out.length + 1, b: 0 };
        out.push(split);
        emit(out, item, guards, slots);
        const jump = { op: 'jump' as const, to: 0 };
        jumps.push(jump);
        out.push(jump);
        split.b = out.length;
      });
      for (const jump of jumps) jump.to = out.length;
      return;
    }
    case 'repeat':
      emitRepeat(out, node, guards, slots);
  }
}

function emitRepeat(out: Inst[], node: Node & { kind: 'repeat' }, guards: boolean, slots: { next: number }): void {
  const { item, min, max, lazy } = node;
  const branch = (split: { a: number; b: number }, body: number, exit: number) => {
    split.a = lazy ? exit : body;
    split.b = lazy ? body : exit;
  };
  for (let i = 0; i < min; i++) emit(out, item, guards, slots);
  if (max === Number.POSITIVE_INFINITY) {
    const start = out.length;
    const split = { op: 'split' as const, a: 0, b: 0 };
    out.push(split);
    const slot = slots.next++;
    if (guards) out.push({ op: 'save', slot });
    emit(out, item, guards, slots);
    if (guards) out.push({ op: 'progress', slot });
    out.push({ op: 'jump', to: start });
    branch(split, start + 1, out.length);
    return;
  }
  const splits: { op: 'split'; a: number; b: number; body: number }[] = [];
  for (let i = min; i < max; i++) {
    const split = { op: 'split' as const, a: 0, b: 0, body: out.length + 1 };
    splits.push(split);
    out.push(split);
    emit(out, item, guards, slots);
  }
  for (const split of splits) branch(split, split.body, out.length);
}
