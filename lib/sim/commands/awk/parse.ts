/** awk's grammar (POSIX), by recursive descent. */
import type { AwkProgram, Expr, Rule, Stmt } from './ast.ts';
import { AwkSyntaxError, type Token, tokenize } from './lex.ts';

const MAX_DEPTH = 300;
const ASSIGN = new Set(['=', '+=', '-=', '*=', '/=', '%=', '^=']);
const COMPARE = new Set(['<', '<=', '==', '!=', '>', '>=']);

/** What awk features have no model: thrown by the parser, told by the program. */
export class AwkNotModelled extends Error {}

export function parseAwk(source: string): AwkProgram {
  return new Parser(tokenize(source)).program();
}

class Parser {
  private at = 0;
  private depth = 0;
  /** > 0 in a print list outside parentheses: `>` redirects there. */
  private noGreater = 0;
  private noIn = 0;
  private usesGetline = false;

  constructor(private readonly tokens: Token[]) {}

  program(): AwkProgram {
    const program: AwkProgram = { rules: [], functions: new Map(), getline: false };
    this.skipTerminators();
    while (this.token.kind !== 'end') {
      if (this.is('function')) this.functionDefinition(program);
      else program.rules.push(this.rule());
      this.skipTerminators();
    }
    program.getline = this.usesGetline;
    return program;
  }

  private get token(): Token {
    return this.tokens[this.at] as Token;
  }

  private is(text: string): boolean {
    const { kind, text: own } = this.token;
    return own === text && (kind === 'op' || kind === 'keyword');
  }

  private take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  private expect(text: string): void {
    if (!this.take(text)) this.fail();
  }

  private fail(): never {
    const { kind, text, line } = this.token;
    throw new AwkSyntaxError(kind === 'end' ? 'end of file' : kind === 'newline' ? 'end of line' : text, line);
  }

  private skipNewlines(): void {
    while (this.token.kind === 'newline') this.at++;
  }

  private skipTerminators(): void {
    while (this.token.kind === 'newline' || this.is(';')) this.at++;
  }

  private name(): string {
    const { kind, text } = this.token;
    if (kind !== 'name' && kind !== 'func') this.fail();
    this.at++;
    return text;
  }

  private functionDefinition(program: AwkProgram): void {
    this.at++;
    const name = this.name();
    this.expect('(');
    const params: string[] = [];
    while (!this.is(')')) {
      params.push(this.name());
      if (!this.take(',')) break;
      this.skipNewlines();
    }
    this.expect(')');
    this.skipNewlines();
    program.functions.set(name, { params, body: this.block() });
  }

  private rule(): Rule {
    if (this.is('BEGIN') || this.is('END')) {
      const kind = this.token.text as 'BEGIN' | 'END';
      this.at++;
      if (!this.is('{')) this.fail();
      return { kind, pattern: null, until: null, body: this.block() };
    }
    const rule: Rule = { kind: 'main', pattern: null, until: null, body: null };
    if (!this.is('{')) {
      rule.pattern = this.expr();
      if (this.take(',')) {
        this.skipNewlines();
        rule.until = this.expr();
      }
    }
    if (this.is('{')) rule.body = this.block();
    return rule;
  }

  private block(): Stmt {
    this.expect('{');
    const body: Stmt[] = [];
    this.skipTerminators();
    while (!this.is('}')) {
      if (this.token.kind === 'end') throw new AwkSyntaxError('', this.token.line, 'missing } near end of file');
      body.push(this.statement());
      this.skipTerminators();
    }
    this.at++;
    return { t: 'block', body };
  }

  private statement(): Stmt {
    if (++this.depth > MAX_DEPTH) this.fail();
    try {
      return this.statementInner();
    } finally {
      this.depth--;
    }
  }

  private body(): Stmt {
    this.skipNewlines();
    if (this.take(';')) return { t: 'block', body: [] };
    return this.statement();
  }

