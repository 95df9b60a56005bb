/** Runs sed's commands over lines. */
import type { Regex, RegexMatch } from '../../text/regex.ts';
import { type Address, type SedCommand, SedError } from './parse.ts';

const MAX_STEPS = 3_000_000;
const MAX_SPACE = 2_000_000;

/** The lines of the input as sed sees them: one ahead, to know the last. */
export interface SedInput {
  next(): { text: string; newline: boolean } | null;
  isLast(): boolean;
}

export interface SedOptions {
  quiet: boolean;
  readFile(path: string): string | null;
  writeFile(path: string, text: string): void;
}

export class SedRun {
  exit: number | null = null;
  private line = 0;
  private space = '';
  private newline = true;
  private hold = '';
  private replaced = false;
  private append: string[] = [];
  private out = '';
  private lastRegex: Regex | null = null;
  private steps = 0;
  /** Line at which an open range ends; null when it ends at a pattern. */
  private readonly ranges = new Map<number, number | null>();
  private readonly labels = new Map<string, number>();

  constructor(
    private readonly commands: readonly SedCommand[],
    private readonly input: SedInput,
    private readonly options: SedOptions,
  ) {
    commands.forEach((c, i) => {
      if (c.name === ':') this.labels.set(c.text as string, i);
    });
    for (const c of commands) {
      if ('btT'.includes(c.name) && c.text && !this.labels.has(c.text))
        throw new SedError(`-e expression #1, char 0: can't find label for jump to \`${c.text}'`);
    }
  }

  /** Processes one line; its output, or null at the end of input. */
  cycle(): string | null {
    if (this.exit !== null || !this.load()) return null;
    this.runCommands();
    const text = this.out;
    this.out = '';
    return text;
  }

  private load(): boolean {
    const next = this.input.next();
    if (!next) return false;
    this.line++;
    this.space = next.text;
    this.newline = next.newline;
    return true;
  }

  private emit(text: string, newline = true): void {
    this.out += text + (newline ? '\n' : '');
  }

  private endCycle(quiet = false): void {
    if (!this.options.quiet && !quiet) this.emit(this.space, this.newline);
    for (const text of this.append.splice(0))
      this.out += (this.out === '' || this.out.endsWith('\n') ? '' : '\n') + text;
  }

  private runCommands(): void {
    let pc = 0;
    this.replaced = false;
    for (;;) {
      if (++this.steps > MAX_STEPS) throw new SedError('flatnet: too many steps');
      const c = this.commands[pc];
      if (!c) {
        this.endCycle();
        return;
      }
      if (!this.selected(c, pc)) {
        pc = c.name === '{' ? (c.end as number) : pc + 1;
        continue;
      }
      const jump = this.exec(c, pc);
      if (jump === 'end') return;
      pc = jump;
    }
  }

  private matches(a: Address): boolean {
    switch (a.kind) {
      case 'line':
        return this.line === a.n;
      case 'last':
        return this.input.isLast();
      case 'step':
        return a.by === 0 ? this.line === a.first : this.line >= a.first && (this.line - a.first) % a.by === 0;
      case 'regex':
        return this.use(a.regex).test(this.space);
      default:
        return false;
    }
  }

  private use(regex: Regex | null): Regex {
    const found = regex ?? this.lastRegex;
    if (!found) throw new SedError('-e expression #1, char 0: no previous regular expression');
    this.lastRegex = found;
    return found;
  }

  private selected(c: SedCommand, index: number): boolean {
    if (!c.from) return !c.negated;
    if (!c.to) return this.matches(c.from) !== c.negated;
    return this.inRange(c, index) !== c.negated;
  }

  private inRange(c: SedCommand, index: number): boolean {
    const to = c.to as Address;
    if (!this.ranges.has(index)) {
      const zero = c.from?.kind === 'line' && c.from.n === 0;
      if (!(zero ? this.line === 1 : this.matches(c.from as Address))) return false;
      if (to.kind === 'line' && to.n <= this.line && !zero) return true;
      let end: number | null = null;
      if (to.kind === 'line') end = to.n;
      else if (to.kind === 'plus') end = this.line + to.n;
      else if (to.kind === 'multiple') end = to.n === 0 ? this.line : Math.ceil(this.line / to.n) * to.n;
      if (end !== null && end <= this.line) return true;
      if (to.kind === 'last' && this.input.isLast()) return true;
      if (zero && to.kind === 'regex' && this.matches(to)) return true;
      this.ranges.set(index, end);
      return true;
    }
    const end = this.ranges.get(index) ?? null;
    if (end !== null ? this.line >= end : this.matches(to)) this.ranges.delete(index);
    return end === null || this.line <= end;
  }

