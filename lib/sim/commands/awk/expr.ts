/** awk's expressions, by recursive descent. */
import type { Expr } from './ast.ts';
import { AwkSyntaxError, type Token } from './lex.ts';

export const MAX_DEPTH = 300;
const ASSIGN = new Set(['=', '+=', '-=', '*=', '/=', '%=', '^=']);
const COMPARE = new Set(['<', '<=', '==', '!=', '>', '>=']);

/** What awk features have no model: thrown by the parser, told by the program. */
export class AwkNotModelled extends Error {}

/** Parses expressions; statements are its child's. */
export class ExpressionParser {
  protected at = 0;
  protected depth = 0;
  /** > 0 in a print list outside parentheses: `>` redirects there. */
  protected noGreater = 0;
  protected noIn = 0;
  protected usesGetline = false;

  constructor(protected readonly tokens: Token[]) {}

  protected get token(): Token {
    return this.tokens[this.at] as Token;
  }

  protected is(text: string): boolean {
    const { kind, text: own } = this.token;
    return own === text && (kind === 'op' || kind === 'keyword');
  }

  protected take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  protected expect(text: string): void {
    if (!this.take(text)) this.fail();
  }

  protected fail(): never {
    const { kind, text, line } = this.token;
    throw new AwkSyntaxError(kind === 'end' ? 'end of file' : kind === 'newline' ? 'end of line' : text, line);
  }

  protected skipNewlines(): void {
    while (this.token.kind === 'newline') this.at++;
  }

  protected skipTerminators(): void {
    while (this.token.kind === 'newline' || this.is(';')) this.at++;
  }

  protected name(): string {
    const { kind, text } = this.token;
    if (kind !== 'name' && kind !== 'func') this.fail();
    this.at++;
    return text;
  }

  protected list(close: string): Expr[] {
    const out: Expr[] = [];
    this.skipNewlines();
    if (close !== '' && this.is(close)) return out;
    do {
      this.skipNewlines();
      out.push(this.expr());
    } while (this.take(','));
    if (close !== '') this.skipNewlines();
    return out;
  }

  expr(): Expr {
    if (++this.depth > MAX_DEPTH) this.fail();
    try {
      const left = this.ternary();
      if (this.token.kind !== 'op' || !ASSIGN.has(this.token.text) || !isTarget(left)) return left;
      const op = this.token.text.slice(0, -1);
      this.at++;
      this.skipNewlines();
      return { t: 'assign', op, target: left, value: this.expr() };
    } finally {
      this.depth--;
    }
  }

  protected ternary(): Expr {
    const test = this.or();
    if (!this.take('?')) return test;
    this.skipNewlines();
    const yes = this.expr();
    this.skipNewlines();
    this.expect(':');
    this.skipNewlines();
    return { t: 'cond', test, yes, no: this.expr() };
  }

  protected or(): Expr {
    let a = this.and();
    while (this.take('||')) {
      this.skipNewlines();
      a = { t: 'or', a, b: this.and() };
    }
    return a;
  }

  protected and(): Expr {
    let a = this.membership();
    while (this.take('&&')) {
      this.skipNewlines();
      a = { t: 'and', a, b: this.membership() };
    }
    return a;
  }

  protected membership(): Expr {
    let a = this.matching();
    while (this.noIn === 0 && this.take('in')) a = { t: 'in', keys: [a], name: this.name() };
    return a;
  }

  protected matching(): Expr {
    let a = this.comparison();
    while (this.is('~') || this.is('!~')) {
      const negated = this.token.text === '!~';
      this.at++;
      a = { t: 'match', negated, a, b: this.comparison() };
    }
    return a;
  }

  protected comparison(): Expr {
    const a = this.concat();
    const { kind, text } = this.token;
    if (kind !== 'op' || !COMPARE.has(text) || (text === '>' && this.noGreater > 0)) return a;
    this.at++;
    return { t: 'binary', op: text, a, b: this.concat() };
  }

  protected concat(): Expr {
    let a = this.additive();
    while (this.startsOperand()) a = { t: 'binary', op: ' ', a, b: this.additive() };
    if (this.is('|') && this.tokens[this.at + 1]?.text === 'getline') throw new AwkNotModelled('"command" | getline');
    return a;
  }