  private endSimple(): void {
    if (this.take(';') || this.is('}')) return;
    if (this.token.kind === 'newline') this.at++;
    else if (this.token.kind !== 'end') this.fail();
  }

  private statementInner(): Stmt {
    if (this.is('{')) return this.block();
    if (this.take('if')) {
      const test = this.parenthesised();
      const yes = this.body();
      const mark = this.at;
      this.skipTerminators();
      if (this.take('else')) return { t: 'if', test, yes, no: this.body() };
      this.at = mark;
      return { t: 'if', test, yes, no: null };
    }
    if (this.take('while')) return { t: 'while', test: this.parenthesised(), body: this.body() };
    if (this.take('do')) {
      const body = this.body();
      this.skipTerminators();
      this.expect('while');
      const test = this.parenthesised();
      this.endSimple();
      return { t: 'do', test, body };
    }
    if (this.take('for')) return this.forStatement();
    const simple = this.simple();
    this.endSimple();
    return simple;
  }

  private parenthesised(): Expr {
    this.expect('(');
    const e = this.expr();
    this.expect(')');
    return e;
  }

  private forStatement(): Stmt {
    this.expect('(');
    const [name, inWord, array, close] = this.tokens.slice(this.at, this.at + 4);
    if (
      name?.kind === 'name' &&
      inWord?.text === 'in' &&
      inWord.kind === 'keyword' &&
      array?.kind === 'name' &&
      close?.text === ')'
    ) {
      this.at += 4;
      return { t: 'forin', name: name.text, array: array.text, body: this.body() };
    }
    const init = this.is(';') ? null : this.simple();
    this.expect(';');
    this.skipNewlines();
    const test = this.is(';') ? null : this.expr();
    this.expect(';');
    this.skipNewlines();
    const step = this.is(')') ? null : this.simple();
    this.expect(')');
    return { t: 'for', init, test, step, body: this.body() };
  }

  private simple(): Stmt {
    for (const word of ['next', 'nextfile', 'break', 'continue'] as const) if (this.take(word)) return { t: word };
    for (const word of ['exit', 'return'] as const) {
      if (this.take(word)) return { t: word, value: this.atEnd() ? null : this.expr() };
    }
    if (this.take('delete')) {
      const name = this.name();
      if (!this.take('[')) return { t: 'delete', name, keys: null };
      const keys = this.list(']');
      this.expect(']');
      return { t: 'delete', name, keys };
    }
    if (this.is('print') || this.is('printf')) return this.print();
    return { t: 'expr', e: this.expr() };
  }

  private atEnd(): boolean {
    return this.token.kind === 'newline' || this.token.kind === 'end' || this.is(';') || this.is('}');
  }

  private print(): Stmt {
    const t = this.token.text as 'print' | 'printf';
    this.at++;
    let args: Expr[] = [];
    this.noGreater++;
    const mark = this.at;
    if (this.take('(')) {
      // `print (a, b) > f`: a list in parentheses, unless an operator goes on after it.
      const saved = this.noGreater;
      this.noGreater = 0;
      args = this.list(')');
      this.noGreater = saved;
      this.expect(')');
      if (!this.atEnd() && !this.is('>') && !this.is('>>') && !this.is('|')) {
        this.at = mark;
        args = this.list('');
      }
    } else if (!this.atEnd() && !this.is('>') && !this.is('>>') && !this.is('|')) args = this.list('');
    this.noGreater--;
    if (this.is('|')) throw new AwkNotModelled(`${t} | "command"`);
    const append = this.is('>>');
    if (!append && !this.is('>')) return { t, args, to: null };
    this.at++;
    return { t, args, to: { append, file: this.concat() } };
  }

  private list(close: string): Expr[] {
    const out: Expr[] = [];
    this.skipNewlines();
    if (close !== '' && this.is(close)) return out;
    do {
      this.skipNewlines();
      out.push(this.expr());
    } while (this.take(','));
    this.skipNewlines2(close);
    return out;
  }

