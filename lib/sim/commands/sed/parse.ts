/** sed's scripts: addresses, commands. Errors carry GNU's words. */
import { compileRegex, type Regex, RegexError } from '../../text/regex.ts';

export type Address =
  | { kind: 'line'; n: number }
  | { kind: 'last' }
  | { kind: 'step'; first: number; by: number }
  | { kind: 'regex'; regex: Regex | null }
  /** `addr,+N` and `addr,~N`: only as a second address. */
  | { kind: 'plus' | 'multiple'; n: number };

export interface SedCommand {
  from: Address | null;
  to: Address | null;
  negated: boolean;
  name: string;
  /** s: regex (null: the last one used), replacement, flags. */
  regex?: Regex | null;
  replacement?: string;
  global?: boolean;
  nth?: number;
  print?: boolean;
  /** a, i, c: text. b, t, T: label. w, r: file. q, Q: exit status. */
  text?: string;
  /** y: from → to. */
  map?: Map<string, string>;
  /** `{`: index after its `}`. */
  end?: number;
}

export class SedError extends Error {}
export class SedNotModelled extends Error {}

export function parseSed(source: string, extended: boolean): SedCommand[] {
  return new Parser(source, extended).run();
}

class Parser {
  private at = 0;
  private readonly out: SedCommand[] = [];
  private readonly open: number[] = [];

  constructor(
    private readonly s: string,
    private readonly extended: boolean,
  ) {}

  run(): SedCommand[] {
    for (;;) {
      while (/[\s;]/.test(this.s[this.at] ?? '')) this.at++;
      if (this.at >= this.s.length) break;
      if (this.s[this.at] === '#') {
        this.line();
        continue;
      }
      this.command();
    }
    if (this.open.length > 0) throw this.error("unmatched `{'", 0);
    return this.out;
  }

  private error(message: string, at = this.at): SedError {
    return new SedError(`-e expression #1, char ${at}: ${message}`);
  }

  private line(): string {
    const end = this.s.indexOf('\n', this.at);
    const text = this.s.slice(this.at, end < 0 ? undefined : end);
    this.at = end < 0 ? this.s.length : end + 1;
    return text;
  }

  private blanks(): void {
    while (this.s[this.at] === ' ' || this.s[this.at] === '\t') this.at++;
  }

  private command(): void {
    const from = this.address(false);
    let to: Address | null = null;
    this.blanks();
    if (from && this.s[this.at] === ',') {
      this.at++;
      this.blanks();
      to = this.address(true);
      if (!to) throw this.error("unexpected `,'", this.at);
      this.blanks();
    }
    let negated = false;
    while (this.s[this.at] === '!') {
      negated = true;
      this.at++;
      this.blanks();
    }
    const name = this.s[this.at++];
    if (name === undefined || name === '\n') throw this.error('missing command');
    const c: SedCommand = { from, to, negated, name };
    this.out.push(c);
    this.arguments(c);
  }

  private arguments(c: SedCommand): void {
    switch (c.name) {
      case '{':
        this.open.push(this.out.length - 1);
        return;
      case '}': {
        if (c.from) throw this.error("} doesn't want any addresses");
        const start = this.open.pop();
        if (start === undefined) throw this.error("unexpected `}'");
        this.out.pop();
        (this.out[start] as SedCommand).end = this.out.length;
        this.endOfCommand();
        return;
      }
      case 's':
        this.substitute(c);
        return;
      case 'y':
        this.transliterate(c);
        return;
      case 'a':
      case 'i':
      case 'c':
        this.textArgument(c);
        return;
      case ':':
        c.text = this.word();
        if (c.text === '') throw this.error('":" lacks a label');
        return;
      case 'b':
      case 't':
      case 'T':
        this.blanks();
        c.text = this.word();
        return;
      case 'q':
      case 'Q':
        this.blanks();
        c.text = /^\d*/.exec(this.s.slice(this.at))?.[0] ?? '';
        this.at += c.text.length;
        this.endOfCommand();
        return;
      case 'r':
      case 'w':
        this.blanks();
        c.text = this.line();
        if (c.text === '') throw this.error('missing filename in r/R/w/W commands');
        return;
      case 'e':
      case 'R':
      case 'W':
      case 'F':
      case 'z':
      case 'l':
      case 'v':
        throw new SedNotModelled(`the ${c.name} command`);
      case 'd':
      case 'D':
      case 'g':
      case 'G':
      case 'h':
      case 'H':
      case 'n':
      case 'N':
      case 'p':
      case 'P':
      case 'x':
      case '=':
        this.endOfCommand();
        return;
      default:
        throw this.error(`unknown command: \`${c.name}'`);
    }
  }

