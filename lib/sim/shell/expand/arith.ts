/** Shell arithmetic: 64-bit integers, C's operators, variables by name (bash(1), ARITHMETIC EVALUATION). */
import { ShellError } from '../state.ts';

export interface ArithScope {
  get(name: string, index: string | null): string | null;
  set(name: string, index: string | null, value: string): void;
}

type Value = { n: bigint; name?: string; index?: string | null };

const MAX_DEPTH = 100;
const ASSIGN = new Set(['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '^=', '|=']);
const LEVELS: string[][] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const TOKEN =
  /\s*(<<=|>>=|\*\*|\+\+|--|[-+*/%&^|<>=!]=|<<|>>|&&|\|\||[-+*/%&^|<>=!~?:(),]|\d+#[0-9A-Za-z@_]+|0[xX][0-9a-fA-F]*|[0-9][0-9A-Za-z_]*|[A-Za-z_][A-Za-z0-9_]*(?:\[)?)/y;

/** Evaluates an expression in which `$` is already expanded. Throws {@link ShellError} with bash's words. */
export function evaluate(text: string, scope: ArithScope, depth = 0): bigint {
  if (depth > MAX_DEPTH)
    throw new ShellError(`${text}: expression recursion level exceeded (error token is "${text}")`);
  return new Evaluator(text, scope, depth).run();
}

class Evaluator {
  private at = 0;
  private token = '';
  private tokenAt = 0;
  private prevAt = 0;
  /** > 0 within the branch that is not taken: nothing is assigned, nothing divides by zero. */
  private skip = 0;
  private nesting = 0;

  constructor(
    private readonly text: string,
    private readonly scope: ArithScope,
    private readonly depth: number,
  ) {}

  run(): bigint {
    if (this.text.trim() === '') return 0n;
    this.next();
    const value = this.comma();
    if (this.token !== '')
      this.fail(/^[A-Za-z0-9_]/.test(this.token) ? 'syntax error in expression' : this.badOperator());
    return value.n;
  }

  private badOperator(): string {
    return 'syntax error: invalid arithmetic operator';
  }

  private fail(message: string, at = this.tokenAt): never {
    throw new ShellError(`${this.text.trimStart()}: ${message} (error token is "${this.text.slice(at).trimStart()}")`);
  }

  private is(token: string): boolean {
    return this.token === token;
  }

  private next(): void {
    this.prevAt = this.tokenAt;
    TOKEN.lastIndex = this.at;
    const m = TOKEN.exec(this.text);
    if (!m) {
      const rest = this.text.slice(this.at);
      this.tokenAt = this.at + rest.length - rest.trimStart().length;
      this.token = '';
      if (rest.trim() !== '') this.fail(this.badOperator());
      return;
    }
    this.token = m[1] as string;
    this.tokenAt = TOKEN.lastIndex - this.token.length;
    this.at = TOKEN.lastIndex;
  }

  private comma(): Value {
    let value = this.assignment();
    while (this.token === ',') {
      this.next();
      value = this.assignment();
    }
    return value;
  }

  private assignment(): Value {
    const left = this.ternary();
    if (!ASSIGN.has(this.token)) return left;
    if (left.name === undefined) this.fail('attempted assignment to non-variable');
    const op = this.token.slice(0, -1);
    this.next();
    const right = this.assignment().n;
    const n = op === '' ? right : this.apply(op, left.n, right);
    this.store(left, n);
    return { n };
  }

  private store(target: Value, n: bigint): void {
    if (this.skip === 0) this.scope.set(target.name as string, target.index ?? null, String(n));
  }

  private ternary(): Value {
    const test = this.binary(0);
    if (this.token !== '?') return test;
    this.next();
    const yes = test.n !== 0n;
    const a = this.branch(yes, () => this.comma());
    if (!this.is(':')) this.fail("`:' expected for conditional expression");
    this.next();
    const b = this.branch(!yes, () => this.ternary());
    return { n: yes ? a.n : b.n };
  }

  private branch(taken: boolean, parse: () => Value): Value {
    if (!taken) this.skip++;
    const value = parse();
    if (!taken) this.skip--;
    return value;
  }

  private binary(level: number): Value {
    const operators = LEVELS[level];
    if (!operators) return this.power();
    let left = this.binary(level + 1);
    while (operators.includes(this.token)) {
      const op = this.token;
      this.next();
      if (op === '&&' || op === '||') {
        const needed = (op === '&&') === (left.n !== 0n);
        const right = this.branch(needed, () => this.binary(level + 1));
        left = { n: (needed ? right.n !== 0n : op === '||') ? 1n : 0n };
      } else left = { n: this.apply(op, left.n, this.binary(level + 1).n) };
    }
    return left;
  }

  private power(): Value {
    const base = this.unary();
    if (this.token !== '**') return base;
    this.next();
    const exponent = this.power().n;
    if (exponent < 0n) this.fail('exponent less than 0');
    let n = 1n;
    let square = base.n;
    for (let e = exponent; e > 0n; e >>= 1n) {
      if (e & 1n) n = wrap(n * square);
      square = wrap(square * square);
    }
    return { n };
  }

  private unary(): Value {
    const op = this.token;
    if (++this.nesting > 200) this.fail('expression recursion level exceeded');
    try {
      if (op === '-' || op === '+' || op === '!' || op === '~') {
        this.next();
        const { n } = this.unary();
        return { n: wrap(op === '-' ? -n : op === '!' ? (n === 0n ? 1n : 0n) : op === '~' ? ~n : n) };
      }
      if (op === '++' || op === '--') {
        this.next();
        const target = this.unary();
        if (target.name === undefined) return target;
        const n = wrap(op === '++' ? target.n + 1n : target.n - 1n);
        this.store(target, n);
        return { n };
      }
      return this.primary();
    } finally {
      this.nesting--;
    }
  }

  private primary(): Value {
    const token = this.token;
    if (token === '(') {
      this.next();
      const value = this.comma();
      if (this.token !== ')') this.fail("missing `)'");
      this.next();
      return { n: value.n };
    }
    if (/^\d/.test(token)) {
      const n = this.number(token);
      this.next();
      return { n };
    }
    if (!/^[A-Za-z_]/.test(token))
      this.fail('syntax error: operand expected', token === '' ? this.prevAt : this.tokenAt);
    const name = token.replace('[', '');
    const index = token.endsWith('[') ? this.subscript() : null;
    const value: Value = { n: this.lookup(name, index), name, index };
    this.next();
    if (this.token === '++' || this.token === '--') {
      const n = wrap(this.token === '++' ? value.n + 1n : value.n - 1n);
      this.store(value, n);
      this.next();
      return { n: value.n };
    }
    return value;
  }

  private subscript(): string {
    let depth = 1;
    const start = this.at;
    while (this.at < this.text.length && depth > 0) {
      const c = this.text[this.at++];
      if (c === '[') depth++;
      else if (c === ']') depth--;
    }
    if (depth > 0) this.fail('bad array subscript');
    return this.text.slice(start, this.at - 1);
  }

  private lookup(name: string, index: string | null): bigint {
    if (this.skip > 0) return 0n;
    const text = this.scope.get(name, index);
    if (text === null || text.trim() === '') return 0n;
    return /^\s*-?[1-9]\d{0,17}\s*$/.test(text) ? BigInt(text.trim()) : evaluate(text, this.scope, this.depth + 1);
  }

  private number(token: string): bigint {
    const based = /^(\d+)#(.+)$/.exec(token);
    if (based) {
      const base = Number(based[1]);
      if (base < 2 || base > 64) this.fail('invalid arithmetic base');
      return this.digits(based[2] as string, base);
    }
    if (/^0[xX]/.test(token)) return this.digits(token.slice(2), 16);
    if (/^0./.test(token)) return this.digits(token.slice(1), 8);
    return this.digits(token, 10);
  }

  private digits(text: string, base: number): bigint {
    const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_';
    let n = 0n;
    for (const c of base <= 36 ? text.toLowerCase() : text) {
      const digit = alphabet.indexOf(c);
      if (digit < 0 || digit >= base)
        this.fail(digit >= 10 && base === 10 ? 'value too great for base' : 'value too great for base');
      n = wrap(n * BigInt(base) + BigInt(digit));
    }
    return n;
  }

  private apply(op: string, a: bigint, b: bigint): bigint {
    switch (op) {
      case '+':
        return wrap(a + b);
      case '-':
        return wrap(a - b);
      case '*':
        return wrap(a * b);
      case '/':
      case '%':
        if (b === 0n) {
          if (this.skip > 0) return 0n;
          this.fail('division by 0', this.prevAt);
        }
        return wrap(op === '/' ? a / b : a % b);
      case '<<':
        return wrap(a << (b & 63n));
      case '>>':
        return wrap(a >> (b & 63n));
      case '&':
        return a & b;
      case '|':
        return a | b;
      case '^':
        return a ^ b;
      case '==':
        return a === b ? 1n : 0n;
      case '!=':
        return a !== b ? 1n : 0n;
      case '<':
        return a < b ? 1n : 0n;
      case '>':
        return a > b ? 1n : 0n;
      case '<=':
        return a <= b ? 1n : 0n;
      default:
        return a >= b ? 1n : 0n;
    }
  }
}

const wrap = (n: bigint): bigint => BigInt.asIntN(64, n);