  private skipNewlines2(close: string): void {
    if (close !== '') this.skipNewlines();
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

  private ternary(): Expr {
    const test = this.or();
    if (!this.take('?')) return test;
    this.skipNewlines();
    const yes = this.expr();
    this.skipNewlines();
    this.expect(':');
    this.skipNewlines();
    return { t: 'cond', test, yes, no: this.expr() };
  }

  private or(): Expr {
    let a = this.and();
    while (this.take('||')) {
      this.skipNewlines();
      a = { t: 'or', a, b: this.and() };
    }
    return a;
  }

  private and(): Expr {
    let a = this.membership();
    while (this.take('&&')) {
      this.skipNewlines();
      a = { t: 'and', a, b: this.membership() };
    }
    return a;
  }

  private membership(): Expr {
    let a = this.matching();
    while (this.noIn === 0 && this.take('in')) a = { t: 'in', keys: [a], name: this.name() };
    return a;
  }

  private matching(): Expr {
    let a = this.comparison();
    while (this.is('~') || this.is('!~')) {
      const negated = this.token.text === '!~';
      this.at++;
      a = { t: 'match', negated, a, b: this.comparison() };
    }
    return a;
  }

  private comparison(): Expr {
    const a = this.concat();
    const { kind, text } = this.token;
    if (kind !== 'op' || !COMPARE.has(text) || (text === '>' && this.noGreater > 0)) return a;
    this.at++;
    return { t: 'binary', op: text, a, b: this.concat() };
  }

  private concat(): Expr {
    let a = this.additive();
    while (this.startsOperand()) a = { t: 'binary', op: ' ', a, b: this.additive() };
    if (this.is('|') && this.tokens[this.at + 1]?.text === 'getline') throw new AwkNotModelled('"command" | getline');
    return a;
  }

  private startsOperand(): boolean {
    const { kind, text } = this.token;
    if (kind === 'op')
      return (
        text === '$' || text === '!' || text === '(' || text === '-' || text === '+' || text === '++' || text === '--'
      );
    return ['number', 'string', 'regex', 'name', 'func', 'builtin'].includes(kind);
  }

  private additive(): Expr {
    let a = this.multiplicative();
    while (this.is('+') || this.is('-')) {
      const op = this.token.text;
      this.at++;
      a = { t: 'binary', op, a, b: this.multiplicative() };
    }
    return a;
  }

  private multiplicative(): Expr {
    let a = this.unary();
    while (this.is('*') || this.is('/') || this.is('%')) {
      const op = this.token.text;
      this.at++;
      a = { t: 'binary', op, a, b: this.unary() };
    }
    return a;
  }

  private unary(): Expr {
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

  private power(): Expr {
    const base = this.postfix();
    if (!this.take('^')) return base;
    return {
      t: 'binary',
      op: '^',
      a: base,
      b: this.is('-') || this.is('!') || this.is('+') ? this.unary() : this.power(),
    };
  }

  private postfix(): Expr {
    const e = this.primary();
    if (!isTarget(e) || !(this.is('++') || this.is('--'))) return e;
    const by = this.token.text === '++' ? 1 : -1;
    this.at++;
    return { t: 'step', prefix: false, by, target: e };
  }

  private primary(): Expr {
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

  private subscripts(): Expr[] {
    const saved = this.noGreater;
    this.noGreater = 0;
    const keys = this.list(']');
    this.noGreater = saved;
    this.expect(']');
    return keys;
  }

  private builtinCall(name: string): Expr {
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

  private grouping(): Expr {
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

  private getline(): Expr {
    this.usesGetline = true;
    const target = this.token.kind === 'name' || this.is('$') ? this.primary() : null;
    const file = this.take('<') ? this.primary() : null;
    return { t: 'getline', target, file };
  }
}

const isTarget = (e: Expr): boolean => e.t === 'var' || e.t === 'index' || e.t === 'field';