  private word(): string {
    const text = /^[^\s;}]*/.exec(this.s.slice(this.at))?.[0] ?? '';
    this.at += text.length;
    return text;
  }

  private endOfCommand(): void {
    this.blanks();
    const c = this.s[this.at];
    if (c === undefined || c === ';' || c === '\n' || c === '}' || c === '#') return;
    throw this.error('extra characters after command', this.at + 1);
  }

  private address(second: boolean): Address | null {
    const rest = this.s.slice(this.at);
    const step = /^(\d+)~(\d+)/.exec(rest);
    const relative = second ? /^([+~])(\d+)/.exec(rest) : null;
    const line = /^\d+/.exec(rest);
    if (step) {
      this.at += step[0].length;
      return { kind: 'step', first: Number(step[1]), by: Number(step[2]) };
    }
    if (relative) {
      this.at += relative[0].length;
      return { kind: relative[1] === '+' ? 'plus' : 'multiple', n: Number(relative[2]) };
    }
    if (line) {
      this.at += line[0].length;
      if (line[0] === '0' && !second && !/^\s*,\s*\//.test(this.s.slice(this.at)))
        throw this.error('invalid usage of line address 0', this.at + 1);
      return { kind: 'line', n: Number(line[0]) };
    }
    if (rest[0] === '$') {
      this.at++;
      return { kind: 'last' };
    }
    if (rest[0] !== '/' && rest[0] !== '\\') return null;
    this.at += rest[0] === '/' ? 1 : 2;
    const delimiter = this.s[this.at - 1] as string;
    const source = this.delimited(delimiter, 'unterminated address regex', true);
    const ignoreCase = this.s[this.at] === 'I';
    if (ignoreCase) this.at++;
    return { kind: 'regex', regex: this.regex(source, ignoreCase, false) };
  }

  private regex(source: string, ignoreCase: boolean, multiline: boolean): Regex | null {
    if (source === '') return null;
    try {
      return compileRegex(source, { extended: this.extended, ignoreCase, multiline });
    } catch (error) {
      if (error instanceof RegexError) throw this.error(error.message);
      throw error;
    }
  }

  /** Text up to an unescaped delimiter; `\delimiter` is the delimiter itself. */
  private delimited(delimiter: string, missing: string, regex: boolean): string {
    let text = '';
    let inSet = false;
    for (;;) {
      const c = this.s[this.at++];
      if (c === undefined || (c === '\n' && regex)) throw this.error(missing, this.s.length);
      if (c === delimiter && !inSet) return text;
      if (c === '\\' && !inSet) {
        const next = this.s[this.at++];
        if (next === undefined) throw this.error(missing, this.s.length);
        text += next === delimiter ? (regex && '.*[]^$+?(){}|'.includes(delimiter) ? `\\${next}` : next) : `\\${next}`;
        continue;
      }
      if (regex && c === '[' && !inSet) {
        const close = this.s.indexOf(']', this.at + (this.s[this.at] === '^' ? 2 : 1));
        const limit = this.s.indexOf('\n', this.at);
        inSet = close > 0 && (limit < 0 || close < limit);
        text += c;
        if (inSet && this.s[this.at] === '^') text += this.s[this.at++];
        if (inSet && this.s[this.at] === ']') text += this.s[this.at++];
        continue;
      }
      if (inSet && c === '[' && this.s[this.at] === ':') {
        const end = this.s.indexOf(':]', this.at);
        if (end > 0) {
          text += this.s.slice(this.at - 1, end + 2);
          this.at = end + 2;
          continue;
        }
      }
      if (inSet && c === ']') inSet = false;
      text += c;
    }
  }

  private substitute(c: SedCommand): void {
    const delimiter = this.s[this.at++];
    if (delimiter === undefined || delimiter === '\n' || delimiter === '\\')
      throw this.error("unterminated `s' command", this.s.length);
    const source = this.delimited(delimiter, "unterminated `s' command", true);
    c.replacement = this.delimited(delimiter, "unterminated `s' command", false);
    let ignoreCase = false;
    let multiline = false;
    for (;;) {
      const flag = this.s[this.at];
      if (flag === 'g') c.global = true;
      else if (flag === 'p') c.print = true;
      else if (flag === 'i' || flag === 'I') ignoreCase = true;
      else if (flag === 'm' || flag === 'M') multiline = true;
      else if (flag !== undefined && /\d/.test(flag)) {
        const digits = /^\d+/.exec(this.s.slice(this.at))?.[0] as string;
        c.nth = Number(digits);
        if (c.nth === 0) throw this.error("number option to `s' command may not be zero", this.at + 1);
        this.at += digits.length - 1;
      } else if (flag === 'e' || flag === 'w') throw new SedNotModelled(`the ${flag} flag of s`);
      else break;
      this.at++;
    }
    const end = this.s[this.at];
    if (end !== undefined && !/[\s;}#]/.test(end)) throw this.error("unknown option to `s'", this.at + 1);
    c.regex = this.regex(source, ignoreCase, multiline);
    const highest = Math.max(0, ...[...c.replacement.matchAll(/\\(?:\\|(\d))/g)].map((m) => Number(m[1] ?? 0)));
    if (c.regex && highest > c.regex.groupCount)
      throw this.error(`invalid reference \\${highest} on \`s' command's RHS`);
  }

  private transliterate(c: SedCommand): void {
    const delimiter = this.s[this.at++];
    if (delimiter === undefined) throw this.error("unterminated `y' command", this.s.length);
    const plain = () => [
      ...this.delimited(delimiter, "unterminated `y' command", false)
        .replace(/\\n/g, '\n')
        .replace(/\\t/g, '\t')
        .replace(/\\\\/g, '\\'),
    ];
    const from = plain();
    const to = plain();
    if (from.length !== to.length) throw this.error("strings for `y' command are different lengths");
    c.map = new Map(from.map((x, i) => [x, to[i] as string]));
    this.endOfCommand();
  }

  private textArgument(c: SedCommand): void {
    this.blanks();
    if (this.s[this.at] === '\\') {
      this.at++;
      const mark = this.at;
      this.blanks();
      if (this.s[this.at] === '\n') this.at++;
      else this.at = mark;
    }
    if (this.at >= this.s.length) throw this.error("expected \\ after `a', `c' or `i'");
    let text = '';
    while (this.at < this.s.length) {
      const ch = this.s[this.at++] as string;
      if (ch === '\n') break;
      if (ch === '\\' && this.at < this.s.length) text += this.s[this.at++];
      else text += ch;
    }
    c.text = text;
  }
}