  private exec(c: SedCommand, pc: number): number | 'end' {
    switch (c.name) {
      case 's':
        this.substitute(c);
        break;
      case 'y':
        this.space = [...this.space].map((x) => c.map?.get(x) ?? x).join('');
        break;
      case 'd':
        this.endCycle(true);
        return 'end';
      case 'D': {
        const at = this.space.indexOf('\n');
        if (at < 0) {
          this.endCycle(true);
          return 'end';
        }
        this.space = this.space.slice(at + 1);
        this.endCycle(true);
        return 0;
      }
      case 'p':
        this.emit(this.space);
        break;
      case 'P':
        this.emit(this.space.split('\n')[0] as string);
        break;
      case '=':
        this.emit(String(this.line));
        break;
      case 'a':
        this.append.push(`${c.text}\n`);
        break;
      case 'i':
        this.emit(c.text as string);
        break;
      case 'c':
        if (!c.to || c.negated || !this.ranges.has(pc)) this.emit(c.text as string);
        this.endCycle(true);
        return 'end';
      case 'r': {
        const text = this.options.readFile(c.text as string);
        if (text !== null) this.append.push(text);
        break;
      }
      case 'w':
        this.options.writeFile(c.text as string, `${this.space}\n`);
        break;
      case 'q':
      case 'Q':
        this.exit = Number(c.text || 0) & 255;
        this.endCycle(c.name === 'Q');
        return 'end';
      case 'n':
      case 'N':
        return this.nextLine(c.name, pc);
      case 'h':
        this.hold = this.space;
        break;
      case 'H':
        this.hold = this.bounded(`${this.hold}\n${this.space}`);
        break;
      case 'g':
        this.space = this.hold;
        break;
      case 'G':
        this.space = this.bounded(`${this.space}\n${this.hold}`);
        break;
      case 'x':
        [this.space, this.hold] = [this.hold, this.space];
        break;
      case 'b':
        return this.jump(c);
      case 't':
      case 'T': {
        const go = this.replaced === (c.name === 't');
        this.replaced = false;
        if (go) return this.jump(c);
        break;
      }
    }
    return pc + 1;
  }

  private bounded(text: string): string {
    if (text.length > MAX_SPACE) throw new SedError("couldn't allocate memory");
    return text;
  }

  private jump(c: SedCommand): number {
    return c.text ? (this.labels.get(c.text) as number) : this.commands.length;
  }

  private nextLine(name: string, pc: number): number | 'end' {
    if (this.input.isLast()) {
      // GNU prints the pattern space when there is no next line.
      this.exit = 0;
      this.endCycle();
      return 'end';
    }
    if (name === 'n') {
      if (!this.options.quiet) this.emit(this.space, this.newline);
      for (const text of this.append.splice(0))
        this.out += (this.out === '' || this.out.endsWith('\n') ? '' : '\n') + text;
      this.load();
    } else {
      const before = this.space;
      for (const text of this.append.splice(0))
        this.out += (this.out === '' || this.out.endsWith('\n') ? '' : '\n') + text;
      this.load();
      this.space = this.bounded(`${before}\n${this.space}`);
    }
    return pc + 1;
  }

  private substitute(c: SedCommand): void {
    const regex = this.use(c.regex ?? null);
    const { space } = this;
    let out = '';
    let at = 0;
    let count = 0;
    let done = false;
    let previousEnd = -1;
    for (let from = 0; from <= space.length; ) {
      const m = regex.exec(space, from);
      if (!m) break;
      const empty = m.end === m.index;
      if (!(empty && m.index === previousEnd)) {
        count++;
        if (count >= (c.nth ?? 1)) {
          out += space.slice(at, m.index) + fill(c.replacement as string, m);
          at = m.end;
          done = true;
          if (!c.global) break;
        }
      }
      previousEnd = m.end;
      from = empty ? m.end + 1 : m.end;
    }
    if (!done) return;
    this.space = this.bounded(out + space.slice(at));
    this.replaced = true;
    if (c.print) this.emit(this.space);
  }
}

/** A replacement with `&`, groups and case changes carried out. */
function fill(replacement: string, m: RegexMatch): string {
  let out = '';
  let mode = '';
  let once = '';
  const add = (text: string) => {
    if (text === '') return;
    let shown = mode === 'U' ? text.toUpperCase() : mode === 'L' ? text.toLowerCase() : text;
    if (once !== '')
      shown = (once === 'u' ? shown.slice(0, 1).toUpperCase() : shown.slice(0, 1).toLowerCase()) + shown.slice(1);
    once = '';
    out += shown;
  };
  for (let i = 0; i < replacement.length; i++) {
    const c = replacement[i] as string;
    if (c === '&') add(m.groups[0] ?? '');
    else if (c !== '\\') add(c);
    else {
      const e = replacement[++i] ?? '\\';
      if (/\d/.test(e)) add(m.groups[Number(e)] ?? '');
      else if (e === 'n') add('\n');
      else if (e === 't') add('\t');
      else if (e === 'U' || e === 'L') mode = e;
      else if (e === 'E') mode = '';
      else if (e === 'u' || e === 'l') once = e;
      else add(e);
    }
  }
  return out;
}