  protected startsOperand(): boolean {
    const { kind, text } = this.token;
    if (kind === 'op')
      return (
        text === '$' || text === '!' || text === '(' || text === '-' || text === '+' || text === '++' || text === '--'
      );
    return ['number', 'string', 'regex', 'name', 'func', 'builtin'].includes(kind);
  }

  protected additive(): Expr {
    let a = this.multiplicative();
    while (this.is('+') || this.is('-')) {
      const op = this.token.text;
      this.at++;
      a = { t: 'binary', op, a, b: this.multiplicative() };
    }
    return a;
  }

  protected multiplicative(): Expr {
    let a = this.unary();
    while (this.is('*') || this.is('/') || this.is('%')) {
      const op = this.token.text;
      this.at++;
      a = { t: 'binary', op, a, b: this.unary() };
    }
    return a;
  }

  protected unary(): Expr {
    if (++this.depth > MAX_DEPTH) this.fail();
    try {
      if (this.is('!') || this.is('-') || this.is('+')) {
        const op = this.token.text;
        this.at++;
        return { t: 'unary', op, e: this.unary() };
      }
      return this.power();
    } finally {
      this.depth--;
    }
  }

  protected power(): Expr {
    const base = this.postfix();
    if (!this.take('^')) return base;
    return {
      t: 'binary',
      op: '^',
      a: base,
      b: this.is('-') || this.is('!') || this.is('+') ? this.unary() : this.power(),
    };
  }

  protected postfix(): Expr {
    const e = this.primary();
    if (!isTarget(e) || !(this.is('++') || this.is('--'))) return e;
    const by = this.token.text === '++' ? 1 : -1;
    this.at++;
    return { t: 'step', prefix: false, by, target: e };
  }

  protected primary(): Expr {
    const { kind, text } = this.token;
    this.at++;
    switch (kind) {
      case 'number':
        return { t: 'num', value: Number(text) };
      case 'string':
        return { t: 'str', value: text };
      case 'regex':
        return { t: 'regex', source: text };
      case 'builtin':
        return this.builtinCall(text);
      case 'func': {
        this.expect('(');
        const saved = this.noGreater;
        this.noGreater = 0;
        const args = this.list(')');
        this.noGreater = saved;
        this.expect(')');
        return { t: 'call', name: text, args };
      }
      case 'name':
        if (!this.take('[')) return { t: 'var', name: text };
        return { t: 'index', name: text, keys: this.subscripts() };
      case 'op':
        if (text === '$')
          return {
            t: 'field',
            index: this.is('++') || this.is('--') ? this.primary() : this.is('-') ? this.unary() : this.primary(),
          };
        if (text === '++' || text === '--')
          return { t: 'step', prefix: true, by: text === '++' ? 1 : -1, target: this.primary() };
        if (text === '(') return this.grouping();
        break;
      case 'keyword':
        if (text === 'getline') return this.getline();
    }
    this.at--;
    return this.fail();
  }

  protected subscripts(): Expr[] {
    const saved = this.noGreater;
    this.noGreater = 0;
    const keys = this.list(']');
    this.noGreater = saved;
    this.expect(']');
    return keys;
  }

  protected builtinCall(name: string): Expr {
    if (!this.take('(')) {
      if (name !== 'length') this.fail();
      return { t: 'builtin', name, args: [] };
    }
    const saved = this.noGreater;
    this.noGreater = 0;
    const args = this.list(')');
    this.noGreater = saved;
    this.expect(')');
    return { t: 'builtin', name, args };
  }

  protected grouping(): Expr {
    const saved = this.noGreater;
    this.noGreater = 0;
    const items = this.list(')');
    this.noGreater = saved;
    this.expect(')');
    if (items.length > 1) {
      this.expect('in');
      return { t: 'in', keys: items, name: this.name() };
    }
    return { t: 'group', e: items[0] ?? this.fail() };
  }

  protected getline(): Expr {
    this.usesGetline = true;
    const target = this.token.kind === 'name' || this.is('$') ? this.primary() : null;
    const file = this.take('<') ? this.primary() : null;
    return { t: 'getline', target, file };
  }
}

const isTarget = (e: Expr): boolean => e.t === 'var' || e.t === 'index' || e.t === 'field';
